// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>

#include "models/ring/chakra/import.h"
#include "sim/app/model.h"

namespace ring {

/// One line: "copy: 2 ranks, 2 nodes, 1 message of 64 bytes".
std::string chakra_text(const std::string& prefix, const chakra::Contents& contents);

/// `tricycle trace import --chakra PREFIX`: reads and checks all files. Nodes without durations are taken to
/// run at the rates of the default GPU, which the configuration then says. Throws sim::Error(Exit::input).
sim::app::ImportedTrace look_at_chakra(const std::string& prefix);

}  // namespace ring
