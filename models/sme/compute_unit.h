// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>

#include "models/sme/chip_config.h"
#include "models/sme/work.h"

namespace sme {

struct BankContext;

// A tile's product of one position, on its way through a CU.
struct UnitJob {
  TileOp* op = nullptr;
  BankContext* context = nullptr;
  std::uint64_t position = 0;
};

// A product that a CU computed: when its rows were first driven, when its result stands in the output
// register.
struct UnitSpan {
  TileOp* op = nullptr;
  Cycle begin = 0, end = 0;
  Cycle adc_cycles = 0;  // in which its ADCs converted, all of a CU's at the same time
  Cycle stalled = 0;     // it waited for an output register alone
};

// One CU: input registers, crossbars, sample-and-hold, ADCs, shifters, accumulator, shift-and-add, output
// registers. A plain object of its bank, which moves its inputs and results over the shared bus.
//
// Its rule, for the n-th job (register counts Rin, Rout; columns of the job's tile):
//   input request     max(inputs in the buffer, job n - Rin has sampled its last bit, grant of job n - 1)
//   rows driven       max(inputs in the register [+ RCMR conversion], array free, result n - Rout taken away)
//   sample of a bit   rows driven for `read` cycles and ADC free
//   result            last sample + conversion + shifter + accumulator + shift-and-add + output register
class ComputeUnit {
 public:
  virtual ~ComputeUnit() = default;

  virtual void enqueue(const UnitJob& job, Cycle arrival) = 0;

  // Cycle since which it asks for the bus, arbitration included; kNever: it does not, or not yet known when.
  virtual Cycle input_request() const = 0;
  virtual Cycle result_request() const = 0;
  // The job whose inputs (result) the bus is asked for.
  virtual const UnitJob& input_job() const = 0;
  virtual const UnitJob& result_job() const = 0;

  // The bus was granted at `grant`; the inputs are in the register at `ready`.
  virtual void load(Cycle grant, Cycle ready) = 0;
  // The bus was granted at `grant`; the output register is free again at `end`.
  virtual void unload(Cycle grant, Cycle end) = 0;

  virtual void tick(Cycle now) = 0;  // Detail::clocked: one cycle, before the bus is given away
  virtual bool idle() const = 0;

  // The oldest job whose times are known and that was not taken yet. False: none.
  virtual bool take_span(UnitSpan& span) = 0;
};

std::unique_ptr<ComputeUnit> make_event_unit(const ChipConfig& config);
std::unique_ptr<ComputeUnit> make_clocked_unit(const ChipConfig& config);

}  // namespace sme
