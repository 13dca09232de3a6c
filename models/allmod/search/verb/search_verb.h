// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "sim/app/verbs.h"

namespace allmod {

// `tricycle search CONFIG.yaml`, to be handed to sim::app::main().
sim::app::Verb search_verb();

}  // namespace allmod
