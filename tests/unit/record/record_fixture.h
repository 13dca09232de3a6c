// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>

#include "sim/record/recorder.h"

namespace sim::record {

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

// A folder of its own for each test.
class RecordTest : public ::testing::Test {
 protected:
  RecordTest() {
    std::string name = (std::filesystem::temp_directory_path() / "record_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }
  ~RecordTest() override { std::filesystem::remove_all(folder_); }

  nlohmann::json timeline() const { return nlohmann::json::parse(read_text(folder_ / "timeline.json")); }

  // Events of one phase, in the order of the file.
  std::vector<nlohmann::json> events(const std::string& phase) const {
    std::vector<nlohmann::json> found;
    const nlohmann::json all = timeline();
    for (const auto& event : all.at("traceEvents")) {
      if (event.at("ph") == phase) found.push_back(event);
    }
    return found;
  }
  std::string waves() const { return read_text(folder_ / "waves.vcd"); }

  static RecordConfig only_timeline() {
    RecordConfig config;
    config.perfetto = true;
    return config;
  }
  static RecordConfig only_waves() {
    RecordConfig config;
    config.vcd = true;
    config.fst = false;
    return config;
  }

  std::filesystem::path folder_;
};

}  // namespace sim::record
