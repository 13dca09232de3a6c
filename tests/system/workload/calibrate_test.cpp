// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The verbs calibrate and evaluate from end to end, and the calibration that is committed with the model.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/calibrate/calibration.h"
#include "traces/workload/calibrate/commands.h"
#include "traces/workload/model/load.h"

namespace {

const std::filesystem::path kRoot = TRICYCLE_SOURCE_DIR;

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

class Calibrate : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("calibrate_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    std::mt19937 random(1);
    std::ofstream text(folder_ / "text.txt");
    for (int i = 0; i < 2000; ++i) text << static_cast<char>('a' + random() % 26);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::vector<std::string> words(const std::vector<std::string>& more) const {
    std::vector<std::string> all = {"--synthetic", "tiny", "--text", (folder_ / "text.txt").string(),
                                    "--length",    "48"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
};

TEST_F(Calibrate, gives_the_same_file_for_every_number_of_threads) {
  std::string texts[2];
  for (const int i : {0, 1}) {
    testing::internal::CaptureStdout();
    workload::calibrate_command(
        words({"--windows", "2", "--pq", "8x4", "--max-kl", "0.01", "--threads", i == 0 ? "1" : "3", "-o",
               file("calibration.json"), "--outliers", file("outliers.json")}));
    const std::string printed = testing::internal::GetCapturedStdout();
    EXPECT_NE(printed.find("offline optimum"), std::string::npos);
    texts[i] = read(file("calibration.json")) + read(file("outliers.json")) + printed;
  }
  EXPECT_EQ(texts[0], texts[1]);

  // What was written is of use to evaluate.
  testing::internal::CaptureStdout();
  workload::evaluate_command(
      words({"--windows", "2", "--prompt", "20", "--calibration", file("calibration.json"), "--runs",
             "f32/f32,flexquant/pq8x4", "--json", file("rows.json")}));
  EXPECT_NE(testing::internal::GetCapturedStdout().find("flexquant/pq8x4"), std::string::npos);
  const auto rows = nlohmann::json::parse(read(file("rows.json")))["rows"];
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1]["tokens"], 2 * 27);
  EXPECT_EQ(rows[1]["kv_bytes"], 8);  // two vectors of 8 codes of 4 bits
  EXPECT_GT(rows[1]["kl_f32"].get<double>(), rows[0]["kl_f32"].get<double>());

  // Other weights are refused.
  try {
    workload::evaluate_command(words({"--seed", "2", "--calibration", file("calibration.json")}));
    ADD_FAILURE() << "accepted";
  } catch (const sim::Error& error) {
    EXPECT_EQ(error.exit_code(), sim::Exit::input);
  }
}

TEST_F(Calibrate, of_the_committed_model_fits_it) {
  const auto folder = kRoot / "traces/models/tiny_shakespeare";
  const workload::Calibration c = workload::load_calibration(folder / "calibration.json");
  workload::require_fit(c, workload::load_weights(folder));
  EXPECT_EQ(c.books(64, 8).key.shape().head_dim, 128U);
  std::vector<unsigned> order = c.policy.layer_order;
  for (std::size_t j = 1; j < order.size(); ++j)
    EXPECT_LE(c.sensitivities[order[j - 1]], c.sensitivities[order[j]]);
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, (std::vector<unsigned>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_TRUE(std::is_sorted(c.policy.thresholds.rbegin(), c.policy.thresholds.rend()));
}

}  // namespace
