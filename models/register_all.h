// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "sim/app/model.h"

namespace tricycle {

// Adds every model of this project to a program's registry.
void register_all(sim::app::Registry& registry);

}  // namespace tricycle
