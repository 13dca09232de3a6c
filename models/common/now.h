// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <systemc>

#include "models/common/hbm_config.h"

namespace common {

/// Simulated time, in ps: what one tick of the kernel is.
inline Ps now_ps() { return sc_core::sc_time_stamp().value(); }

}  // namespace common
