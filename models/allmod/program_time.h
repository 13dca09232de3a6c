// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <vector>

#include "models/allmod/function/chain.h"
#include "models/allmod/modmul.h"
#include "sim/core/units.h"

namespace allmod {

// A program of modular multiplications on lanes of a multiplier and a reducer each, by the rules of
// ModMulFrontEnd and without events: when each result leaves its lane, in edges from the one that saw START.
// `latency`, `ii`: of a reducer whose results are taken at once.
std::vector<sim::Cycle> result_cycles(const ChainProgram& program, unsigned lanes,
                                      const MultiplierCycles& multiplier, unsigned latency, unsigned ii);

}  // namespace allmod
