// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace sim::config {

// A setting that is either a value or one word that leaves the choice to the program ("auto", or the word
// given by Meta::word). Without a value it means the word.
template <class T>
struct Auto {
  std::optional<T> value;
  std::string word = "auto";  // kept equal to Meta::word by every visit; for messages

  Auto() = default;
  Auto(T given) : value(std::move(given)) {}  // implicit on purpose: Auto<unsigned> m = 3;

  bool is_auto() const { return !value.has_value(); }
  T value_or(T otherwise) const { return value.value_or(std::move(otherwise)); }

  friend bool operator==(const Auto& a, const Auto& b) { return a.value == b.value; }
  friend bool operator!=(const Auto& a, const Auto& b) { return !(a == b); }
};

}  // namespace sim::config
