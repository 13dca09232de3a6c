// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/stall_pattern.h"

#include <algorithm>

namespace sim::config {
const std::vector<std::pair<allmod::StallKind, std::string>>& EnumNames<allmod::StallKind>::get() {
  using allmod::StallKind;
  static const std::vector<std::pair<StallKind, std::string>> names = {{StallKind::none, "none"},
                                                                       {StallKind::random, "random"},
                                                                       {StallKind::burst, "burst"},
                                                                       {StallKind::pattern, "pattern"}};
  return names;
}
}  // namespace sim::config

namespace allmod {
namespace {

// SplitMix64's finaliser: every bit of the result depends on every bit of z.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

void StallConfig::fields(sim::config::Visitor& v) {
  using sim::config::Meta;
  v.field("kind", kind, Meta("", "when this end hesitates"));
  v.field("share", share, Meta("", "random: probability of hesitating in a cycle").range(0.0, 0.999));
  v.field("run", run, Meta("cycle", "burst: willing for so long, then not for `pause`").range(1, 1000000));
  v.field("pause", pause, Meta("cycle", "burst: not willing for so long").range(0, 1000000));
  v.field("pattern", pattern, Meta("", "pattern: repeated, 1 = willing, 0 = not"));
  v.field("seed", seed, Meta("", "random: seed"));
}

void StallConfig::check(const std::string& path, const sim::config::Resolved& resolved,
                        sim::config::Diagnostics& diagnostics) const {
  if (kind != StallKind::pattern) return;
  if (pattern.find_first_not_of("01") != std::string::npos || pattern.find('1') == std::string::npos) {
    diagnostics.error(resolved.mark(path + ".pattern"),
                      path + ".pattern: '" + pattern + "' must consist of 0 and 1 with at least one 1");
  }
}

StallPattern::StallPattern(const StallConfig& config, std::uint64_t stream)
    : config_(config),
      key_(mix(config.seed * 0x9e3779b97f4a7c15u + stream)),
      threshold_(static_cast<std::uint64_t>(config.share * 18446744073709551615.0)) {}

bool StallPattern::willing(std::uint64_t i) const {
  switch (config_.kind) {
    case StallKind::none:
      return true;
    case StallKind::random:
      return mix(key_ + i * 0x9e3779b97f4a7c15u) >= threshold_;
    case StallKind::burst:
      return i % (std::uint64_t{config_.run} + config_.pause) < config_.run;
    case StallKind::pattern:
      return config_.pattern[i % config_.pattern.size()] == '1';
  }
  return true;
}

std::uint64_t StallPattern::next_willing(std::uint64_t i) const {
  while (!willing(i)) ++i;
  return i;
}

std::uint64_t StallPattern::willing_until(std::uint64_t i, std::uint64_t limit) const {
  if (always()) return limit;
  std::uint64_t end = i + 1;
  while (end < limit && willing(end)) ++end;
  return end;
}

}  // namespace allmod
