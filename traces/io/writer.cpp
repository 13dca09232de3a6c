// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/writer.h"

#include <new>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <zstd.h>

#include "sim/core/error.h"
#include "traces/io/wire.h"

namespace trace {
namespace {

constexpr std::size_t kVarintMost = 10;

}  // namespace

Writer::Writer(const std::filesystem::path& file, const Header& header, const WriterOptions& options)
    : file_(file), options_(options), context_(ZSTD_createCCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  try {
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, options_.level);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_contentSizeFlag, 1);
    file_.append({reinterpret_cast<const char*>(kMagic.data()), kMagic.size()});
    Record record;
    *record.mutable_header() = header;
    put(record);
    // At once, so that the file can be read from the first moment on.
    flush();
  } catch (...) {
    ZSTD_freeCCtx(context_);
    throw;
  }
}

Writer::~Writer() {
  try {
    if (!finished_ && !failed_) finish(false);
  } catch (...) {
    // Nobody is left to tell; the file can be read up to its last whole frame.
  }
  ZSTD_freeCCtx(context_);
}

void Writer::require_open() const {
  if (failed_) {
    throw sim::Error(sim::Exit::input, "cannot write " + file_.name() + ": an earlier write failed");
  }
  if (finished_) throw sim::Error(sim::Exit::internal, file_.name() + " is finished already");
}

// Makes room for a record and writes its length; returns where the record begins.
std::size_t Writer::begin_record(std::size_t message_bytes) {
  require_open();
  const std::size_t most = message_bytes + kVarintMost;
  if (most > kMaxFrameBytes) {
    throw sim::Error(sim::Exit::input,
                     "cannot write " + file_.name() + ": record " + std::to_string(records_) + " has " +
                         std::to_string(message_bytes) + " bytes, the most is " +
                         std::to_string(kMaxFrameBytes - kVarintMost) + "; split it (a Tensor by its rows)");
  }
  if (frame_.size() + most > kMaxFrameBytes) flush();
  const std::size_t begin = frame_.size();
  char length[kVarintMost];
  frame_.append(
      std::string_view(length, static_cast<std::size_t>(write_varint(length, message_bytes) - length)));
  return begin;
}

void Writer::end_record(std::size_t begin, unsigned kind) {
  ++records_;
  ++counts_[kind];
  record_bytes_ += frame_.size() - begin;
  if (frame_.size() >= options_.frame_bytes) flush();
}

void Writer::put(const Record& record) {
  const std::size_t size = record.ByteSizeLong();
  const std::size_t begin = begin_record(size);
  char* const to = frame_.add(size);
  if (record.has_footer()) {
    // Deterministic: it has a map, whose order would else depend on the library.
    google::protobuf::io::ArrayOutputStream array(to, static_cast<int>(size));
    google::protobuf::io::CodedOutputStream stream(&array);
    stream.SetSerializationDeterministic(true);
    record.SerializeWithCachedSizes(&stream);
  } else {
    record.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(to));
  }
  end_record(begin, static_cast<unsigned>(record.kind_case()));
}

void Writer::write(const Record& record) {
  const auto kind = record.kind_case();
  if (kind == Record::KIND_NOT_SET || kind == Record::kHeader || kind == Record::kFooter) {
    throw sim::Error(sim::Exit::internal, file_.name() +
                                              ": the writer itself writes header and footer, and a "
                                              "record must be of some kind");
  }
  put(record);
}

void Writer::write_bytes(std::string_view message) {
  const RecordScan scan = scan_record(message);
  const auto kind = static_cast<Kind>(scan.kind);
  if (scan.problem != nullptr || kind == Kind::header || kind == Kind::footer) {
    throw sim::Error(sim::Exit::internal, file_.name() + ": these bytes are no record that could be written");
  }
  const std::size_t begin = begin_record(message.size());
  frame_.append(message);
  end_record(begin, scan.kind);
}

void Writer::write_pieces(Kind kind, const std::vector<std::string_view>& pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  std::string head;
  append_bytes_field(head, static_cast<unsigned>(kind), size);
  const std::size_t begin = begin_record(head.size() + size);
  frame_.append(head);
  for (const std::string_view piece : pieces) frame_.append(piece);
  end_record(begin, static_cast<unsigned>(kind));
}

// Many records at once: most are small.
void Writer::hash_frame() {
  hash_.update(frame_.bytes().substr(hashed_));
  hashed_ = frame_.size();
}

void Writer::flush() {
  require_open();
  if (frame_.size() == 0) return;
  if (!footer_) hash_frame();
  const std::string_view bytes = frame_.bytes();
  const std::size_t bound = ZSTD_compressBound(bytes.size());
  packed_.clear();
  const std::size_t size = ZSTD_compress2(context_, packed_.add(bound), bound, bytes.data(), bytes.size());
  if (ZSTD_isError(size)) {
    throw sim::Error(sim::Exit::internal, std::string("zstd cannot compress: ") + ZSTD_getErrorName(size));
  }
  failed_ = true;
  file_.append(packed_.bytes().substr(0, size));
  failed_ = false;
  frame_.clear();
  hashed_ = 0;
}

void Writer::finish(bool complete) {
  require_open();
  hash_frame();
  footer_ = true;
  const std::string digest = hash_.finish();
  Record record;
  Footer& footer = *record.mutable_footer();
  for (const auto& [kind, count] : counts_) (*footer.mutable_counts())[kind] = count;
  (*footer.mutable_counts())[static_cast<unsigned>(Kind::footer)] = 1;
  footer.set_digest(digest);
  footer.set_complete(complete);
  footer.set_tokens(counts_[static_cast<unsigned>(Kind::token)]);
  put(record);
  flush();
  failed_ = true;
  file_.close();
  failed_ = false;
  finished_ = true;
  digest_ = hex(digest);
}

}  // namespace trace
