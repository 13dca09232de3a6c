// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/calibrate/calibration.h"

namespace workload {
namespace {

using nlohmann::json;

Calibration example() {
  Calibration c;
  c.weights_digest = "0123abc";
  c.model_name = "little";
  c.policy.layer_order = {1, 0, 2};
  c.policy.thresholds = {7.25, 3.1, 0};
  c.policy.hysteresis = 0.125;
  c.policy.way_back = false;
  c.policy.window = 5;
  c.int4 = flexquant::Int4Format::nested;
  c.group = 64;
  c.sensitivities = {0.5, 0.1, 0.7};
  std::mt19937 random(1);
  for (const million::PqShape& shape : {million::PqShape{8, 4, 3}, million::PqShape{8, 2, 5}}) {
    const auto book = [&] {
      std::vector<Float16> centroids(shape.elements());
      for (Float16& x : centroids) x = static_cast<Float16>(random() % 0x7c00);
      return million::Codebook(shape, centroids);
    };
    c.codebooks.push_back({book(), book()});
  }
  c.report = {{"note", "made by a test"}};
  return c;
}

TEST(CalibrationFile, ComesBack) {
  const Calibration c = example();
  const Calibration back = parse_calibration(to_text(c), "x");
  EXPECT_EQ(back.weights_digest, c.weights_digest);
  EXPECT_EQ(back.model_name, c.model_name);
  EXPECT_EQ(back.policy.layer_order, c.policy.layer_order);
  EXPECT_EQ(back.policy.thresholds, c.policy.thresholds);
  EXPECT_EQ(back.policy.hysteresis, c.policy.hysteresis);
  EXPECT_EQ(back.policy.way_back, c.policy.way_back);
  EXPECT_EQ(back.policy.window, c.policy.window);
  EXPECT_EQ(back.int4, c.int4);
  EXPECT_EQ(back.group, c.group);
  EXPECT_EQ(back.sensitivities, c.sensitivities);
  ASSERT_EQ(back.codebooks.size(), 2U);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(back.codebooks[i].key.centroids(), c.codebooks[i].key.centroids());
    EXPECT_EQ(back.codebooks[i].value.centroids(), c.codebooks[i].value.centroids());
  }
  EXPECT_EQ(back.report, c.report);
  EXPECT_EQ(to_text(back), to_text(c));
}

TEST(CalibrationFile, FindsCodebooksByShape) {
  const Calibration c = example();
  EXPECT_EQ(&c.books(2, 5), &c.codebooks[1]);
  EXPECT_THROW(c.books(2, 3), sim::Error);
}

TEST(CalibrationFile, DigestIsThatOfTheFile) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "calibration_digest.json";
  Calibration c = example();
  save_calibration(c, file);
  EXPECT_EQ(c.digest.size(), 64U);
  EXPECT_EQ(load_calibration(file).digest, c.digest);
  std::ofstream(file, std::ios::app) << "\n";
  EXPECT_NE(load_calibration(file).digest, c.digest);
  std::filesystem::remove(file);
  EXPECT_THROW(load_calibration(file), sim::Error);
  EXPECT_THROW(save_calibration(c, file / "no" / "such"), sim::Error);
}

TEST(CalibrationFile, BelongsToItsWeights) {
  Weights weights;
  weights.digest = "0123abc";
  EXPECT_NO_THROW(require_fit(example(), weights));
  weights.digest = "0123abd";
  EXPECT_THROW(require_fit(example(), weights), sim::Error);
}

TEST(CalibrationFile, RefusesWhatContradictsItself) {
  const json good = json::parse(to_text(example()));
  const auto refused = [&](const std::function<void(json&)>& change) {
    json bad = good;
    change(bad);
    try {
      parse_calibration(bad.dump(), "file.json");
      ADD_FAILURE() << "accepted";
    } catch (const sim::Error& error) {
      EXPECT_EQ(error.exit_code(), sim::Exit::input) << error.what();
      EXPECT_EQ(std::string(error.what()).rfind("file.json", 0), 0U) << error.what();
    }
  };
  refused([](json& j) { j = json::array(); });
  refused([](json& j) { j["format"] = "other"; });
  refused([](json& j) { j["version"] = 2; });
  refused([](json& j) { j.erase("codebooks"); });
  refused([](json& j) { j["flexquant"]["int4"] = "int5"; });
  refused([](json& j) { j["flexquant"]["layer_order"] = {1, 0, 3}; });
  refused([](json& j) { j["flexquant"]["layer_order"] = {1, 0}; });
  refused([](json& j) { j["flexquant"]["layer_order"][0] = 0.5; });
  refused([](json& j) { j["flexquant"]["thresholds"][0] = -1; });
  refused([](json& j) { j["flexquant"]["thresholds"][0] = "1"; });
  refused([](json& j) { j["flexquant"]["window"] = 0; });
  refused([](json& j) { j["flexquant"]["way_back"] = 1; });
  refused([](json& j) { j["codebooks"][0]["code_bits"] = 4; });
  refused([](json& j) { j["codebooks"][0]["code_bits"] = 0; });
  refused([](json& j) { j["codebooks"][0]["sub_vectors"] = 3; });
  refused([](json& j) { j["codebooks"][0]["key"] = "AAA"; });
  refused([](json& j) { j["codebooks"][0]["key"] = "AAAA"; });
  refused([](json& j) { j["codebooks"][0].erase("value"); });
  EXPECT_THROW(parse_calibration("{", "x"), sim::Error);
  EXPECT_THROW(parse_calibration("", "x"), sim::Error);
}

// Flipped bytes and cut ends give an error or a calibration that is usable, never anything else.
TEST(CalibrationFile, SurvivesDamage) {
  const std::string good = to_text(example());
  std::mt19937 random(2);
  for (int round = 0; round < 3000; ++round) {
    std::string text = good;
    if (round % 3 == 0) text.resize(random() % text.size());
    for (unsigned i = 0; i < 1 + random() % 3 && !text.empty(); ++i)
      text[random() % text.size()] = static_cast<char>(random());
    try {
      parse_calibration(text, "x");
    } catch (const sim::Error& error) {
      EXPECT_EQ(error.exit_code(), sim::Exit::input);
    }
  }
}

}  // namespace
}  // namespace workload
