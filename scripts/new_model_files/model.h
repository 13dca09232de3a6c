// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "sim/app/model.h"

namespace NAME {

/// Adds the model to a program's registry.
void register_model(sim::app::Registry& registry);

}  // namespace NAME
