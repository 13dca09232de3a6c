// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/path.h"

#include <algorithm>
#include <utility>

#include "sim/config/node.h"

namespace sim::config {

std::optional<std::vector<Step>> split_path(const std::string& path) {
  std::vector<Step> steps;
  std::size_t i = 0;
  while (true) {
    const std::size_t end = std::min(path.find_first_of(".[", i), path.size());
    if (end == i) return std::nullopt;
    Step step;
    step.key = path.substr(i, end - i);
    if (step.key.find_first_of(" \t\n]{}:") != std::string::npos) return std::nullopt;
    steps.push_back(std::move(step));
    i = end;
    while (i < path.size() && path[i] == '[') {
      const std::size_t close = path.find(']', i);
      if (close == std::string::npos || close == i + 1 || close > i + 8) return std::nullopt;
      std::size_t index = 0;
      for (std::size_t k = i + 1; k < close; ++k) {
        if (path[k] < '0' || path[k] > '9') return std::nullopt;
        index = index * 10 + static_cast<std::size_t>(path[k] - '0');
      }
      steps.push_back({"", index});
      i = close + 1;
    }
    if (i == path.size()) return steps;
    if (path[i] != '.') return std::nullopt;
    ++i;
  }
}

std::string parent_path(const std::string& path) {
  const std::size_t at = path.find_last_of(".[");
  return at == std::string::npos ? "" : path.substr(0, at);
}

const Node* step_into(const Node& node, const Step& step) {
  if (step.index) {
    return node.kind == Node::Kind::sequence && *step.index < node.items.size() ? &node.items[*step.index]
                                                                                : nullptr;
  }
  const Node::Member* member = node.find(step.key);
  return member == nullptr ? nullptr : &member->value;
}

}  // namespace sim::config
