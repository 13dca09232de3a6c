// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "sim/config/diagnostics.h"
#include "sim/config/mark.h"
#include "sim/config/node.h"

namespace sim::config {

// Where the parsed text will stand in the document, and what it may still use.
struct ParseContext {
  std::string path;              // for messages
  std::size_t depth = 0;         // already used by what is around it
  std::size_t* nodes = nullptr;  // of the whole document so far; counted up
  bool positions = true;         // false: every mark is the source as a whole
};

// Turns YAML text into a tree with aliases expanded. Include keys are ordinary keys here. On errors they are
// reported and false is returned; `out` then holds what was read as far as it makes sense (maybe nothing).
bool parse_yaml(const std::string& text, const std::shared_ptr<const Source>& source,
                const ParseContext& context, Diagnostics& diagnostics, Node& out);

std::shared_ptr<const Source> make_source(const std::string& name, const std::string& text);

}  // namespace sim::config
