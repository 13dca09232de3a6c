// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Damaged and hostile traces, the same ones every time. No input may crash, hang or take more memory than
// kMemoryMiB allows; every error names the file, a record or byte, and is of exit code 3.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zstd.h>

#include "sim/core/error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/trace_samples.h"
#include "traces/io/reader.h"
#include "traces/io/validate.h"
#include "traces/io/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using ::testing::HasSubstr;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLimits = false;  // its shadow memory is larger than any limit
#else
constexpr bool kLimits = true;
#endif
constexpr std::size_t kMemoryMiB = 512;

struct Outcome {
  std::string error;  // empty: read to its end
  std::string digest;
  std::uint64_t records = 0;
  std::uint64_t problems = 0;
  std::string first_problem;
};

Outcome outcome(const std::string& bytes) {
  Outcome result;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  try {
    trace::Reader reader(trace::from_memory(bytes), "input");
    const auto report = [&](const std::string& line) {
      if (result.first_problem.empty()) result.first_problem = line;
    };
    result.problems = trace::validate(reader, report, [&] { ++result.records; }).problems;
    result.digest = reader.digest();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::input);
    result.error = e.what();
    EXPECT_THAT(result.error, HasSubstr("input: "));
  }
  return result;
}

std::string frame(const std::string& content, int level = 3, bool checksum = true) {
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum ? 1 : 0);
  packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), content.data(), content.size()));
  ZSTD_freeCCtx(context);
  return packed;
}

std::string length(std::uint64_t value) {
  char text[10];
  return {text, trace::write_varint(text, value)};
}

std::string framed(const std::string& message) { return length(message.size()) + message; }

std::string field(unsigned number, const std::string& content) {
  return length(number << 3 | 2) + framed(content);
}

std::string magic() { return {reinterpret_cast<const char*>(trace::kMagic.data()), trace::kMagic.size()}; }

std::string header_record() {
  trace::Record record;
  *record.mutable_header() = test_support::sample_header();
  return framed(record.SerializeAsString());
}

/// A file whose header is good, with `content` in the second frame.
std::string with_frame(const std::string& content) {
  return magic() + frame(header_record()) + frame(content);
}

class TraceFuzz : public ::testing::Test {
 protected:
  void SetUp() override {
    const rlimit limit{kMemoryMiB << 20, kMemoryMiB << 20};
    if (kLimits) {
      ASSERT_EQ(::setrlimit(RLIMIT_AS, &limit), 0);
    }
    // Small frames, so that damage is met in every kind of place.
    test_support::TempFolder folder;
    test_support::write_sample(folder / "a.tct", {3, 1024});
    sample_ = test_support::read_bytes(folder / "a.tct");
  }
  std::string sample_;
};

TEST_F(TraceFuzz, the_sample_itself_is_good) {
  const Outcome o = outcome(sample_);
  EXPECT_EQ(o.error, "");
  EXPECT_EQ(o.first_problem, "");
  EXPECT_EQ(o.records, test_support::sample_records().size());
}

TEST_F(TraceFuzz, cut_off_at_every_byte) {
  std::uint64_t before = 0;
  for (std::size_t size = 0; size < sample_.size(); ++size) {
    const Outcome o = outcome(sample_.substr(0, size));
    EXPECT_NE(o.error, "") << size;
    EXPECT_GE(o.records, before) << size;  // more bytes never give fewer records
    before = o.records;
    if (o.records == 0) continue;
    EXPECT_THAT(o.error, HasSubstr("last good record is " + std::to_string(o.records)));
    EXPECT_THAT(o.error, HasSubstr("byte "));
  }
  EXPECT_GT(before, test_support::sample_records().size() / 2);  // all but the frame of the footer
}

// A flip is met, or changes nothing that counts.
TEST_F(TraceFuzz, every_bit_flipped) {
  const std::string digest = outcome(sample_).digest;
  unsigned harmless = 0;
  for (std::size_t bit = 0; bit < 8 * sample_.size(); ++bit) {
    std::string bytes = sample_;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    const Outcome o = outcome(bytes);
    if (!o.error.empty()) continue;
    ++harmless;
    EXPECT_EQ(o.digest, digest) << bit;
    EXPECT_EQ(o.problems, 0u) << bit;
  }
  EXPECT_LE(harmless, 8 * sample_.size() / 100);  // bits of the compression that mean nothing
}

TEST_F(TraceFuzz, every_byte_replaced_inside_intact_frames) {
  // The compression and its checksum would hide most damage from the records: here they are made anew.
  const std::string header = header_record();
  std::string records;
  for (const trace::Record& record : test_support::sample_records())
    records += framed(record.SerializeAsString());
  for (std::size_t at = 0; at < records.size(); ++at) {
    for (const char value : {'\x00', '\x7f', '\xff'}) {
      std::string bytes = records;
      bytes[at] = value;
      EXPECT_NE(outcome(magic() + frame(header, 1) + frame(bytes, 1)).error, "");  // there is no footer
    }
  }
}

TEST_F(TraceFuzz, pieces_exchanged) {
  std::mt19937 random(1);
  const std::string digest = outcome(sample_).digest;
  const auto below = [&](std::size_t bound) { return random() % bound; };
  for (unsigned round = 0; round < 2000; ++round) {
    std::string bytes = sample_;
    const std::size_t from = below(bytes.size()), size = below(64), to = below(bytes.size());
    if (round % 2 == 0) bytes.erase(from, size);
    bytes.insert(std::min(to, bytes.size()), sample_.substr(from, size));
    const Outcome o = outcome(bytes);
    if (o.error.empty()) {
      EXPECT_EQ(o.digest, digest);
    }
  }
}

TEST_F(TraceFuzz, frames_left_out_doubled_or_exchanged) {
  std::vector<std::string> frames;
  for (std::size_t at = 8; at < sample_.size();) {
    const std::size_t size = ZSTD_findFrameCompressedSize(sample_.data() + at, sample_.size() - at);
    frames.push_back(sample_.substr(at, size));
    at += size;
  }
  ASSERT_GE(frames.size(), 4u);
  const auto file = [](const std::vector<std::string>& list) {
    std::string bytes = magic();
    for (const std::string& each : list) bytes += each;
    return bytes;
  };
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto list = frames;
    list.erase(list.begin() + i);
    EXPECT_NE(outcome(file(list)).error, "") << i;
    list = frames;
    list.insert(list.begin() + i, frames[i]);
    EXPECT_NE(outcome(file(list)).error, "") << i;
    if (i == 0) continue;
    list = frames;
    std::swap(list[i - 1], list[i]);
    EXPECT_NE(outcome(file(list)).error, "") << i;
  }
}

TEST_F(TraceFuzz, first_bytes) {
  EXPECT_EQ(outcome("").error, "input: the file is empty");
  EXPECT_EQ(outcome("\x89TC").error, "input: the file ends within its first eight bytes");
  EXPECT_THAT(outcome("PK\x03\x04 something else").error, HasSubstr("this is no Tricycle trace"));
  std::string later = sample_;
  later[7] = 2;
  EXPECT_EQ(outcome(later).error, "input: the file is of version 2 of the format; this program reads 1");
  EXPECT_EQ(outcome(magic()).error, "input: byte 8: the file holds no record; no record before it is good");
  std::string text = sample_;  // as a transfer in text mode leaves it
  text.erase(4, 1);
  EXPECT_THAT(outcome(text).error,
              HasSubstr("this is no Tricycle trace: its first bytes are 895443540a1a01"));
}

TEST_F(TraceFuzz, hostile_lengths) {
  for (const std::uint64_t size : {std::uint64_t{1} << 20, std::uint64_t{1} << 31, std::uint64_t{1} << 32,
                                   std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    EXPECT_THAT(outcome(with_frame(length(size) + "xyz")).error,
                HasSubstr("record 1 (frame at byte " + std::to_string(8 + frame(header_record()).size()) +
                          ", 0 bytes into its content): its length of " + std::to_string(size) +
                          " bytes reaches beyond its frame"));
    // A length inside the record.
    EXPECT_THAT(outcome(with_frame(framed("\x32" + length(size) + "xyz"))).error,
                HasSubstr("a field is longer than its record"));
    EXPECT_THAT(outcome(with_frame(framed(field(6, "\x42" + length(size) + "xyz")))).error,
                HasSubstr("a field is longer than its record"));
  }
  EXPECT_THAT(outcome(with_frame(std::string(12, '\xff'))).error, HasSubstr("its length does not end"));
  EXPECT_THAT(outcome(with_frame(std::string(1, '\0'))).error, HasSubstr("it is empty"));
}

TEST_F(TraceFuzz, hostile_nesting) {
  const std::string groups = std::string(100000, '\x7b') + std::string(100000, '\x7c');  // of field 15
  EXPECT_THAT(outcome(with_frame(framed(field(6, groups)))).error,
              HasSubstr("its groups are nested too deeply"));
  EXPECT_THAT(outcome(with_frame(framed(groups))).error, HasSubstr("it is no record"));
  EXPECT_THAT(outcome(with_frame(framed(field(6, "\x7b")))).error, HasSubstr("a group does not end"));
  EXPECT_THAT(outcome(with_frame(framed(field(6, "\x7c")))).error,
              HasSubstr("a group ends that did not begin"));
  std::string nested = "x";
  for (unsigned i = 0; i < 10000; ++i) nested = field(5, nested);
  // Nested messages of a field that nobody knows are bytes.
  EXPECT_THAT(outcome(with_frame(framed(field(6, field(99, nested))))).error,
              HasSubstr("ends without a footer"));
}

TEST_F(TraceFuzz, records_that_would_need_much_more_memory_than_bytes) {
  const std::size_t most = trace::kMaxFrameBytes - 64;
  const auto repeat = [&](const std::string& piece) {
    std::string text;
    while (text.size() + piece.size() <= most) text += piece;
    return text;
  };
  EXPECT_THAT(outcome(with_frame(framed(field(4 + 1, repeat(field(8, "")))))).error,
              HasSubstr("too many fields"));
  EXPECT_THAT(outcome(with_frame(framed(field(11, repeat(field(12, "")))))).error,
              HasSubstr("too many fields"));
  EXPECT_THAT(outcome(with_frame(framed(field(11, field(12, repeat(std::string("\x78\x01"))))))).error,
              HasSubstr("too many fields"));
  EXPECT_THAT(outcome(with_frame(framed(field(6, repeat(std::string("\x7b\x7c")))))).error,
              HasSubstr("too many fields"));
  EXPECT_THAT(outcome(with_frame(framed(repeat(field(99, ""))))).error, HasSubstr("too many fields"));
  // Packed numbers of one byte each grow to four: allowed.
  EXPECT_THAT(outcome(with_frame(framed(field(11, field(11, repeat("\x01")))))).error,
              HasSubstr("ends without a footer"));
  EXPECT_THAT(outcome(with_frame(framed(field(11, field(10, repeat("\x01")))))).error,
              HasSubstr("ends without a footer"));
}

TEST_F(TraceFuzz, bombs) {
  // 64 MiB of zeros in 2 kB: more than a frame may hold.
  EXPECT_THAT(
      outcome(magic() + frame(header_record()) + frame(std::string(64u << 20, '\0'))).error,
      HasSubstr(
          "the frame states a content of 67108864 bytes; the most is 16777216; the last good record is 0"));
  // The largest frame there may be, full of the smallest records.
  std::string tokens;
  while (tokens.size() < trace::kMaxFrameBytes - 3) tokens += std::string("\x02\x32\x00", 3);
  trace::Reader reader(trace::from_memory(with_frame(tokens)), "input");
  for (std::size_t i = 0; i < tokens.size() / 3; ++i) ASSERT_TRUE(reader.next());
  EXPECT_THROW(reader.next(), sim::Error);
  EXPECT_THAT(outcome(with_frame(tokens.substr(0, 300000))).error,
              HasSubstr("the last good record is 100000"));
  // A frame that states no size, has no checksum, is skippable, or lies.
  std::string stream = frame(header_record());
  EXPECT_THAT(outcome(magic() + frame(header_record(), 3, false)).error,
              HasSubstr("the frame has no checksum"));
  EXPECT_THAT(outcome(magic() + std::string("\x50\x2a\x4d\x18\x04\x00\x00\x00skip", 12)).error,
              HasSubstr("here should be a zstd frame, and is none"));
  const auto descriptor = static_cast<unsigned char>(stream[4]);
  ASSERT_EQ(descriptor & 0x20, 0x20);  // single segment: the size follows at once
  stream[5] = static_cast<char>(stream[5] ^ 1);
  EXPECT_NE(outcome(magic() + stream).error, "");
  // The size of a frame of 2^63 bytes, which has nothing behind it.
  EXPECT_THAT(outcome(magic() + std::string("\x28\xb5\x2f\xfd\xe4\xff\xff\xff\xff\xff\xff\xff\x7f", 13) +
                      std::string(10, '\0'))
                  .error,
              HasSubstr("the frame states a content of 9223372036854775807 bytes"));
  // A window of 1 GiB: descriptor 0x84 (size of 4 bytes, checksum), window descriptor 0xa0.
  EXPECT_THAT(
      outcome(magic() + std::string("\x28\xb5\x2f\xfd\x84\xa0\x10\x00\x00\x00", 10) + std::string(10, '\0'))
          .error,
      HasSubstr("the frame is damaged (zstd: Frame requires too much memory for decoding)"));
}

}  // namespace
