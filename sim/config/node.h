// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/config/mark.h"

namespace sim::config {

// A YAML value with its position. Plain data; depth is bounded by the parser.
struct Node {
  struct Member;
  enum class Kind { null, scalar, sequence, map };

  Kind kind = Kind::null;
  bool quoted = false;  // scalar in quotes or a block scalar: a text for sure
  Mark mark;
  std::string scalar;
  std::vector<Node> items;      // sequence
  std::vector<Member> members;  // map; keys are unique

  bool is_map() const { return kind == Kind::map; }
  const Member* find(const std::string& key) const;  // nullptr unless this is a map that has it
  Member* find(const std::string& key);

  // {value: ..., provenance: ..., source: ...}: one value together with the claim made about it.
  bool is_annotated() const;
  const char* kind_name() const;  // for messages: "a single value", "a list"
  std::size_t count() const;      // this node and everything below
};

struct Node::Member {
  std::string key;
  Mark mark;  // of the key
  Node value;
};

}  // namespace sim::config
