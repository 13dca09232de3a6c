// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra/groups.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "sim/core/error.h"

namespace ring::chakra {

std::map<std::string, std::vector<std::uint32_t>> read_groups(const std::string& file,
                                                              const std::string& prefix,
                                                              std::uint32_t ranks) {
  const std::string path = file.empty() ? prefix + ".groups.json" : file;
  const auto refuse = [&](const std::string& what) {
    throw sim::Error(sim::Exit::input, path + ": " + what);
  };
  std::error_code ignored;
  if (file.empty() && !std::filesystem::exists(path, ignored)) return {};
  constexpr std::uintmax_t kMostBytes = 16u << 20;
  if (std::filesystem::file_size(path, ignored) > kMostBytes && !ignored) refuse("is larger than 16 MiB");
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path, ignored)) refuse("cannot be opened");
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, false);
  if (!json.is_object()) refuse("is not JSON of the form {\"NAME\": [0, 1, 2, 3], ...}");
  std::map<std::string, std::vector<std::uint32_t>> groups;
  for (const auto& [name, members] : json.items()) {
    if (!members.is_array() || members.empty()) refuse("group '" + name + "' is not a list of ranks");
    std::vector<std::uint32_t>& group = groups[name];
    for (const auto& member : members) {
      if (!member.is_number_unsigned() || member.get<std::uint64_t>() >= ranks) {
        refuse("group '" + name + "' has the member " + member.dump().substr(0, 40) +
               "; the trace has ranks 0 to " + std::to_string(ranks - 1));
      }
      group.push_back(member.get<std::uint32_t>());
    }
    std::vector<std::uint32_t> sorted = group;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
      refuse("group '" + name + "' has a member twice");
    }
  }
  return groups;
}

}  // namespace ring::chakra
