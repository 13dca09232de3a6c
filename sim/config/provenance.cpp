// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/provenance.h"

#include <cstddef>

namespace sim::config {

const std::vector<std::string>& provenance_words() {
  static const std::vector<std::string> kWords = {"choice", "paper", "code", "measured", "assumed", "user"};
  return kWords;
}

const char* to_string(Provenance provenance) {
  return provenance_words().at(static_cast<std::size_t>(provenance)).c_str();
}

std::optional<Provenance> provenance_from(const std::string& word) {
  const auto& words = provenance_words();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return static_cast<Provenance>(i);
  }
  return std::nullopt;
}

}  // namespace sim::config
