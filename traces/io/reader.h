// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "traces/io/format.h"
#include "traces/io/frame_reader.h"
#include "traces/io/records.h"
#include "traces/io/sha256.h"

namespace trace {

/// Where a record lies. Records are counted from 0, the header, over all kinds.
struct Position {
  std::uint64_t record = 0;
  std::uint64_t frame = 0;     ///< first byte of its zstd frame in the file
  std::uint64_t in_frame = 0;  ///< of its length, in the content of the frame
};

/// "record 17 (frame at byte 8192, 320 bytes into its content)".
std::string to_string(const Position& position);

/// Reads a trace record by record. Memory stays bounded whatever the file holds (format.h).
///
/// @code
///   trace::Reader reader("decode.tct");              // reads the header
///   while (reader.next()) {
///     if (reader.kind() != trace::Kind::token) continue;   // costs nothing: not parsed
///     use(reader.record().token());
///   }
///   reader.footer().complete();
/// @endcode
///
/// next() gives every record of a known kind but header and footer, which are at hand from the start and from
/// the end on. Records of kinds that this version does not know are skipped and counted. Everything that is
/// wrong with a file is a sim::Error(Exit::input) that names the file, the record and the byte; the records
/// given before are good. Whether records make sense beside each other is validate.h's question.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file);
  /// `name` stands for the file in messages.
  Reader(std::unique_ptr<ByteSource> source, std::string name);

  /// Another reader of this process has checked the digest: it is not worked out again, and digest() is
  /// empty. Before the first next().
  void trust() { trusted_ = true; }

  const Header& header() const { return header_; }

  /// Moves to the next record. False behind the last one, when the footer was read and the digest agrees.
  bool next();

  Kind kind() const { return kind_; }
  /// The current record, parsed at the first call. Valid until next().
  const Record& record();
  /// The current record as it is in the file, without its length. Valid until next().
  std::string_view bytes() const { return bytes_; }
  const Position& position() const { return position_; }
  /// Of the current record with its length, uncompressed.
  std::uint64_t framed_bytes() const { return framed_.size(); }

  /// After next() gave false.
  const Footer& footer() const { return *footer_; }
  bool at_end() const { return footer_.has_value(); }
  /// SHA-256 of all records before the footer, 64 hexadecimal digits; after next() gave false.
  const std::string& digest() const { return digest_; }

  /// Records of unknown kinds so far.
  std::uint64_t skipped() const { return skipped_; }
  /// Records so far by kind, header and footer included; [0] counts the unknown ones.
  const std::array<std::uint64_t, kKinds + 1>& counts() const { return counts_; }

  const std::string& name() const { return name_; }
  unsigned version() const { return frames_->version(); }
  std::uint64_t file_bytes_used() const { return frames_->used(); }
  /// 0 where not known.
  std::uint64_t file_bytes() const { return frames_->size(); }
  /// Length-delimited records so far, uncompressed.
  std::uint64_t record_bytes() const { return record_bytes_; }

  /// Throws the error of a record that makes no sense: "FILE: record ...: `what`".
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  bool next_frame();
  bool take();
  void parse(Record& to) const;
  void end(const Footer& footer);
  [[noreturn]] void damaged(const std::string& what) const;

  std::string name_;
  std::unique_ptr<FrameReader> frames_;
  std::string_view content_;
  std::size_t at_ = 0;
  std::uint64_t records_ = 0, skipped_ = 0, record_bytes_ = 0;
  std::array<std::uint64_t, kKinds + 1> counts_{};
  Position position_;
  Kind kind_ = Kind::header;
  std::string_view bytes_;
  std::string_view framed_;  // with its length
  Record record_;
  bool parsed_ = false;
  Header header_;
  std::optional<Footer> footer_;
  bool trusted_ = false;
  Sha256 hash_;
  std::string digest_;
};

}  // namespace trace
