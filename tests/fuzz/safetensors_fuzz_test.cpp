// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Damaged and hostile model files, the same ones every time. None may crash, hang or take much memory.
#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "sim/core/error.h"
#include "tests/support/model_folder.h"
#include "traces/workload/model/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLimits = false;  // its shadow memory is larger than any limit
#else
constexpr bool kLimits = true;
#endif
constexpr std::size_t kMemoryMiB = 512;

void feed(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

class ModelFuzz : public ::testing::Test {
 protected:
  void SetUp() override {
    const rlimit limit{kMemoryMiB << 20, kMemoryMiB << 20};
    if (kLimits) {
      ASSERT_EQ(::setrlimit(RLIMIT_AS, &limit), 0);
    }
    weights_ = test_support::safetensors_bytes(test_support::small_tensors());
    config_ = test_support::small_config().dump();
  }
  std::string weights_;
  std::string config_;
};

TEST_F(ModelFuzz, cut_off_at_every_byte) {
  for (std::size_t size = 0; size <= weights_.size(); ++size) feed(weights_.substr(0, size));
  for (std::size_t size = 0; size <= config_.size(); ++size) feed(config_.substr(0, size));
}

TEST_F(ModelFuzz, every_byte_of_the_header_changed) {
  const std::size_t end = weights_.find("}}") + 2;
  for (std::size_t i = 0; i < end; ++i) {
    for (const char c : {'\0', '\xff', '0', '9', '-', '"', '{', '}', '[', ',', ':'}) {
      std::string changed = weights_;
      changed[i] = c;
      feed(changed);
    }
  }
  for (std::size_t i = 0; i < config_.size(); ++i) {
    for (const char c : {'\0', '\xff', '0', '9', '-', '"', '{', '}', '[', ',', ':'}) {
      std::string changed = config_;
      changed[i] = c;
      feed(changed);
    }
  }
}

TEST_F(ModelFuzz, pieces_moved_doubled_and_dropped) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text = round % 2 == 0 ? weights_ : config_;
    for (int edit = 0; edit < 3; ++edit) {
      const std::size_t from = random() % text.size();
      const std::size_t size = random() % 40;
      const std::string piece = text.substr(from, size);
      const std::size_t to = random() % text.size();
      if (random() % 2 == 0) text.erase(from, size);
      if (random() % 2 == 0) text.insert(std::min(to, text.size()), piece);
      if (text.empty()) text = "{";
    }
    feed(text);
  }
}

TEST_F(ModelFuzz, hostile_on_purpose) {
  using test_support::safetensors_bytes;
  feed(safetensors_bytes(std::string(1 << 20, '[')));
  feed(safetensors_bytes(std::string(1 << 20, '{')));
  std::string deep = "{\"a\":";
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  feed(safetensors_bytes(deep));
  std::string many = "{";
  for (int i = 0; i < 100000; ++i) {
    many +=
        (i == 0 ? "\"" : ",\"") + std::to_string(i) + R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  }
  feed(safetensors_bytes(many + "}"));
  feed(safetensors_bytes(
      R"({"w":{"dtype":"F32","shape":[18446744073709551615,18446744073709551615],"data_offsets":[0,0]}})"));
  feed(safetensors_bytes(R"({"w":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]}})"));
  feed(safetensors_bytes(
      R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]}})"));
  feed(std::string(8, '\xff') + "{}");
  feed(R"({"hidden_size": 1e308, "num_hidden_layers": 4294967295})");
}

// The whole way, from a directory to weights, with what the header alone cannot show.
TEST_F(ModelFuzz, directories_with_a_changed_byte) {
  const test_support::TempFolder folder;
  std::mt19937 random(11);
  unsigned good = 0;
  for (int round = 0; round < 400; ++round) {
    std::string weights = weights_;
    std::string config = config_;
    std::string& victim = round % 3 == 0 ? config : weights;
    victim[random() % victim.size()] = static_cast<char>(random());
    std::filesystem::create_directories(folder / "m");
    test_support::write_bytes(folder / "m/config.json", config);
    test_support::write_bytes(folder / "m/model.safetensors", weights);
    try {
      workload::load_weights(folder / "m");
      ++good;  // a weight or a number changed
    } catch (const sim::Error& e) {
      EXPECT_EQ(e.exit_code(), sim::Exit::input) << e.what();
      EXPECT_NE(std::string(e.what()).find((folder / "m").string()), std::string::npos) << e.what();
    }
  }
  EXPECT_GT(good, 50U);
  EXPECT_LT(good, 380U);
}

}  // namespace
