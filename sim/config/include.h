// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/config/diagnostics.h"
#include "sim/config/node.h"

namespace sim::config {

// Puts `over` on top of `base`: maps merge key by key, everything else replaces. An annotated value replaces
// as a whole, so that a claim made about one value never sticks to another.
void merge(Node& base, Node over);

// Reads files and resolves their `include` keys. One object for one document: it counts files and nodes.
class Includer {
 public:
  Includer(std::size_t& nodes, Diagnostics& diagnostics) : nodes_(nodes), diagnostics_(diagnostics) {}

  // The tree of a file, complete. `where`: what asked for it. An empty map when it cannot be read.
  Node load(const std::string& file, const Mark& where);

  // The same for text that is at hand.
  Node adopt(const std::string& text, const std::string& name);

  // Resolves the includes in `node`, which was written in a file of `folder` and stands at `path`.
  void resolve(Node& node, const std::string& folder, const std::string& path, std::size_t depth);

 private:
  Node load_at(const std::string& file, const Mark& where, const std::string& path, std::size_t depth);
  Node finish(const std::string& text, const std::string& file, const std::string& path, std::size_t depth);
  Node included(const Node& names, const std::string& folder, const std::string& path, std::size_t depth);

  std::size_t& nodes_;
  Diagnostics& diagnostics_;
  std::vector<std::string> open_;  // files being read, outermost first, in one spelling each
  std::size_t files_ = 0;
};

}  // namespace sim::config
