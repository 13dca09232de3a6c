// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/resolved.h"

#include <utility>

#include "sim/config/path.h"

namespace sim::config {

const Resolved::Entry* Resolved::find(const std::string& path) const {
  const auto it = index_.find(path);
  return it == index_.end() ? nullptr : &entries_[it->second];
}

Mark Resolved::mark(const std::string& path) const {
  std::string at = path;
  while (true) {
    const auto it = marks_.find(at);
    if (it != marks_.end()) return it->second;
    if (at.empty()) return {};
    at = parent_path(at);
  }
}

std::vector<const Resolved::Entry*> Resolved::assumed() const {
  std::vector<const Entry*> result;
  for (const Entry& entry : entries_) {
    if (entry.provenance == Provenance::assumed) result.push_back(&entry);
  }
  return result;
}

void Resolved::add(Entry entry) {
  index_[entry.path] = entries_.size();
  entries_.push_back(std::move(entry));
}

void Resolved::add_mark(const std::string& path, const Mark& mark) { marks_[path] = mark; }

}  // namespace sim::config
