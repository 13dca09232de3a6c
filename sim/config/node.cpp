// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/node.h"

#include <algorithm>

namespace sim::config {

const Node::Member* Node::find(const std::string& key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

Node::Member* Node::find(const std::string& key) {
  return const_cast<Member*>(static_cast<const Node*>(this)->find(key));
}

// `value` alone, or beside other keys, may just as well be a setting of a section.
bool Node::is_annotated() const {
  const auto known = [](const Member& m) {
    return m.key == "value" || m.key == "provenance" || m.key == "source";
  };
  return is_map() && members.size() > 1 && find("value") != nullptr &&
         std::all_of(members.begin(), members.end(), known);
}

const char* Node::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return "a single value";
    case Kind::sequence:
      return "a list";
    case Kind::map:
      return "a section";
  }
  return "";
}

std::size_t Node::count() const {
  std::size_t result = 1;
  for (const Node& item : items) result += item.count();
  for (const Member& member : members) result += member.value.count();
  return result;
}

}  // namespace sim::config
