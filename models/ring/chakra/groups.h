// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ring::chakra {

// Process groups by name, each a list of different ranks below `ranks`. The file is JSON: {"0": [0, 1, 2, 3],
// ...}. `file` empty: "PREFIX.groups.json" where there is one, else no groups. Throws
// sim::Error(Exit::input).
std::map<std::string, std::vector<std::uint32_t>> read_groups(const std::string& file,
                                                              const std::string& prefix, std::uint32_t ranks);

}  // namespace ring::chakra
