// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Form::pipelined, register by register. With uncut adders and shift registers off, the flip-flops are
// exactly the bits of Datapath::registers().
#include <algorithm>
#include <string>
#include <vector>

#include "models/allmod/function/cost.h"
#include "models/allmod/function/cost_steps.h"

namespace allmod {

namespace {

// The adder tree with the tables in front of it.
class Tree {
 public:
  Tree(const Datapath& datapath, Bill& bill) : datapath_(datapath), design_(datapath.design()), bill_(bill) {}

  void bill(StepChain& residue, unsigned waiting_at_join) {
    tables();
    const auto& levels = datapath_.tree();
    std::vector<Value> values;
    for (const Node& node : levels[0]) values.push_back({&node, 1, node.is_residue});
    for (std::size_t l = 0; l + 1 < levels.size(); ++l) {
      if (l == design_.e)
        for (Value& value : values) value.run += waiting_at_join;
      std::vector<Value> next;
      for (const Node& node : levels[l + 1]) {
        if (node.is_residue) {
          next.push_back({&node, 0, true});
        } else if (node.operands.size() == 1) {  // waits for a partner
          next.push_back(values[node.operands[0]]);
          if (next.back().is_residue)
            residue.wait(1);
          else
            ++next.back().run;
        } else {
          add(node, values, residue);
          next.push_back({&node, 1, false});
        }
      }
      values = std::move(next);
    }
  }

 private:
  struct Value {
    const Node* node;  // that computed it
    unsigned run;      // registers in a row that hold it
    bool is_residue;
  };

  bool cut() const { return datapath_.tree_skew() > 0; }

  // With segments every piece of a table answers at a time of its own: it is a memory of its own, and each
  // later piece sees the address a cycle later.
  void tables() {
    const unsigned piece = cut() ? design_.segment : design_.n;
    for (const Group& group : datapath_.groups()) {
      RomCost memory;
      for (unsigned low = 0; low < design_.n; low += piece)
        memory = bill_.table(std::uint64_t{1} << group.width, std::min(piece, design_.n - low));
      bill_.path("tables: look-up", bill_.table_ns(memory));
      memories_.push_back(memory);
    }
    bill_.hold(Part::tables, std::uint64_t{design_.n - design_.m} * datapath_.tree_skew());
  }

  void add(const Node& node, const std::vector<Value>& values, StepChain& residue) {
    double behind_ns = 0;
    for (const unsigned i : node.operands) {
      const Value& value = values[i];
      if (value.is_residue) {
        residue.finish(cut());
      } else if (value.node->operands.empty()) {
        const RomCost& memory = memories_[value.node->first_group];
        bill_.hold_answer(Part::join_delay, value.node->bits, value.run, memory.in_bram);
        if (value.run == 1) behind_ns = std::max(behind_ns, bill_.behind_table_ns(memory));
      } else {
        bill_.hold(Part::tree, Part::join_delay, value.node->bits, value.run);
      }
    }
    const auto operands = static_cast<unsigned>(node.operands.size());
    if (design_.eager) return add_and_reduce(behind_ns);
    bill_.adder(Part::tree, node.bits, operands);
    bill_.choice_in_carry(node.bits);  // of two operands, in the LUT that adds them
    unsigned longest = node.bits;
    if (cut()) {
      longest = std::min(longest, design_.segment);
      bill_.hold(Part::tree, std::uint64_t{operands - 1} * ((node.bits - 1) / design_.segment));  // carries
    }
    std::string what = "tree: adder of " + std::to_string(longest) + " bits";
    if (operands > 2) what += " and " + std::to_string(operands) + " operands";
    if (behind_ns > 0) what += " behind block RAM";
    bill_.path(what, bill_.adder_ns(longest, operands) + behind_ns);
  }

  // Two values below M: a sum of n + 1 bits and one conditional subtraction on it in the same cycle. Its
  // carry chain starts when the sum's low bits are there.
  void add_and_reduce(double behind_ns) {
    const unsigned bits = design_.n + 1;
    bill_.adder(Part::tree, bits);
    bill_.choice_in_carry(bits);
    bill_.conditional_subtraction(Part::tree, bits);
    bill_.path("tree: adder and conditional subtraction of " + std::to_string(bits) + " bits" +
                   (behind_ns > 0 ? " behind block RAM" : ""),
               bill_.options().device.adder_ns + bill_.subtraction_ns(bits) + behind_ns);
  }

  const Datapath& datapath_;
  const Design& design_;
  Bill& bill_;
  std::vector<RomCost> memories_;  // of the groups
};

}  // namespace

void bill_pipelined(const Datapath& datapath, Bill& bill) {
  const Design& d = datapath.design();
  bill.hold(Part::input, d.n - d.m);
  StepChain residue(bill, Part::input, Part::join_delay, d.n + d.m, d.segment);
  residue.steps(datapath.pre(), datapath.pre_schedule(), Part::pre);
  const unsigned front = std::max(1 + d.e, datapath.pre_cycles());
  residue.wait(front - datapath.pre_cycles());

  if (datapath.levels() == 0) {  // no tables: nothing to join
    residue.steps(datapath.post(), datapath.post_schedule(), Part::post);
    residue.finish(false);
  } else {
    Tree(datapath, bill).bill(residue, front - 1 - d.e);
    // The segments of the sum wait for the last one.
    for (unsigned k = 0; k < datapath.tree_skew(); ++k)
      bill.hold(Part::tree, Part::join_delay, d.segment, datapath.tree_skew() - k);
    StepChain sum(bill, Part::tree, Part::post, datapath.sum_bits(), d.segment);
    sum.steps(datapath.post(), datapath.post_schedule(), Part::post);
    sum.finish(false);
  }
  bill.stage_control(static_cast<unsigned>(datapath.stages().size()));
}

}  // namespace allmod
