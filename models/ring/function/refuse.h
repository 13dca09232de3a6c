// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>

#include "sim/core/error.h"

namespace ring {

/// Settings that make no cluster: `what` says which and why.
[[noreturn]] inline void refuse(const std::string& what) { throw sim::Error(sim::Exit::usage, what); }

}  // namespace ring
