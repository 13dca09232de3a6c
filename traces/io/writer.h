// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "traces/io/byte_buffer.h"
#include "traces/io/format.h"
#include "traces/io/output_file.h"
#include "traces/io/records.h"
#include "traces/io/sha256.h"

struct ZSTD_CCtx_s;

namespace trace {

struct WriterOptions {
  int level = 3;                          ///< of zstd: -5 fastest, 1 fast, 19 small
  std::size_t frame_bytes = kFrameBytes;  ///< a frame is written once it holds this much
};

/// Writes a trace record by record; holds one frame.
///
/// @code
///   trace::Writer writer("decode.tct", header);
///   trace::Record record;                       // reused: keeps its memory
///   *record.mutable_token() = token;
///   writer.write(record);
///   writer.finish();                            // without it the trace says that it is not complete
/// @endcode
///
/// At every moment the file can be read up to the last frame that was written. A writer that is destroyed
/// before finish() (an exception, a signal that the program handles) writes what it holds and a footer that
/// says complete = false. After a failed write the file ends behind the last whole frame, and every further
/// call throws again.
///
/// All errors are sim::Error(Exit::input), naming the file: it cannot be created, the disk is full, a record
/// is larger than kMaxFrameBytes or of no kind.
class Writer {
 public:
  Writer(const std::filesystem::path& file, const Header& header, const WriterOptions& options = {});
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Any record but header and footer.
  void write(const Record& record);
  /// One as it is in another trace (Reader::bytes()), without its length.
  void write_bytes(std::string_view message);
  /// One of `kind` whose message is `pieces`, one behind the other, as Protocol Buffers would write them: for
  /// long bytes fields (append_bytes_field() of wire.h), which need no copy in a message then.
  void write_pieces(Kind kind, const std::vector<std::string_view>& pieces);
  /// Writes what is held as a frame of its own, so that a program that is killed loses no more.
  void flush();
  /// Writes the footer and closes the file. complete = false: the run was stopped early.
  void finish(bool complete = true);

  std::uint64_t records() const { return records_; }
  /// Length-delimited records so far, uncompressed.
  std::uint64_t record_bytes() const { return record_bytes_; }
  /// In the file so far.
  std::uint64_t file_bytes() const { return file_.bytes(); }
  /// SHA-256 of all records before the footer, 64 hexadecimal digits; after finish().
  const std::string& digest() const { return digest_; }

 private:
  void put(const Record& record);
  std::size_t begin_record(std::size_t message_bytes);
  void end_record(std::size_t begin, unsigned kind);
  void hash_frame();
  void require_open() const;

  OutputFile file_;
  WriterOptions options_;
  ZSTD_CCtx_s* context_;
  ByteBuffer frame_, packed_;
  std::uint64_t records_ = 0, record_bytes_ = 0;
  std::map<unsigned, std::uint64_t> counts_;
  Sha256 hash_;             // of all before the footer
  std::size_t hashed_ = 0;  // bytes of frame_
  std::string digest_;
  bool failed_ = false, footer_ = false, finished_ = false;
};

}  // namespace trace
