// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sim::config {

// Why a setting has the value it has.
enum class Provenance {
  choice,    // a free parameter of the design: no claim that the value is true of anything
  paper,     // taken from a publication (the source says which)
  code,      // taken from published code or RTL
  measured,  // measured on hardware
  assumed,   // nobody knows; results that rest on it say so
  user,      // given by the user without further claim, and different from the declared default
};

const char* to_string(Provenance provenance);
std::optional<Provenance> provenance_from(const std::string& word);
const std::vector<std::string>& provenance_words();

}  // namespace sim::config
