// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "sim/app/model.h"

namespace ring {

/// Adds the model `ring` to a program.
void register_model(sim::app::Registry& registry);

}  // namespace ring
