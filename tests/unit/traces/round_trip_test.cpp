// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zstd.h>

#include "sim/core/error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/trace_samples.h"
#include "traces/io/reader.h"
#include "traces/io/wire.h"
#include "traces/io/writer.h"

namespace {

using test_support::read_bytes;
using test_support::small_header;
using test_support::token;
using ::testing::HasSubstr;
using trace::Kind;

class RoundTrip : public ::testing::Test {
 protected:
  test_support::TempFolder folder_;
  const std::filesystem::path file_ = folder_ / "a.tct";
};

std::string error_of(const std::filesystem::path& file) {
  try {
    trace::Reader reader(file);
    while (reader.next()) reader.record();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::input);
    return e.what();
  }
  return "";
}

TEST_F(RoundTrip, every_record_comes_back) {
  std::string digest;
  {
    trace::Writer writer(file_, small_header());
    for (unsigned i = 0; i < 1000; ++i) {
      writer.write(token(i));
      trace::Record gemv;
      gemv.mutable_gemv()->set_layer(i % 2);
      gemv.mutable_gemv()->set_activation_codes(std::string(i, static_cast<char>(i)));
      writer.write(gemv);
    }
    writer.finish();
    digest = writer.digest();
    EXPECT_EQ(writer.records(), 2002u);
  }
  trace::Reader reader(file_);
  EXPECT_EQ(reader.header().model().name(), "small");
  for (unsigned i = 0; i < 1000; ++i) {
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.kind(), Kind::token);
    EXPECT_EQ(reader.position().record, 1 + 2 * i);
    EXPECT_EQ(reader.record().SerializeAsString(), token(i).SerializeAsString());
    ASSERT_TRUE(reader.next());
    ASSERT_EQ(reader.kind(), Kind::gemv);
    EXPECT_EQ(reader.record().gemv().activation_codes(), std::string(i, static_cast<char>(i)));
  }
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.footer().complete());
  EXPECT_EQ(reader.footer().tokens(), 1000u);
  EXPECT_EQ(reader.footer().counts().at(1), 1u);
  EXPECT_EQ(reader.footer().counts().at(2), 1u);
  EXPECT_EQ(reader.footer().counts().at(6), 1000u);
  EXPECT_EQ(reader.footer().counts().at(7), 1000u);
  EXPECT_EQ(reader.digest(), digest);
  EXPECT_EQ(reader.digest().size(), 64u);
  trace::Reader again(file_);  // the same records, without their digest
  again.trust();
  std::size_t records = 0;
  while (again.next()) ++records;
  EXPECT_EQ(records, 2000u);
  EXPECT_EQ(again.digest(), "");
  EXPECT_EQ(reader.counts()[6], 1000u);
  EXPECT_EQ(reader.file_bytes_used(), read_bytes(file_).size());
}

// The digest is one of the records, not of the compressed bytes.
TEST_F(RoundTrip, frames_and_level_change_neither_records_nor_digest) {
  std::string first;
  for (const auto& options :
       {trace::WriterOptions{3, 256u << 10}, trace::WriterOptions{19, 1}, trace::WriterOptions{1, 4096}}) {
    trace::Writer writer(file_, small_header(), options);
    for (unsigned i = 0; i < 200; ++i) writer.write(token(i));
    writer.finish();
    if (first.empty()) first = writer.digest();
    EXPECT_EQ(writer.digest(), first);
    EXPECT_EQ(error_of(file_), "");
  }
}

TEST_F(RoundTrip, pieces_are_what_protobuf_writes) {
  trace::Record record;
  trace::Tensor& tensor = *record.mutable_tensor();
  tensor.set_layer(3);
  tensor.set_cols(300);
  trace::Tensor place = tensor, behind;
  const std::string codes(300, 'c');
  tensor.set_int8_codes(codes);
  tensor.add_int8_scales(0.5F);
  behind.add_int8_scales(0.5F);
  std::string front = place.SerializeAsString();
  trace::append_bytes_field(front, trace::Tensor::kInt8CodesFieldNumber, codes.size());
  trace::Writer writer(file_, small_header());
  writer.write(record);
  writer.write_pieces(Kind::tensor, {front, codes, behind.SerializeAsString()});
  writer.finish();
  trace::Reader reader(file_);
  std::vector<std::string> tensors;
  while (reader.next())
    if (reader.record().has_tensor()) tensors.emplace_back(reader.bytes());
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_EQ(tensors[0], tensors[1]);
}

TEST_F(RoundTrip, same_records_same_bytes) {
  std::string before;
  for (unsigned round = 0; round < 2; ++round) {
    trace::Writer writer(file_, small_header());
    for (unsigned i = 0; i < 100; ++i) writer.write(token(i));
    writer.finish();
    if (round == 0) before = read_bytes(file_);
  }
  EXPECT_EQ(read_bytes(file_), before);
}

TEST_F(RoundTrip, destroyed_early_is_readable_and_says_so) {
  {
    trace::Writer writer(file_, small_header());
    for (unsigned i = 0; i < 10; ++i) writer.write(token(i));
  }
  trace::Reader reader(file_);
  unsigned tokens = 0;
  while (reader.next()) ++tokens;
  EXPECT_EQ(tokens, 10u);
  EXPECT_FALSE(reader.footer().complete());
}

TEST_F(RoundTrip, killed_is_readable_up_to_the_last_flush) {
  trace::Writer writer(file_, small_header());
  for (unsigned i = 0; i < 10; ++i) writer.write(token(i));
  writer.flush();
  writer.write(token(10));
  trace::Reader reader(file_);
  for (unsigned i = 0; i < 10; ++i) ASSERT_TRUE(reader.next());
  try {
    reader.next();
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("the file ends without a footer"));
    EXPECT_THAT(e.what(), HasSubstr("the last good record is 10"));
    EXPECT_THAT(e.what(), HasSubstr("byte " + std::to_string(read_bytes(file_).size())));
  }
}

TEST_F(RoundTrip, a_record_larger_than_a_frame_is_refused_by_name) {
  trace::Writer writer(file_, small_header());
  trace::Record record;
  record.mutable_gemv()->set_activation_codes(std::string(trace::kMaxFrameBytes, 'x'));
  EXPECT_THROW(writer.write(record), sim::Error);
  record.mutable_gemv()->set_activation_codes(std::string(trace::kMaxFrameBytes - 100, 'x'));
  writer.write(record);
  writer.write(record);
  writer.finish();
  EXPECT_EQ(error_of(file_), "");
}

TEST_F(RoundTrip, a_full_disk_is_an_error) {
  try {
    trace::Writer writer("/dev/full", small_header());
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::input);
    EXPECT_THAT(e.what(), HasSubstr("cannot write /dev/full: No space left on device; make room"));
  }
}

// A limit on the size of files stands for a disk that fills up in the middle.
TEST_F(RoundTrip, after_a_failed_write_the_file_ends_behind_a_whole_frame) {
  std::signal(SIGXFSZ, SIG_IGN);
  trace::Writer writer(file_, small_header(), {3, 1});
  for (unsigned i = 0; i < 10; ++i) writer.write(token(i));
  const std::uint64_t before = writer.file_bytes();
  const rlimit limit{before + 10, RLIM_INFINITY};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_THROW(writer.write(token(10)), sim::Error);
  EXPECT_THROW(writer.write(token(11)), sim::Error);
  EXPECT_THROW(writer.finish(), sim::Error);
  const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  EXPECT_EQ(std::filesystem::file_size(file_), before);
  EXPECT_THAT(error_of(file_), HasSubstr("the last good record is 10"));
}

TEST_F(RoundTrip, a_missing_file_or_folder_is_named) {
  EXPECT_EQ(error_of(folder_ / "none.tct"),
            "cannot read " + (folder_ / "none.tct").string() + ": No such file or directory");
  EXPECT_EQ(error_of(folder_ / ""), "cannot read " + (folder_ / "").string() + ": Is a directory");
  try {
    trace::Writer writer(folder_ / "none/a.tct", small_header());
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("none/a.tct: No such file or directory"));
  }
}

}  // namespace
