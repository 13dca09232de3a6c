// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Forms that use one adder or one row of subtractors again and again. What a stage hands on is a pipeline
// register (two entries with elastic stalls), what else it works on is state.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/cost.h"
#include "models/allmod/function/cost_steps.h"

namespace allmod {

namespace {

// `t` memories, of which number i holds the tables i, i + t, ... one behind the other. The first addresses
// come from the operand register, the others from a register that shifts; where operands overlap, the first
// two come from the look-up stage.
class DeepTables {
 public:
  DeepTables(const Datapath& datapath, Bill& bill) : design_(datapath.design()), bill_(bill) {
    const std::vector<Group>& groups = datapath.groups();
    const bool overlapped = is_overlapped(design_);
    for (unsigned lane = 0; lane < design_.t; ++lane) {
      std::uint64_t words = 0;
      for (std::size_t g = lane; g < groups.size(); g += design_.t)
        words += std::uint64_t{1} << groups[g].width;
      memories_.push_back(bill.table(words, design_.n));
      bill.path("tables: look-up", bill.table_ns(memories_.back()));
      behind_ns_ = std::max(behind_ns_, bill.behind_table_ns(memories_.back()));
      // The address: of this operand, of what shifts, and if operands overlap, of the two that may come next.
      if (datapath.read_cycles() > 1) bill.logic(Part::tables, (overlapped ? 3 : 1) * groups[lane].width);
    }
    for (std::size_t g = (overlapped ? 2 : 1) * design_.t; g < groups.size(); ++g)
      shifting_ += groups[g].width;
    bill.logic(Part::input, shifting_);  // shift or load
    bill.counter(datapath.read_cycles());
  }

  unsigned shifting() const { return shifting_; }
  const std::vector<RomCost>& memories() const { return memories_; }

  // The sum and t answers, which are masked in the adders' LUTs where the last cycle reads fewer; `taken`
  // bits of another value can take the place of one of them, or of the sum.
  void adder(unsigned bits, unsigned taken) {
    bill_.adder(Part::tree, bits, design_.t + 1);
    bill_.logic(Part::tree, taken);
    bill_.path("tree: accumulator of " + std::to_string(bits) + " bits" +
                   (design_.t > 1 ? " and " + std::to_string(design_.t + 1) + " operands" : "") +
                   (behind_ns_ > 0 ? " behind block RAM" : ""),
               bill_.adder_ns(bits, design_.t + 1) + behind_ns_);
  }

 private:
  const Design& design_;
  Bill& bill_;
  std::vector<RomCost> memories_;
  double behind_ns_ = 0;
  unsigned shifting_ = 0;
};

// The register of a unit of restoring steps, of which `n` bits are the answer. The bits above those that only
// shift come from the last subtractor's choice, whose LUT also takes the load.
void bill_unit_register(Bill& bill, Part part, unsigned n, unsigned bits) {
  bill.logic(part, bits - n);
  bill.hold(part, n);
  bill.state(part, bits - n);
}

// A unit that makes its first steps on an operand while it takes it: the LUT in front of the carry chain
// chooses between operand and register, and where M has a 1 its inverse takes another.
void bill_load_in_front(Bill& bill, Part part, unsigned n) { bill.logic(part, n / 2); }

// Look-up, accumulator and corrector each on an operand of its own.
void bill_overlapped(const Datapath& datapath, Bill& bill) {
  const Design& d = datapath.design();
  DeepTables tables(datapath, bill);
  bill.hold(Part::input, 2 * d.n);  // the look-up stage keeps the operand until the accumulator takes it
  bill.state(Part::input, tables.shifting());
  for (const RomCost& memory : tables.memories()) bill.hold_answer(Part::tables, d.n, 1, memory.in_bram);
  tables.adder(datapath.sum_bits(), d.n);
  bill.hold(Part::tree, datapath.sum_bits());

  StepUnit unit(d.u);
  unit.serve(datapath.post());
  unit.bill(bill, Part::post);
  bill_unit_register(bill, Part::post, d.n, unit.first_bits(datapath.post()));
  if (unit.cycles(datapath.post()) > 1) bill_load_in_front(bill, Part::post, d.n);
  bill.counter(unit.cycles(datapath.post()));
}

// One operand at a time, one row of subtractors before and after the fusion. Its register takes the low part,
// what the subtractors leave, or the fused sum: one of the loads has LUTs of its own.
void bill_core(const Datapath& datapath, Bill& bill) {
  const Design& d = datapath.design();
  DeepTables tables(datapath, bill);
  bill.state(Part::input, tables.shifting());
  for (const RomCost& memory : tables.memories())
    if (!memory.in_bram) bill.state(Part::tables, d.n);
  tables.adder(datapath.sum_bits(), datapath.residue_bits());
  const auto groups = static_cast<unsigned>(datapath.groups().size());
  bill.state(Part::tree, bounds::bit_length(bounds::any_sum(d, groups, false)));

  const Part part = d.p > 0 ? Part::pre : Part::post;
  StepUnit unit(d.u);
  unit.serve(datapath.pre());
  unit.serve(datapath.post());
  unit.bill(bill, part);
  const unsigned low = d.p > 0 ? unit.first_bits(datapath.pre()) : d.n + d.m;
  bill_unit_register(bill, part, d.n, std::max(low, datapath.sum_bits()));
  bill.logic(Part::post, datapath.sum_bits());
  if (d.p > 0 && unit.cycles(datapath.pre()) > datapath.read_cycles()) bill_load_in_front(bill, part, d.n);
  bill.counter(core_cycles(d));
}

}  // namespace

void bill_serial(const Datapath& datapath, Bill& bill) {
  const Design& d = datapath.design();
  bill.hold(Part::input, 2 * d.n);
  if (is_overlapped(d))
    bill_overlapped(datapath, bill);
  else
    bill_core(datapath, bill);
  bill.hold(Part::post, d.n);
  bill.stage_control(static_cast<unsigned>(datapath.stages().size()));
}

void bill_iterative(const Datapath& datapath, Bill& bill) {
  const Design& d = datapath.design();
  bill.hold(Part::input, 2 * d.n);
  StepUnit unit(d.u);
  unit.serve(datapath.pre());
  unit.bill(bill, Part::pre);
  bill_unit_register(bill, Part::pre, d.n, unit.first_bits(datapath.pre()));
  if (unit.cycles(datapath.pre()) > 1) bill_load_in_front(bill, Part::pre, d.n);
  bill.counter(core_cycles(d));
  bill.hold(Part::post, d.n);
  bill.stage_control(static_cast<unsigned>(datapath.stages().size()));
}

}  // namespace allmod
