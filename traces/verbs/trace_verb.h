// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/app/verbs.h"

namespace trace::verbs {

/// `tricycle trace info|dump|validate|slice|diff|import|export`, to be handed to sim::app::main().
sim::app::Verb trace_verb();

// Each takes the words behind its own name and returns the exit code; errors are thrown.
int info(const std::vector<std::string>& words);
int dump(const std::vector<std::string>& words);
int validate(const std::vector<std::string>& words);
int slice(const std::vector<std::string>& words);
int diff(const std::vector<std::string>& words);
int import_trace(const std::vector<std::string>& words, const sim::app::Registry& registry);
int export_trace(const std::vector<std::string>& words, const sim::app::Registry& registry);

/// Throws sim::Error(Exit::usage) with `what` where the text is not a whole number, which boost would take
/// for one
/// (-1, 1.5).
std::uint64_t whole_number(const std::string& text, const std::string& what);

}  // namespace trace::verbs
