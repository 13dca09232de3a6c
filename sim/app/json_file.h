// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace sim::app {

/// A JSON file, keys in their order. Throws Error(Exit::input) with the file, what is wrong with it and the
/// remedy ("is it the folder of a complete run?") when it cannot be read or is not JSON.
nlohmann::ordered_json read_json(const std::filesystem::path& file, const std::string& remedy);

/// The same; absent where the other one throws, and for what is not an object.
std::optional<nlohmann::ordered_json> read_json_object(const std::filesystem::path& file);

}  // namespace sim::app
