// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// info, JSON, slice and diff on small traces, and the committed sample.
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/core/error.h"
#include "tests/support/temp_folder.h"
#include "tests/support/trace_samples.h"
#include "traces/io/diff.h"
#include "traces/io/info.h"
#include "traces/io/json.h"
#include "traces/io/slice.h"
#include "traces/io/validate.h"
#include "traces/io/wire.h"

namespace {

using test_support::sample_header;
using test_support::sample_records;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using trace::Kind;
using trace::Record;

class Tools : public ::testing::Test {
 protected:
  void write(const char* name, const trace::Header& header, const std::vector<Record>& records,
             const trace::WriterOptions& options = {}) {
    trace::Writer writer(folder_ / name, header, options);
    for (const Record& record : records) writer.write(record);
    writer.finish();
  }
  std::vector<Kind> kinds(const char* name) {
    std::vector<Kind> list;
    trace::Reader reader(folder_ / name);
    while (reader.next()) list.push_back(reader.kind());
    return list;
  }
  /// Figures that are not within their limits, after a change to every record.
  template <class Change>
  std::vector<std::string> differing(Change change, const trace::DiffLimits& limits = {}) {
    write("a.tct", sample_header(), sample_records());
    std::vector<Record> records = sample_records();
    for (Record& record : records) change(record);
    write("b.tct", sample_header(), records);
    trace::Reader a(folder_ / "a.tct"), b(folder_ / "b.tct");
    std::vector<std::string> names;
    for (const trace::DiffFigure& f : trace::diff(a, b, limits).figures) {
      if (!f.within) names.push_back(f.name);
    }
    return names;
  }
  test_support::TempFolder folder_;
};

// A trace of version 1 stays readable for ever.
TEST_F(Tools, the_committed_sample_of_version_1) {
  trace::Reader reader(std::filesystem::path(TRICYCLE_SOURCE_DIR) / "traces/samples/v1_sample.tct");
  EXPECT_EQ(reader.version(), 1u);
  const std::vector<Record> expected = sample_records();
  EXPECT_EQ(reader.header().SerializeAsString(), sample_header().SerializeAsString());
  for (const Record& record : expected) {
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.record().SerializeAsString(), record.SerializeAsString());
  }
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.digest(), "a911275b46693c038b58cde50f35f3f336e8960b4f26b7f676e238f66a0b78db");
}

TEST_F(Tools, info_names_what_counts) {
  write("a.tct", sample_header(), sample_records());
  trace::Reader reader(folder_ / "a.tct");
  trace::Info info(reader);
  info.read(reader);
  std::ostringstream out;
  info.text(out);
  EXPECT_THAT(out.str(), HasSubstr("version 1, complete"));
  EXPECT_THAT(out.str(), HasSubstr("layer 0           8 bit 100.0 %\n"));
  EXPECT_THAT(out.str(), HasSubstr("layer 1           4 bit 33.3 %, 8 bit 66.7 %; switched 2 times\n"));
  EXPECT_THAT(out.str(), HasSubstr("3, index 0 to 2, ids 0 1 2\n"));
  EXPECT_THAT(out.str(), HasSubstr("1 sampled parts with 3 modular multiplications, INT8 weights;\n"));
  EXPECT_THAT(out.str(), HasSubstr("48 (extrapolated)"));
  EXPECT_THAT(out.str(), HasSubstr(reader.digest()));
}

TEST_F(Tools, records_of_later_versions_are_skipped_and_counted) {
  // A kind 99 between the tokens, and a field 50 inside one.
  {
    trace::Writer writer(folder_ / "a.tct", test_support::small_header());
    writer.write(test_support::token(0));
    writer.write_bytes(std::string("\x9a\x06\x03new", 6));
    Record known = test_support::token(1);
    std::string bytes = known.token().SerializeAsString() + std::string("\x90\x03\x07", 3);
    char length[10];
    writer.write_bytes("\x32" + std::string(length, trace::write_varint(length, bytes.size())) + bytes);
    writer.finish();
  }
  trace::Reader reader(folder_ / "a.tct");
  std::vector<std::string> problems;
  trace::validate(reader, [&](const std::string& line) { problems.push_back(line); });
  EXPECT_THAT(problems, ElementsAre());
  EXPECT_EQ(reader.skipped(), 1u);
  EXPECT_EQ(reader.footer().counts().at(99), 1u);
  EXPECT_EQ(reader.counts()[6], 2u);
}

TEST_F(Tools, json_has_the_names_of_the_schema) {
  Record record;
  trace::Gemv& g = *record.mutable_gemv();
  g.set_matrix(tricycle::trace::O_PROJ);
  g.set_activation_codes(std::string("\x01\xff", 2));
  g.set_result_digest(0x0123456789abcdefu);
  g.set_activation_scale(0.5f);
  EXPECT_EQ(trace::to_json(g).dump(),
            R"({"layer":0,"matrix":"O_PROJ","rows":0,"cols":0,"weight_bits":0,"activation_codes":"01ff",)"
            R"("activation_scale":0.5,"result_digest":"0123456789abcdef"})");
  EXPECT_EQ(trace::to_json(test_support::token(0).token())["layer_bits"].dump(), "[8,8]");
  g.set_activation_codes(std::string(100, '\x02'));
  EXPECT_EQ(trace::to_json(g, {true})["activation_codes"], "02020202020202020202020202020202... (100 bytes)");
}

TEST_F(Tools, a_slice_keeps_what_stands_before_the_tokens) {
  write("a.tct", sample_header(), sample_records());
  trace::Reader reader(folder_ / "a.tct");
  EXPECT_EQ(trace::slice(reader, {1, 2}, folder_ / "b.tct").tokens, 1u);
  trace::Reader cut(folder_ / "b.tct");
  std::vector<std::string> problems;
  EXPECT_TRUE(trace::validate(cut, [&](const std::string& line) { problems.push_back(line); }).complete);
  EXPECT_THAT(problems, ElementsAre());
  EXPECT_EQ(cut.footer().tokens(), 1u);
  EXPECT_EQ(cut.counts()[static_cast<unsigned>(Kind::tensor)], 10u);
  EXPECT_EQ(cut.counts()[static_cast<unsigned>(Kind::modulus)], 1u);
  EXPECT_EQ(cut.counts()[static_cast<unsigned>(Kind::gemv)], 8u);
  EXPECT_EQ(cut.counts()[static_cast<unsigned>(Kind::mod_mul)], 0u);  // it belongs to token 0
  trace::Reader again(folder_ / "a.tct");
  trace::slice(again, {}, folder_ / "all.tct");
  trace::Reader a(folder_ / "a.tct"), all(folder_ / "all.tct");
  EXPECT_TRUE(trace::diff_exactly(a, all).within());
  EXPECT_EQ(test_support::read_bytes(folder_ / "a.tct"), test_support::read_bytes(folder_ / "all.tct"));
}

TEST_F(Tools, a_slice_of_a_damaged_trace_keeps_what_is_good) {
  write("a.tct", sample_header(), sample_records(), {3, 1});
  std::string bytes = test_support::read_bytes(folder_ / "a.tct");
  test_support::write_bytes(folder_ / "cut.tct", bytes.substr(0, bytes.size() - 200));
  trace::Reader reader(folder_ / "cut.tct");
  try {
    trace::slice(reader, {}, folder_ / "b.tct");
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::input);
    EXPECT_THAT(e.what(), HasSubstr("holds the 3 tokens before that, marked incomplete"));
  }
  trace::Reader cut(folder_ / "b.tct");
  while (cut.next()) {
  }
  EXPECT_FALSE(cut.footer().complete());
  EXPECT_EQ(cut.footer().tokens(), 3u);
}

TEST_F(Tools, a_slice_outside_of_the_trace_leaves_nothing) {
  write("a.tct", sample_header(), sample_records());
  trace::Reader reader(folder_ / "a.tct");
  EXPECT_THROW(trace::slice(reader, {3, 9}, folder_ / "b.tct"), sim::Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "b.tct"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "b.tct.partial"));
}

TEST_F(Tools, diff_times_do_not_count) {
  EXPECT_THAT(differing([](Record& r) {
                if (r.has_token()) r.mutable_token()->set_time_ns(1);
                if (r.has_gemv()) r.mutable_gemv()->clear_time_ns();
                if (r.has_kv_attend()) r.mutable_kv_attend()->set_lut_ns(3);
              }),
              ElementsAre());
}

TEST_F(Tools, diff_finds_each_kind_of_difference) {
  EXPECT_THAT(differing([](Record& r) {
                if (r.has_token() && r.token().index() == 2) r.mutable_token()->set_id(9);
              }),
              ElementsAre("token ids"));
  EXPECT_THAT(differing([](Record& r) {
                if (r.has_token() && r.token().index() == 2) r.mutable_token()->set_layer_bits("\x04\x08");
              }),
              ElementsAre("bits per layer"));
  EXPECT_THAT(differing([](Record& r) {
                if (r.has_gemv()) r.mutable_gemv()->set_result_digest(1);
              }),
              ElementsAre("results, given equal codes"));
  EXPECT_THAT(differing([](Record& r) {
                if (r.has_kv_append()) r.mutable_kv_append()->set_plain_bytes(1);
              }),
              ElementsAre("volumes"));
  EXPECT_THAT(differing([](Record& r) {
                if (r.has_tensor()) r.mutable_tensor()->set_int8_scales(0, 9);
              }),
              ElementsAre("weights, moduli, ModMul"));
  EXPECT_THAT(differing([](Record& r) {
                if (r.has_gemv()) r.mutable_gemv()->set_matrix(tricycle::trace::LM_HEAD);
              }),
              ::testing::Contains("order of records"));
}

// A share is over all codes of the trace: 240 here.
TEST_F(Tools, diff_limits) {
  unsigned left = 1;
  const auto one_code = [&left](Record& r) {
    if (!r.has_gemv() || left == 0) return;
    --left;
    r.mutable_gemv()->mutable_activation_codes()->at(0) ^= 1;
    r.mutable_gemv()->set_result_digest(0);  // not judged: the codes are not equal
  };
  EXPECT_THAT(differing(one_code), ElementsAre("activation codes"));  // 239 of 240 is 99.6 %
  left = 1;
  EXPECT_THAT(differing(one_code, {0.99, 1e-3, 0}), ElementsAre());
  const auto pple = [](double factor) {
    return [factor](Record& r) {
      if (r.has_token()) r.mutable_token()->set_pple(2.5 * factor);
    };
  };
  EXPECT_THAT(differing(pple(1.0009)), ElementsAre());
  EXPECT_THAT(differing(pple(1.0011)), ElementsAre("pple, relative difference"));
  EXPECT_THAT(differing(pple(std::numeric_limits<double>::quiet_NaN())),
              ElementsAre("pple, relative difference"));
  const auto digest = [](Record& r) {
    if (r.has_kv_append() && r.kv_append().encoded_tokens() > 0) r.mutable_kv_append()->set_code_digest(1);
  };
  EXPECT_THAT(differing(digest), ElementsAre());
  EXPECT_THAT(differing(digest, {0.999, 1e-3, 0.5}), ElementsAre("digests of PQ codes"));
}

TEST_F(Tools, diff_of_a_shorter_trace_and_of_one_without_weights) {
  write("a.tct", sample_header(), sample_records());
  std::vector<Record> records = sample_records();
  records.erase(records.begin(), records.begin() + 11);
  trace::Header header = sample_header();
  header.mutable_content()->set_weights(false);
  header.mutable_content()->set_tile_digests(false);
  write("b.tct", header, records);
  trace::Reader a(folder_ / "a.tct"), b(folder_ / "b.tct");
  EXPECT_TRUE(trace::diff(a, b).within());  // what only one of them has is not compared
  records.pop_back();
  write("c.tct", header, records);
  trace::Reader a2(folder_ / "a.tct"), c(folder_ / "c.tct");
  EXPECT_FALSE(trace::diff(a2, c).within());
}

}  // namespace
