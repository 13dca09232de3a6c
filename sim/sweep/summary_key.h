// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace sim::sweep {

// A key of summary.json, nested ones with dots, as text; absent: not there, or no single value.
inline std::optional<std::string> key_text(const nlohmann::ordered_json& summary, const std::string& name) {
  const nlohmann::ordered_json* at = &summary;
  for (std::size_t from = 0; from <= name.size();) {
    const std::size_t dot = std::min(name.find('.', from), name.size());
    const auto found = at->is_object() ? at->find(name.substr(from, dot - from)) : at->end();
    if (!at->is_object() || found == at->end()) return std::nullopt;
    at = &*found;
    from = dot + 1;
  }
  if (at->is_object() || at->is_array()) return std::nullopt;
  return at->is_string() ? at->get<std::string>() : at->dump();
}

}  // namespace sim::sweep
