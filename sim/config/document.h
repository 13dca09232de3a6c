// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <string>

#include "sim/config/diagnostics.h"
#include "sim/config/mark.h"
#include "sim/config/node.h"

namespace sim::config {

// A configuration as written: the tree of a YAML file after includes and --set, every node with its place.
//
// YAML as usual, with these rules:
// - one document, a map at the top (or nothing at all); no tags, no "<<" merge keys; a key given twice in
//   one map is an error.
// - `include: FILE` or `include: [FILE, ...]` in any map: the files are read first, in that order, and the
//   map's own keys override them. Maps merge; single values and lists replace. Paths are relative to
//   the including file.
// - a setting may carry its origin: `key: {value: 3, provenance: measured, source: "bench of 3 May"}`.
// - limits against hostile input, below.
class Document {
 public:
  static constexpr std::size_t kMaxNodes = 1'000'000;  // aliases and includes expanded
  static constexpr std::size_t kMaxDepth = 64;         // of nesting
  static constexpr std::size_t kMaxBytes = 16u << 20;  // of one file
  static constexpr std::size_t kMaxIncludes = 1000;    // files read in all
  static constexpr std::size_t kMaxIncludeDepth = 32;  // files including files

  // Never throws for bad input: everything wrong goes to the diagnostics, and the document then holds what
  // could be read. `name` of parse() is shown in messages; includes are relative to its folder.
  static Document load(const std::string& path, Diagnostics& diagnostics);
  static Document parse(const std::string& text, const std::string& name, Diagnostics& diagnostics);

  // "a.b=c", "list[2].x=3": sets one value, written as YAML. A map merges with what is there. The position
  // of what it sets is shown as "--set a.b=c". Whether such a setting exists is the reader's concern.
  void set(const std::string& assignment, Diagnostics& diagnostics);

  // Paths as in set(). Annotated values are looked through: scalar("w") of {value: 3} is "3".
  bool has(const std::string& path) const { return find(path) != nullptr; }
  const Node* find(const std::string& path) const;            // nullptr when absent
  std::string scalar(const std::string& path) const;          // "" when absent or not a single value
  Mark mark(const std::string& path) const;                   // of the nearest node on the way there
  const std::string& name() const { return origin_.file(); }  // of the file
  const Node& root() const { return root_; }                  // always a map

 private:
  Node root_;
  Mark origin_;  // the file as a whole
  std::size_t nodes_ = 0;
};

}  // namespace sim::config
