// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "sim/app/verbs.h"

namespace sim::sweep {

// `tricycle sensitivity`: how far each assumed setting moves the results of a run; see sensitivity.h.
app::Verb sensitivity_verb();

}  // namespace sim::sweep
