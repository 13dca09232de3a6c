// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sim::config {

struct Node;

// One step of a path: a key, or the index of a list element.
struct Step {
  std::string key;
  std::optional<std::size_t> index;
};

// Splits "a.b[2].c". nullopt when it is not a path.
std::optional<std::vector<Step>> split_path(const std::string& path);

// "a.b[2]" -> "a.b" -> "a" -> "".
std::string parent_path(const std::string& path);

// The node one step below, or nullptr.
const Node* step_into(const Node& node, const Step& step);

}  // namespace sim::config
