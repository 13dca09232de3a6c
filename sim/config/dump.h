// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/config/resolved.h"
#include "sim/config/visitor.h"

namespace sim::config {

using Fields = std::function<void(Visitor&)>;
std::string dump_fields(const Fields& fields, const Resolved* resolved);
std::string describe_fields_text(const Fields& fields);
nlohmann::ordered_json describe_fields_json(const Fields& fields);

// The present values as commented YAML, complete, which reads back to the same values and (given the
// `resolved` of reading them; nullptr: the declared ones) the same provenances.
template <class S>
std::string dump(S& root, const Resolved* resolved = nullptr) {
  return dump_fields([&](Visitor& v) { root.fields(v); }, resolved);
}

// Every setting there is, for people. `root` holds the defaults. Elements of lists appear as "stages[].x".
template <class S>
std::string describe_text(S& root) {
  return describe_fields_text([&](Visitor& v) { root.fields(v); });
}

// The same for programs: [{path, type, default, unit, range, words, text, provenance, source}, ...].
// range: null, or [lo, hi] with null for an open end; an exclusive lower end adds "exclusive": true.
template <class S>
nlohmann::ordered_json describe_json(S& root) {
  return describe_fields_json([&](Visitor& v) { root.fields(v); });
}

}  // namespace sim::config
