// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The CUDA back end beside the host's, on a GPU.
#include <cmath>
#include <memory>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/support/model_folder.h"
#include "tests/support/temp_folder.h"
#include "traces/io/diff.h"
#include "traces/io/reader.h"
#include "traces/workload/app/verbs.h"
#include "traces/workload/calibrate/evaluate.h"
#include "traces/workload/cuda/backend.h"
#include "traces/workload/flexquant/entropy.h"
#include "traces/workload/model/load.h"
#include "traces/workload/model/synthetic.h"

namespace {

using ::testing::HasSubstr;
using Words = std::vector<std::string>;
const std::filesystem::path kRoot = TRICYCLE_SOURCE_DIR;
const std::filesystem::path kModel = kRoot / "traces" / "models" / "tiny_shakespeare";

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Why there is nothing to test; empty where there is a GPU.
std::string no_gpu() {
  try {
    workload::cuda::device_name();
    return "";
  } catch (const sim::Error& e) {
    return e.what();
  }
}

struct Failure {
  sim::Exit code = sim::Exit::internal;
  std::string text;
};

class Gpu : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string reason = no_gpu();
    if (!reason.empty()) GTEST_SKIP() << reason;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void run(const Words& words, const std::string& out) {
    ASSERT_EQ(workload::run(words + Words{"-q", "-o", path(out)}), 0);
  }
  Failure failure_of(const Words& words) {
    try {
      workload::run(words + Words{"-q", "-o", path("failed.tct")});
    } catch (const sim::Error& e) {
      return {e.exit_code(), e.what()};
    }
    ADD_FAILURE() << "nothing went wrong";
    return {};
  }
  // As `tricycle trace diff`, with no difference but in the last bits of a PPLE.
  void expect_equal(const std::string& a, const std::string& b) {
    trace::Reader left(folder_ / a);
    trace::Reader right(folder_ / b);
    trace::DiffLimits limits;
    limits.activation_codes = 1;
    limits.pple = 1e-9;
    limits.pq_digests = 1;
    const trace::DiffReport report = trace::diff(left, right, limits);
    std::ostringstream text;
    report.text(text);
    EXPECT_TRUE(report.within()) << text.str();
  }
  // The same run on the host and on the GPU, there with and without graphs.
  void expect_the_host_s(const Words& words) {
    run(words + Words{"--threads", "2"},
        "host.tct");  // more only wait for one another, the model is that small
    run(words + Words{"--backend", "cuda"}, "graphs.tct");
    run(words + Words{"--backend", "cuda", "--no-graphs"}, "launches.tct");
    expect_equal("host.tct", "graphs.tct");
    expect_equal("host.tct", "launches.tct");
  }

  const Words small_ = {"--model", kModel.string(), "--prompt-file",
                        (kRoot / "traces" / "samples" / "prompt.txt").string()};
  test_support::TempFolder folder_;
};

// 290 tokens: the residual is encoded twice.
TEST_F(Gpu, dynamic_precision_and_pq_are_the_host_s) {
  expect_the_host_s(small_ + Words{"--tokens", "290"});
  expect_the_host_s(small_ + Words{"--tokens", "140", "--synchronous", "--calibration",
                                   (kModel / "calibration_nested.json").string()});
}

TEST_F(Gpu, other_precisions_and_caches_are_the_host_s) {
  expect_the_host_s(small_ + Words{"--tokens", "150", "--precision", "int8", "--kv", "fp16"});
  expect_the_host_s(small_ + Words{"--tokens", "40", "--precision", "int4", "--int4", "group"});
  expect_the_host_s(small_ + Words{"--tokens", "40", "--precision", "f32", "--kv", "f32"});
}

// A layer after the other switches: every setting is launched, recorded and replayed.
TEST_F(Gpu, filled_caches_and_shares_are_the_host_s) {
  const Words words = {"--synthetic", "tiny",    "--fill", "640",    "--tokens",
                       "150",         "--share", "1",      "--int4", "nested"};
  expect_the_host_s(words);
  expect_the_host_s(words + Words{"--kv", "fp16"});
  // Groups of 128 inputs in rows of 64 and 176.
  expect_the_host_s(
      {"--synthetic", "tiny", "--fill", "640", "--tokens", "9", "--share", "1", "--int4", "group"});
  expect_the_host_s(words + Words{"--pq-bits", "3"});
}

TEST_F(Gpu, operations_are_timed_as_often_as_asked) {
  run({"--synthetic", "tiny", "--fill", "512", "--tokens", "9", "--share", "0", "--op-times", "4",
       "--backend", "cuda"},
      "t.tct");
  trace::Reader reader(folder_ / "t.tct");
  EXPECT_EQ(reader.header().backend(), "cuda");
  unsigned token = 0;
  while (reader.next()) {
    const trace::Record& r = reader.record();
    if (r.has_token()) {
      token = r.token().index();
      EXPECT_GT(r.token().time_ns(), 0U);
    }
    if (r.has_gemv()) {
      EXPECT_EQ(r.gemv().has_time_ns(), token % 4 == 0);
    }
    if (r.has_kv_attend()) {
      EXPECT_EQ(r.kv_attend().has_attend_ns(), token % 4 == 0);
      EXPECT_EQ(r.kv_attend().has_lut_ns(), token % 4 == 0);
    }
  }
}

// Head dimension 128: pieces of whole tiles are measured, after a comparison with a plain kernel.
TEST_F(Gpu, pieces_of_a_prompt_are_measured) {
  std::filesystem::create_directories(folder_ / "model");
  run(small_ + Words{"--tokens", "1", "--backend", "cuda"}, "t.tct");  // the GPU works
  const auto weights = workload::synthetic_weights(
      [] {
        workload::ModelShape s = workload::synthetic_shape("tiny");
        s.head_dim = 128;
        s.context = 4096;
        return s;
      }(),
      1);
  struct Pieces final : workload::RunObserver {
    workload::PrefillReport seen;
    void on_prefill(const workload::PrefillReport& report) override { seen = report; }
    void on_gemv(const workload::GemvReport&) override {}
    void on_kv_append(unsigned, const workload::KvAppendReport&) override {}
    void on_kv_attend(unsigned, const workload::KvAttendReport&) override {}
  } pieces;
  workload::cuda::DecoderSettings settings;
  settings.kv = workload::KvFormat::fp16;
  settings.capacity = 2048;
  const auto decoder = workload::cuda::make_decoder(weights, nullptr, settings);
  decoder->set_observer(&pieces);
  decoder->fill(1024, 1);
  ASSERT_FALSE(pieces.seen.blocks.empty());
  for (const auto& b : pieces.seen.blocks) {
    EXPECT_EQ(b.time_ns > 0, b.query_tokens % 128 == 0 && b.kv_tokens % 128 == 0)
        << b.query_tokens << " x " << b.kv_tokens;
  }
}

TEST_F(Gpu, entropy_and_divergence_are_the_host_s) {
  const auto weights = workload::synthetic_weights(workload::synthetic_shape("tiny"), 3);
  workload::cuda::DecoderSettings settings;
  settings.kv = workload::KvFormat::f32;
  settings.capacity = 16;
  const auto decoder = workload::cuda::make_decoder(weights, nullptr, settings);
  std::vector<float> before = decoder->prefill({1, 2, 3}, {});
  for (unsigned id = 4; id < 9; ++id) {
    const std::vector<float>& now = decoder->step(id);
    const double pple = flexquant::pple(now.data(), now.size());
    EXPECT_NEAR(decoder->pple() / pple, 1, 1e-12);
    EXPECT_NEAR(decoder->kl_from(before.data()),
                flexquant::kl_divergence(before.data(), now.data(), now.size()), 1e-12);
    EXPECT_EQ(decoder->kl_from(now.data()), 0);
    before = now;
  }
  before[7] = NAN;
  EXPECT_THROW(decoder->kl_from(before.data()), sim::Error);
}

// `evaluate --backend cuda`: passes, entropies and divergences on the GPU, over two windows.
TEST_F(Gpu, evaluation_is_the_host_s) {
  const workload::Weights weights = workload::load_weights(kModel);
  const workload::Calibration calibration = workload::load_calibration(kModel / "calibration.json");
  std::vector<std::vector<std::uint32_t>> windows(2);
  for (unsigned i = 0; i < 400; ++i) windows[i % 2].push_back(32 + i * i % 90);
  const auto rows = [&](bool cuda) {
    workload::Evaluation evaluation(weights, &calibration, workload::serial_for, 128, cuda);
    return evaluation.run(workload::parse_runs("f32/f32,int4-group/fp16,flexquant/pq64x8", 128), windows, 20,
                          [](const std::string&) {});
  };
  const auto host = rows(false);
  const auto gpu = rows(true);
  ASSERT_EQ(host.size(), gpu.size());
  for (std::size_t i = 0; i < host.size(); ++i) {
    EXPECT_EQ(gpu[i].tokens, host[i].tokens);
    EXPECT_EQ(gpu[i].switches, host[i].switches);
    EXPECT_EQ(gpu[i].share_int4, host[i].share_int4);
    EXPECT_EQ(gpu[i].kv_bytes, host[i].kv_bytes);
    EXPECT_EQ(gpu[i].nll, host[i].nll);  // the logits are the same
    EXPECT_NEAR(gpu[i].kl_f32, host[i].kl_f32, 1e-12);
    EXPECT_NEAR(gpu[i].kl_int8, host[i].kl_int8, 1e-12);
  }
}

TEST_F(Gpu, too_little_memory_ends_with_a_message) {
  workload::ModelShape shape = workload::synthetic_shape("tiny");
  shape.head_dim = 256;
  const auto weights = workload::synthetic_weights(shape, 1);
  workload::cuda::DecoderSettings settings;
  settings.kv = workload::KvFormat::f32;
  settings.capacity = 1U << 27;  // a terabyte
  try {
    workload::cuda::make_decoder(weights, nullptr, settings);
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::limit);
    EXPECT_THAT(e.what(), HasSubstr("a cache of 134217728 tokens"));
    EXPECT_THAT(e.what(), HasSubstr("are free. Choose a smaller model or context"));
  }
}

// Nothing that a reader could take for a trace is left behind.
TEST_F(Gpu, what_it_does_not_do_is_refused_by_name) {
  const Words tiny = {"--synthetic", "tiny", "--prompt-ids", "1,2", "--tokens", "1", "--backend", "cuda"};
  Failure f = failure_of(tiny + Words{"--precision", "int8", "--kv", "int4"});
  EXPECT_EQ(f.code, sim::Exit::usage);
  EXPECT_THAT(f.text, HasSubstr("--kv int4 is the host's alone; choose f32, fp16 or pq"));
  nlohmann::json config = test_support::small_config();
  config["head_dim"] = 320;
  auto tensors = test_support::small_tensors();
  const std::string attn = "model.layers.0.self_attn.";
  tensors[attn + "q_proj.weight"] = test_support::f32_tensor({640, 8});
  tensors[attn + "k_proj.weight"] = test_support::f32_tensor({320, 8});
  tensors[attn + "v_proj.weight"] = test_support::f32_tensor({320, 8});
  tensors[attn + "o_proj.weight"] = test_support::f32_tensor({8, 640});
  test_support::write_model(folder_ / "wide", config, tensors);
  f = failure_of({"--model", path("wide"), "--prompt-ids", "1,2", "--tokens", "1", "--precision", "f32",
                  "--kv", "f32", "--backend", "cuda"});
  EXPECT_EQ(f.code, sim::Exit::usage);
  EXPECT_THAT(f.text, HasSubstr("a head dimension of 320; at most 256 is supported"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "failed.tct"));
}

// The other way round: a build with CUDA on a machine without a GPU.
TEST(NoGpu, is_said_before_any_work) {
  if (!workload::cuda::built())
    GTEST_SKIP() << "this build has no CUDA (tests/bad/workload/cuda_not_built_bad)";
  if (no_gpu().empty()) GTEST_SKIP() << "there is a GPU";
  const test_support::TempFolder folder;
  try {
    workload::run({"--model", kModel.string(), "--prompt", "x", "--backend", "cuda", "-q", "-o",
                   (folder / "t.tct").string()});
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::usage);
    EXPECT_THAT(e.what(), HasSubstr("--backend cuda: no usable GPU ("));
    EXPECT_THAT(e.what(), HasSubstr("use --backend host"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "t.tct"));
}

}  // namespace
