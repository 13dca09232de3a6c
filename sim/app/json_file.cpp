// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/json_file.h"

#include <fstream>

#include "sim/core/error.h"

namespace sim::app {

using Json = nlohmann::ordered_json;

Json read_json(const std::filesystem::path& file, const std::string& remedy) {
  std::ifstream in(file);
  std::error_code none;
  if (!in || std::filesystem::is_directory(file, none)) {
    throw Error(Exit::input, "cannot read " + file.string() + "; " + remedy);
  }
  try {
    return Json::parse(in);
  } catch (const Json::exception& e) {
    throw Error(Exit::input,
                file.string() + " is not JSON: " + e.what() + "; a run writes it whole: run it again");
  }
}

std::optional<Json> read_json_object(const std::filesystem::path& file) {
  std::ifstream in(file);
  Json json = Json::parse(in, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

}  // namespace sim::app
