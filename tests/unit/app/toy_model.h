// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>

#include "sim/app/model.h"

namespace toy {

/// A model for tests of the command line: one unit that retires an operation every `latency` cycles, and
/// settings that make it go wrong in every way a model can.
std::unique_ptr<sim::app::Model> make_model();

}  // namespace toy
