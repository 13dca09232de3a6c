// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>

#include "models/allmod/function/datapath.h"

namespace allmod {

// One operand's way through a reducer as an SVG: cycles from left to right, the parts of the data path from
// top to bottom, so that what overlaps and what waits can be seen.
std::string pipeline_picture(const Datapath& datapath);

}  // namespace allmod
