// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace workload {

struct JsonLimits {
  std::size_t bytes = std::size_t{100} << 20;
  std::size_t values = 2'000'000;  // scalars, keys and brackets
  std::size_t depth = 16;
};

// Parses text that nobody vouches for: bounded in size, number of values and depth, and a key that appears
// twice in one object is an error (which of the two would count?). `where` leads every message. Throws
// sim::Error (input).
nlohmann::json parse_strict_json(std::string_view text, const std::string& where,
                                 const JsonLimits& limits = {});

// The same from a file.
nlohmann::json read_strict_json(const std::filesystem::path& file, const JsonLimits& limits = {});

}  // namespace workload
