// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "sim/app/verbs.h"

namespace trace::verbs {

/// `tricycle trace info|dump|validate|slice|diff`, to be handed to sim::app::main().
sim::app::Verb trace_verb();

// Each takes the words behind its own name and returns the exit code; errors are thrown.
int info(const std::vector<std::string>& words);
int dump(const std::vector<std::string>& words);
int validate(const std::vector<std::string>& words);
int slice(const std::vector<std::string>& words);
int diff(const std::vector<std::string>& words);

}  // namespace trace::verbs
