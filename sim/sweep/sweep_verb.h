// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "sim/app/verbs.h"

namespace sim::sweep {

// `tricycle sweep`: runs a sweep file, and looks at what it left (status, export).
app::Verb sweep_verb();

}  // namespace sim::sweep
