// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Whole runs through the verbs of tricycle-workload, and what their traces hold.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/model_folder.h"
#include "traces/io/reader.h"
#include "traces/io/validate.h"
#include "traces/workload/app/verbs.h"
#include "traces/workload/calibrate/commands.h"

namespace {

const std::string kRoot = TRICYCLE_SOURCE_DIR;
using Words = std::vector<std::string>;

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::uint64_t fnv1a(const std::vector<std::int32_t>& sums) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const std::int32_t sum : sums) {
    for (unsigned i = 0; i < 4; ++i) {
      hash = (hash ^ (static_cast<std::uint32_t>(sum) >> (8 * i) & 0xff)) * 0x100000001b3ULL;
    }
  }
  return hash;
}

// Codes with a one in a plane among 128 inputs x 128 outputs.
unsigned ones(const trace::Tensor& t, unsigned first_input, unsigned first_output, unsigned plane) {
  unsigned count = 0;
  for (unsigned row = first_output; row < std::min(t.rows(), first_output + 128); ++row) {
    for (unsigned col = first_input; col < std::min(t.cols(), first_input + 128); ++col) {
      const int code = static_cast<std::int8_t>(t.int8_codes()[std::size_t{row} * t.cols() + col]);
      count += static_cast<unsigned>(std::abs(code)) >> (7 - plane) & 1U;
    }
  }
  return count;
}

class WorkloadRuns : public ::testing::Test {
 protected:
  // The model of the unit tests' size: seeded weights, calibrated on seeded ids.
  void calibrate() {
    nlohmann::json ids = nlohmann::json::array();
    for (unsigned i = 0; i < 4000; ++i) ids.push_back((i * i * 31 + 7 * i) % 256);
    test_support::write_bytes(folder_ / "text.json", ids.dump());
    ASSERT_EQ(workload::calibrate_command({"--synthetic", "tiny", "--text", path("text.json"), "--windows",
                                           "2", "--length", "192", "--pq", "8x8", "--max-kl", "0.05", "-o",
                                           path("calibration.json")}),
              0);
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  int run(const Words& words) { return workload::run(words + Words{"-q"}); }
  nlohmann::json ids(const std::string& name) const {
    nlohmann::json j;
    std::ifstream(folder_ / name) >> j;
    return j;
  }
  // No rule broken, and complete.
  void expect_valid(const std::string& name) const {
    trace::Reader reader(folder_ / name);
    std::string first;
    const auto result = trace::validate(reader, [&](const std::string& line) {
      if (first.empty()) first = line;
    });
    EXPECT_EQ(result.problems, 0U) << first;
    EXPECT_TRUE(result.complete);
  }
  std::string digest(const std::string& name) const {
    trace::Reader reader(folder_ / name);
    while (reader.next()) {
    }
    return reader.digest();
  }

  const Words tiny_ = {"--synthetic", "tiny", "--seed", "1", "--prompt-ids", "5,6,7,8,9,10,11"};
  test_support::TempFolder folder_;
};

TEST_F(WorkloadRuns, ids_of_the_plain_reference_are_an_independent_runtime_s) {
  for (const char* model : {"gqa3_bf16_sharded", "gqa2_f16_tied", "mha_f32_tied", "mqa_bf16_llama3"}) {
    const std::string folder = kRoot + "/tests/data/llama/" + model;
    nlohmann::json expected;
    std::ifstream(folder + "/expected_ids.json") >> expected;
    for (const auto& c : expected["cases"]) {
      std::string prompt;
      for (const auto& id : c["prompt_ids"]) prompt += (prompt.empty() ? "" : ",") + id.dump();
      ASSERT_EQ(run({"--model", folder, "--prompt-ids", prompt, "--tokens",
                     std::to_string(c["generated_ids"].size()), "--precision", "f32", "--kv", "f32",
                     "--tokens-out", path("ids.json")}),
                0);
      EXPECT_EQ(ids("ids.json")["generated_ids"], c["generated_ids"]) << model;
      EXPECT_EQ(ids("ids.json")["prompt_ids"], c["prompt_ids"]) << model;
      EXPECT_EQ(ids("ids.json")["complete"], true);
    }
  }
}

TEST_F(WorkloadRuns, every_precision_and_cache_makes_a_valid_trace) {
  calibrate();
  for (const char* precision : {"f32", "int8", "int4", "flexquant"}) {
    ASSERT_EQ(run(tiny_ + Words{"--tokens", "9", "--precision", precision, "--kv", "fp16", "--calibration",
                                path("calibration.json"), "-o", path("t.tct")}),
              0);
    expect_valid("t.tct");
  }
  for (const char* kv : {"f32", "int4", "int3", "int4-token", "int3-token"}) {
    ASSERT_EQ(run(tiny_ + Words{"--tokens", "140", "--precision", "int8", "--kv", kv, "-o", path("t.tct"),
                                "--int4", "nested"}),
              0);
    expect_valid("t.tct");
  }
}

TEST_F(WorkloadRuns, the_main_job_has_every_kind_of_record) {
  calibrate();
  // Codebooks of M = 8 are "4 bit" for the shape's head dim of 16. A threshold between the PPLEs of this run
  // makes it switch.
  ASSERT_EQ(run(tiny_ + Words{"--tokens", "160", "--calibration", path("calibration.json"), "-o",
                              path("t.tct"), "--encrypt", "paillier256", "--encrypt-every", "50",
                              "--tokens-out", path("ids.json")}),
            0);
  expect_valid("t.tct");
  trace::Reader reader(folder_ / "t.tct");
  std::vector<std::uint32_t> inputs;
  unsigned flushed_at = 0;
  unsigned token = 0;
  while (reader.next()) {
    const trace::Record& r = reader.record();
    if (r.has_token()) {
      token = r.token().index();
      inputs.push_back(r.token().input_id());
      EXPECT_EQ(r.token().position(), 7 + token);
    }
    if (r.has_kv_append() && !inputs.empty() && r.kv_append().encoded_tokens() != 0) {
      EXPECT_EQ(r.kv_append().encoded_tokens(), 128U);
      flushed_at = token;
    }
    if (r.has_kv_attend()) {
      EXPECT_EQ(r.kv_attend().context_tokens(), 8 + token);
    }
  }
  EXPECT_EQ(flushed_at, 128U);  // the token that finds a residual of 128
  EXPECT_EQ(ids("ids.json")["generated_ids"].get<std::vector<std::uint32_t>>(), inputs);
  EXPECT_EQ(reader.header().kv().sub_vectors(), 8U);
  EXPECT_EQ(reader.header().prompt_ids_size(), 7);
  EXPECT_TRUE(reader.header().synthetic_weights());
  using trace::Kind;
  for (const Kind kind : {Kind::tensor, Kind::prefill, Kind::token, Kind::gemv, Kind::kv_append,
                          Kind::kv_attend, Kind::modulus, Kind::mod_mul}) {
    EXPECT_GT(reader.counts()[static_cast<unsigned>(kind)], 0U) << trace::kind_name(kind);
  }
}

// Of every 50th token each matrix; and each layer at every precision at which it ran, as soon as it did.
TEST_F(WorkloadRuns, encrypted_layers_come_in_every_precision_of_the_run) {
  calibrate();
  const Words sampled =
      tiny_ + Words{"--tokens", "160",        "--temperature", "1", "--calibration", path("calibration.json"),
                    "-o",       path("t.tct")};
  ASSERT_EQ(run(sampled), 0);
  std::vector<double> pples;
  for (trace::Reader reader(folder_ / "t.tct"); reader.next();) {
    if (reader.record().has_token()) pples.push_back(reader.record().token().pple_smoothed());
  }
  std::sort(pples.begin(), pples.end());
  nlohmann::json calibration = ids("calibration.json");
  calibration["flexquant"]["thresholds"] = {pples[100], pples[50]};  // so that it switches
  calibration["flexquant"]["hysteresis"] = 0;
  test_support::write_bytes(folder_ / "calibration.json", calibration.dump());
  ASSERT_EQ(run(sampled + Words{"--encrypt", "paillier256", "--encrypt-every", "50"}), 0);
  trace::Reader reader(folder_ / "t.tct");
  const unsigned layers = reader.header().model().layers();
  std::set<std::pair<unsigned, unsigned>> seen;  // layer, bits
  std::vector<std::pair<unsigned, unsigned>> expected, recorded;
  std::string bits;
  const auto same = [&] {
    EXPECT_EQ(recorded, expected);
    recorded.clear();
    expected.clear();
  };
  while (reader.next()) {
    const trace::Record& r = reader.record();
    if (r.has_token()) {
      same();
      bits = r.token().layer_bits();
      const bool all = r.token().index() % 50 == 0;
      for (unsigned l = 0; l < layers; ++l) {
        const std::pair<unsigned, unsigned> ran(l, bits[l]);
        if (seen.insert(ran).second || all) expected.insert(expected.end(), 4, ran);
      }
      if (all) expected.emplace_back(layers, 8);
    }
    if (r.has_mod_mul()) recorded.emplace_back(r.mod_mul().layer(), r.mod_mul().weight_bits());
  }
  same();
  EXPECT_EQ(seen.size(), 2 * layers) << "the run never switched";
}

// The digests of a trace follow from the codes that it carries: checked without any code of the forward pass.
TEST_F(WorkloadRuns, results_follow_from_weights_and_activations) {
  for (const char* format : {"group", "nested"}) {
    ASSERT_EQ(run(tiny_ + Words{"--tokens", "3", "--precision", "int4", "--kv", "f32", "--int4", format, "-o",
                                path("t.tct")}),
              0);
    std::map<std::pair<unsigned, int>, trace::Tensor> tensors;
    trace::Reader reader(folder_ / "t.tct");
    unsigned checked = 0;
    while (reader.next()) {
      const trace::Record& r = reader.record();
      if (r.has_tensor()) {
        ASSERT_EQ(r.tensor().rows(), r.tensor().total_rows());
        tensors[{r.tensor().layer(), r.tensor().matrix()}] = r.tensor();
      }
      if (!r.has_gemv()) continue;
      const trace::Gemv& g = r.gemv();
      const trace::Tensor& t = tensors.at({g.layer(), g.matrix()});
      const bool nested = t.int4() == tricycle::trace::INT4_NESTED;
      const bool four = g.weight_bits() == 4;
      const std::size_t group = four && !nested ? t.group() : g.cols();
      std::vector<std::int32_t> sums;
      for (std::size_t row = 0; row < g.rows(); ++row) {
        for (std::size_t begin = 0; begin < g.cols(); begin += group) {
          std::int32_t sum = 0;
          for (std::size_t c = begin; c < std::min<std::size_t>(g.cols(), begin + group); ++c) {
            const auto code8 = static_cast<std::int8_t>(t.int8_codes()[row * g.cols() + c]);
            int code = code8;
            if (four && nested) {
              code = code8 < 0 ? -(-code8 >> 4) : code8 >> 4;
            } else if (four) {
              const auto byte = static_cast<unsigned char>(t.int4_codes()[(row * g.cols() + c) / 2]);
              const int nibble = c % 2 == 0 ? byte & 15 : byte >> 4;
              code = nibble > 7 ? nibble - 16 : nibble;
            }
            sum += code * static_cast<std::int8_t>(g.activation_codes()[c]);
          }
          sums.push_back(sum);
        }
      }
      ASSERT_EQ(g.result_digest(), fnv1a(sums)) << g.layer() << " " << g.matrix();
      ++checked;
    }
    EXPECT_EQ(checked, 3 * 9U);
  }
}

// Bit statistics in place of the codes: those of the codes that the same run writes otherwise.
TEST_F(WorkloadRuns, tile_digests_follow_from_the_codes) {
  const Words words =
      tiny_ + Words{"--tokens", "2", "--precision", "int8", "--kv", "f32", "-o", path("t.tct")};
  ASSERT_EQ(run(words), 0);
  std::map<std::pair<unsigned, int>, trace::Tensor> tensors;
  trace::Reader codes(folder_ / "t.tct");
  while (codes.next()) {
    if (codes.record().has_tensor()) {
      const trace::Tensor& t = codes.record().tensor();
      ASSERT_EQ(t.rows(), t.total_rows());
      tensors[{t.layer(), t.matrix()}] = t;
    }
  }
  for (const unsigned stride : {1U, 3U}) {
    ASSERT_EQ(run(words + Words{"--weights", "digest", "--tile-stride", std::to_string(stride)}), 0);
    expect_valid("t.tct");
    trace::Reader reader(folder_ / "t.tct");
    std::size_t digests = 0;
    std::size_t present = 0;
    while (reader.next()) {
      ASSERT_FALSE(reader.record().has_tensor());
      if (!reader.record().has_tile_digest()) continue;
      ++digests;
      const trace::TileDigest& d = reader.record().tile_digest();
      const trace::Tensor& t = tensors.at({d.layer(), d.matrix()});
      ASSERT_EQ(std::make_pair(d.rows(), d.cols()), std::make_pair(t.rows(), t.cols()));
      ASSERT_EQ(std::make_pair(d.tile_rows(), d.tile_cols()), std::make_pair(128U, 128U));
      ASSERT_EQ(std::make_pair(d.planes(), d.tile_stride()), std::make_pair(7U, stride));
      const unsigned across = (d.rows() + 127) / 128;
      for (unsigned i = 0; i < d.ones().size() / 14; ++i, ++present) {
        const unsigned first_input = i * stride / across * 128;
        const unsigned first_output = i * stride % across * 128;
        for (unsigned plane = 1; plane <= 7; ++plane) {
          const std::size_t at = i * 14 + (plane - 1) * 2;
          const auto low = static_cast<unsigned char>(d.ones()[at]);
          const auto high = static_cast<unsigned char>(d.ones()[at + 1]);
          ASSERT_EQ(low + 256U * high, ones(t, first_input, first_output, plane))
              << d.layer() << " " << d.matrix() << " tile " << i << " plane " << plane;
        }
      }
    }
    EXPECT_EQ(digests, tensors.size());
    EXPECT_EQ(reader.header().content().weights(), false);
    EXPECT_EQ(reader.header().content().tile_digests(), true);
    if (stride == 1) {
      EXPECT_GT(present, digests);  // some matrix has several tiles
    }
  }
  ASSERT_EQ(run(words + Words{"--weights", "none"}), 0);
  expect_valid("t.tct");
  trace::Reader none(folder_ / "t.tct");
  EXPECT_FALSE(none.header().content().weights() || none.header().content().tile_digests());
}

TEST_F(WorkloadRuns, the_same_bytes_with_any_number_of_threads_and_any_kernels) {
  calibrate();
  std::string expected;
  for (const Words& how :
       {Words{"-j", "1"}, Words{"-j", "2"}, Words{"-j", "3"}, Words{"-j", "2", "--simd", "portable"}}) {
    ASSERT_EQ(run(tiny_ +
                  Words{"--tokens", "140", "--calibration", path("calibration.json"), "--no-times", "-o",
                        path("t.tct"), "--encrypt", "bn254_r"} +
                  how),
              0);
    const std::string now = digest("t.tct");
    if (expected.empty()) expected = now;
    EXPECT_EQ(now, expected) << how.back();
  }
}

TEST_F(WorkloadRuns, encoding_beside_decoding_changes_nothing_but_the_header) {
  calibrate();
  const auto records = [&](const Words& how) {
    run(tiny_ +
        Words{"--tokens", "260", "--calibration", path("calibration.json"), "--no-times", "-o",
              path("t.tct")} +
        how);
    std::string all;
    trace::Reader reader(folder_ / "t.tct");
    while (reader.next()) all += reader.bytes();
    return all;
  };
  EXPECT_TRUE(records({}) == records({"--synchronous"}));
}

TEST_F(WorkloadRuns, a_seed_repeats_sampling) {
  const auto sampled = [&](const char* seed) {
    run({"--model", kRoot + "/tests/data/llama/gqa2_f16_tied", "--prompt-ids", "1,2,3", "--tokens", "40",
         "--precision", "int8", "--kv", "f32", "--temperature", "1", "--seed", seed, "--tokens-out",
         path("ids.json")});
    return ids("ids.json")["generated_ids"];
  };
  const auto first = sampled("3");
  EXPECT_EQ(sampled("3"), first);
  EXPECT_NE(sampled("4"), first);
}

}  // namespace
