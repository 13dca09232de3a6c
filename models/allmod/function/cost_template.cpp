// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The authors' template: one adder over the answers of all tables, one subtractor beside it.
#include <algorithm>
#include <string>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/cost.h"

namespace allmod {

void bill_template(const Datapath& datapath, Bill& bill) {
  const Design& d = datapath.design();
  const auto groups = static_cast<unsigned>(datapath.groups().size());
  const bool literal = d.form == Form::template_literal;
  bill.hold(Part::input, 2 * d.n);

  // Tables, registers of their answers (of a block RAM: its own), and the multiplexer that hands them to the
  // accumulator one by one.
  const double choose_ns = mux_levels(groups) * bill.options().device.lut_level_ns;
  std::uint64_t answers = 0;  // bits
  double behind_ns = 0;
  for (const Group& group : datapath.groups()) {
    const RomCost memory = bill.table(std::uint64_t{1} << group.width, d.n);
    if (!memory.in_bram) answers += d.n;
    bill.path("tables: look-up", bill.table_ns(memory));
    behind_ns = std::max(behind_ns, bill.behind_table_ns(memory));
  }
  behind_ns += choose_ns;
  bill.mux(Part::tables, groups, d.n);
  bill.state(Part::tables, answers);

  const unsigned sum_bits = std::max(1u, bounds::bit_length(bounds::any_sum(d, groups, false)));
  bill.adder(Part::tree, sum_bits);
  bill.hold(Part::tree, sum_bits);
  bill.path("tree: accumulator of " + std::to_string(sum_bits) + " bits",
            bill.adder_ns(sum_bits) + behind_ns);

  // One subtractor over the top of a register that shifts left: select and load share a LUT, the low bits
  // take one each to shift or load.
  unsigned width = 0;
  for (const Step& step : datapath.pre()) width = std::max(width, step.subtractor_bits);
  if (width > 0) {
    bill.conditional_subtraction(Part::pre, width);
    bill.logic(Part::pre, d.m);
    bill.path("pre: conditional subtraction of " + std::to_string(width) + " bits",
              bill.subtraction_ns(width));
  }
  bill.hold(Part::pre, datapath.residue_bits());
  bill.counter(datapath.stages()[1].cycles);

  // The accumulator's top bits look up once more; the low ones and the residue wait.
  const RomCost overflow = bill.table(std::max(groups, 1u), d.n);
  bill.path("tables: overflow look-up", bill.table_ns(overflow));
  bill.hold_answer(Part::tables, d.n, 1, overflow.in_bram);
  bill.hold(Part::join_delay, d.n);
  bill.hold(Part::join_delay, datapath.residue_bits());

  bill.adder(Part::tree, datapath.sum_bits(), 3);
  bill.hold(Part::tree, datapath.sum_bits());
  bill.path("tree: fusion of three operands of " + std::to_string(datapath.sum_bits()) + " bits",
            bill.adder_ns(datapath.sum_bits(), 3) + bill.behind_table_ns(overflow));

  // x - M, x - 2M (and x - 3M) side by side, one LUT a bit to choose.
  for (unsigned k = 0; k < (literal ? 2u : 3u); ++k) bill.adder(Part::post, datapath.sum_bits());
  bill.logic(Part::post, d.n);
  bill.hold(Part::post, d.n);
  bill.path("post: adjustment of " + std::to_string(datapath.sum_bits()) + " bits",
            bill.subtraction_ns(datapath.sum_bits()));
  bill.stage_control(static_cast<unsigned>(datapath.stages().size()));
}

}  // namespace allmod
