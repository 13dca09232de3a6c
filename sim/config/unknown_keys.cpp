// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include <algorithm>

#include "sim/config/read_visitor.h"
#include "sim/config/suggest.h"

namespace sim::config {
namespace {

constexpr std::size_t kMaxHints = 1000;  // more are not shown; hints for a million keys take seconds

std::string last_key(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

// "mul.latency" -> "mul: {latency: ...}".
std::string nested(const std::string& path) {
  const std::size_t dot = path.find('.');
  if (dot == std::string::npos) return path + ": ...";
  return path.substr(0, dot) + ": {" + nested(path.substr(dot + 1)) + "}";
}

}  // namespace

void ReadVisitor::report_unknown(const Seen& seen, const Node::Member& member) {
  const std::string full = join(seen.path, member.key);
  if (++unknown_ > kMaxHints) return error(member.mark, full, "unknown key");
  const std::string near = closest(member.key, seen.keys);
  // The right key in the wrong section, or a path written as a key.
  std::vector<std::string> elsewhere;
  for (const std::string& path : declared_) {
    if (path == member.key && path.find('.') != std::string::npos) {
      return error(member.mark, full, "unknown key, write it nested: `" + nested(path) + "`");
    }
    if (last_key(path) == member.key) elsewhere.push_back(path);
  }
  if (!near.empty()) return error(member.mark, full, "unknown key, did you mean '" + near + "'?");
  std::string what = "unknown key";
  if (!elsewhere.empty()) {
    what += ", did you mean '" + elsewhere[0] + "'?";
  } else if (seen.keys.empty()) {
    what += ": there are no settings here";
  } else {
    constexpr std::size_t kMany = 12;
    what += ", known here: ";
    for (std::size_t i = 0; i < seen.keys.size() && i < kMany; ++i)
      what += (i == 0 ? "" : ", ") + seen.keys[i];
    if (seen.keys.size() > kMany) what += ", ...";
  }
  error(member.mark, full, what);
}

Resolved ReadVisitor::finish() {
  on_leave();  // the root
  for (const Seen& seen : seen_) {
    for (const Node::Member& member : seen.node->members) {
      if (std::find(seen.keys.begin(), seen.keys.end(), member.key) == seen.keys.end()) {
        report_unknown(seen, member);
      }
    }
  }
  return std::move(resolved_);
}

}  // namespace sim::config
