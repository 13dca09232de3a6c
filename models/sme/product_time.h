// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "models/sme/chip_config.h"
#include "models/sme/work.h"

namespace sme {

// One product on a chip that does nothing else: from the edge at which the controller has the turn to the one
// at which it knows that all outputs are in the buffer. Made of the same latencies as the chip's units
// (UnitTiming, ChipConfig) and of the rules in compute_unit.h, without events: each CU's jobs follow those
// rules, and whoever asks first for a bus has it first, by number where two ask at the same time. Exact where
// that is also what chip.arbiter does; else near to it.
Cycle product_cycles(const LayerWork& work, const ChipConfig& config);

// Writing a round's crossbars, from the controller's turn to its knowing that all are written.
Cycle program_cycles(const ProgramWork& program, const ChipConfig& config);

}  // namespace sme
