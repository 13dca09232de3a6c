// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/reader.h"

#include <utility>

#include <google/protobuf/stubs/logging.h>

#include "sim/core/error.h"
#include "traces/io/wire.h"

namespace trace {
namespace {

std::string good(std::uint64_t records) {
  if (records == 0) return "; no record before it is good";
  return "; the last good record is " + std::to_string(records - 1);
}

}  // namespace

std::string to_string(const Position& position) {
  return "record " + std::to_string(position.record) + " (frame at byte " + std::to_string(position.frame) +
         ", " + std::to_string(position.in_frame) + " bytes into its content)";
}

Reader::Reader(const std::filesystem::path& file) : Reader(open_file(file), file.string()) {}

Reader::Reader(std::unique_ptr<ByteSource> source, std::string name) : name_(std::move(name)) {
  try {
    frames_ = std::make_unique<FrameReader>(std::move(source));
  } catch (const Damage& e) {
    throw sim::Error(sim::Exit::input, name_ + ": " + e.what());
  }
  if (!take()) damaged("the file holds no record");
  if (kind_ != Kind::header) refuse("the first record must be the header and is a " + kind_name(kind_));
  parse(record_);
  header_ = std::move(*record_.mutable_header());
}

void Reader::refuse(const std::string& what) const {
  throw sim::Error(sim::Exit::input, name_ + ": " + to_string(position_) + ": " + what);
}

// A place in the file where no record can be taken from any more.
void Reader::damaged(const std::string& what) const {
  throw sim::Error(sim::Exit::input,
                   name_ + ": byte " + std::to_string(frames_->offset()) + ": " + what + good(records_));
}

bool Reader::next_frame() {
  try {
    if (!frames_->next()) return false;
  } catch (const Damage& e) {
    damaged(e.what());
  }
  content_ = frames_->content();
  at_ = 0;
  return true;
}

// Cuts out the next record of a known kind, and hashes it unless it is a footer.
bool Reader::take() {
  for (;;) {
    if (at_ == content_.size() && !next_frame()) return false;
    position_ = {records_, frames_->offset(), at_};
    const std::size_t begin = at_;
    std::uint64_t size = 0;
    if (!read_varint(content_, at_, size))
      refuse("its length does not end within the frame" + good(records_));
    if (size > content_.size() - at_) {
      refuse("its length of " + std::to_string(size) + " bytes reaches beyond its frame, which has " +
             std::to_string(content_.size() - at_) + " left" + good(records_));
    }
    bytes_ = content_.substr(at_, static_cast<std::size_t>(size));
    at_ += bytes_.size();
    framed_ = content_.substr(begin, at_ - begin);
    const RecordScan scan = scan_record(bytes_);
    if (scan.problem != nullptr) refuse(std::string("it cannot be read: ") + scan.problem + good(records_));
    parsed_ = false;
    ++records_;
    record_bytes_ += framed_.size();
    ++counts_[scan.known ? scan.kind : 0];
    if (!trusted_ && (!scan.known || static_cast<Kind>(scan.kind) != Kind::footer)) hash_.update(framed_);
    if (scan.known) {
      kind_ = static_cast<Kind>(scan.kind);
      return true;
    }
    ++skipped_;
  }
}

void Reader::parse(Record& to) const {
  const google::protobuf::LogSilencer quiet;  // it would print what is thrown here
  if (!to.ParseFromArray(bytes_.data(), static_cast<int>(bytes_.size()))) {
    refuse("it is no valid " + kind_name(kind_) + " message" + good(position_.record));
  }
}

const Record& Reader::record() {
  if (!parsed_) parse(record_);
  parsed_ = true;
  return record_;
}

bool Reader::next() {
  if (footer_) return false;
  if (!take()) {
    damaged("the file ends without a footer: its writer was stopped, or the end of the file is lost");
  }
  if (kind_ == Kind::header) refuse("a second header" + good(position_.record));
  if (kind_ != Kind::footer) return true;
  parse(record_);
  end(record_.footer());
  return false;
}

void Reader::end(const Footer& footer) {
  if (!trusted_) {
    digest_ = hash_.finish();
    if (footer.digest() != digest_) {
      refuse("the digest in the footer is " + hex(footer.digest()) + ", that of the records is " +
             hex(digest_) + ": records were changed or lost");
    }
    digest_ = hex(digest_);
  }
  if (at_ != content_.size()) refuse("there are bytes behind the footer");
  if (next_frame()) damaged("there is a frame behind the footer");
  footer_ = footer;
}

}  // namespace trace
