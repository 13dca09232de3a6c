// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Form::pipelined, register by register. With uncut adders and shift registers off, the flip-flops are
// exactly the bits of Datapath::registers().
#include <algorithm>
#include <string>
#include <vector>

#include "models/allmod/function/cost.h"

namespace allmod {

namespace {

// A value on its way through restoring steps. A step works on the bits from j up; the bits below that no
// step has reached yet are only delayed, and several cycles of that are a shift register.
class StepChain {
 public:
  // The value lies in one register, paid for by `origin`, which is not billed yet.
  StepChain(Bill& bill, Part origin, Part waiting, unsigned bits, unsigned segment)
      : bill_(bill),
        raw_part_(origin),
        part_(origin),
        waiting_(waiting),
        bits_(bits),
        raw_(bits),
        segment_(segment) {}

  void steps(const std::vector<Step>& steps, const std::vector<StepCycle>& schedule, Part part) {
    for (const StepCycle& cycle : schedule) {
      if (cycle.parts > 1) {
        if (cycle.part == 0) cut_step(steps[cycle.first], cycle.parts, part);
        continue;
      }
      const Step& last = steps[cycle.first + cycle.count - 1];
      double ns = 0;
      for (unsigned i = cycle.first; i < cycle.first + cycle.count; ++i) {
        bill_.conditional_subtraction(part, steps[i].subtractor_bits);
        ns += bill_.subtraction_ns(steps[i].subtractor_bits);
      }
      bill_.path(std::string(part_word(part)) + ": " +
                     (cycle.count > 1 ? std::to_string(cycle.count) + " conditional subtractions of "
                                      : "conditional subtraction of ") +
                     std::to_string(steps[cycle.first].subtractor_bits) + " bits",
                 ns);
      touch(last.j);
      computed(last, part, 1);
    }
  }

  void wait(unsigned cycles) { run_ += cycles, raw_run_ += cycles; }

  // The value goes into adders; with segments, each segment one cycle after the one below it.
  void finish(bool skewed) {
    for (unsigned low = 0, k = 0; low < bits_; ++k) {
      const unsigned high = skewed ? std::min(bits_, low + segment_) : bits_;
      const unsigned later = skewed ? k : 0;
      const unsigned raw = std::min(raw_, high) - std::min(raw_, low);
      bill_.hold(raw_part_, waiting_, raw, raw_run_ + later);
      bill_.hold(part_, waiting_, high - low - raw, run_ + later);
      low = high;
    }
  }

 private:
  // A step that takes the bits from j up, in this cycle.
  void touch(unsigned j) {
    bill_.hold(part_, part_, bits_ - raw_, run_);
    if (raw_ > j) bill_.hold(raw_part_, part_, raw_ - j, raw_run_);
  }

  void computed(const Step& step, Part part, unsigned cycles) {
    raw_ = std::min(raw_, step.j);
    raw_run_ += cycles;
    bits_ = step.register_bits;
    run_ = 1;
    part_ = part;
  }

  // Segment k of the value is read in cycle k and again with the choice in the last one, its difference
  // waits for the choice.
  void cut_step(const Step& step, unsigned parts, Part part) {
    const unsigned above = bits_ > step.j ? bits_ - step.j : 0;  // the value's bits that the step sees
    const unsigned fresh = raw_ > step.j ? raw_ - step.j : 0;    // those of them that no step has seen yet
    for (unsigned k = 0; k < parts; ++k) {
      const unsigned low = std::min(above, k * segment_);
      const unsigned bits = std::min(above, (k + 1) * segment_) - low;
      const unsigned raw = std::min(fresh, low + bits) - std::min(fresh, low);
      bill_.hold(raw_part_, part, raw, raw_run_ + k);
      bill_.hold(part_, part, bits - raw, run_ + k);
      bill_.hold(part, bits, parts - 1 - k);
      if (k + 1 == parts) break;
      bill_.hold(part, segment_, parts - 1 - k);  // of the difference
      bill_.hold(part, 1);                        // its borrow
    }
    bill_.conditional_subtraction(part, step.subtractor_bits);
    bill_.path(std::string(part_word(part)) + ": segment of " + std::to_string(segment_) + " bits",
               bill_.adder_ns(segment_));
    const unsigned top = step.subtractor_bits - (parts - 1) * segment_;
    bill_.path(
        std::string(part_word(part)) + ": last segment of " + std::to_string(top) + " bits and the choice",
        bill_.subtraction_ns(top));
    computed(step, part, parts);
  }

  Bill& bill_;
  Part raw_part_, part_, waiting_;
  unsigned bits_, raw_;             // bits below raw_ are as they came
  unsigned run_ = 1, raw_run_ = 1;  // registers in a row that hold the same
  unsigned segment_;
};

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
    bill_.adder(Part::tree, node.bits, operands);
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
