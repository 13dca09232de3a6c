// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "sim/app/model.h"

namespace sim::app {

/// `tricycle check --levels`: runs the configuration once at each level of detail that the model names, each
/// in a process of its own, and prints their figures side by side with the deviations from the first.
///
/// Returns 0. Throws Error(Exit::usage) where the model has no levels, Error(Exit::check) where a level that
/// must give the very numbers of the first one does not, and the error of a run that failed, with its exit
/// code.
int check_levels(const std::string& config, const std::vector<std::string>& overrides,
                 const Registry& registry);

}  // namespace sim::app
