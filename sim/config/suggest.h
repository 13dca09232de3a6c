// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sim::config {

// Number of letters to insert, delete, change or swap with a neighbour; capitals and '-' for '_' are free.
std::size_t edit_distance(const std::string& a, const std::string& b);

// The candidate the writer probably meant; "" when none is near.
std::string closest(const std::string& written, const std::vector<std::string>& candidates);

// ", did you mean 'x'?" or "".
std::string did_you_mean(const std::string& written, const std::vector<std::string>& candidates);

}  // namespace sim::config
