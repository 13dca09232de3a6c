// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Form::serial and Form::iterative. Memory number i holds the tables i, i + t, ... one behind the other;
// entry 0 of every table is 0, so a lane that has nothing to read reads that.
#include <algorithm>

#include "models/allmod/function/bounds.h"
#include "models/allmod/rtl/core.h"
#include "models/allmod/rtl/forms.h"
#include "models/allmod/rtl/pipe.h"
#include "models/allmod/rtl/verilog.h"

namespace allmod {

using namespace verilog;  // NOLINT: this file writes nothing else

namespace {

class Serial {
 public:
  Serial(const Datapath& datapath, const RtlOptions& options)
      : datapath_(datapath),
        d_(datapath.design()),
        options_(options),
        elastic_(options.elastic),
        groups_(static_cast<unsigned>(datapath.groups().size())),
        reads_(datapath.read_cycles()),
        batch_bits_(d_.w * d_.t) {}

  RtlBody body() {
    text_ = slow_entry(elastic_, 2 * d_.n);
    if (d_.form == Form::iterative)
      iterative();
    else if (is_overlapped(d_))
      overlapped();
    else
      core();
    return {text_ + unused_text(unused_), memories_};
  }

 private:
  const std::string& what(unsigned stage) const { return datapath_.stages()[stage].what; }
  unsigned post_steps() const { return static_cast<unsigned>(datapath_.post().size()); }
  unsigned pre_steps() const { return static_cast<unsigned>(datapath_.pre().size()); }
  unsigned sum_bits() const { return datapath_.sum_bits(); }

  void title(unsigned stage) {
    text_ += "\n" + comment("Stage " + std::to_string(stage) + ", " + datapath_.stages()[stage].name + ": " +
                                what(stage),
                            "  ");
  }

  void finish(const std::string& from, const std::string& y) {
    const unsigned last = static_cast<unsigned>(datapath_.stages().size()) - 1;
    title(last);
    const std::string to = std::to_string(last);
    text_ += wire("y", d_.n) + register_stage(elastic_, "stage" + to + "_out", d_.n, from, to, y, "y");
    text_ += slow_exit(elastic_, to, from) + "  assign out_data = y;\n";
  }

  // ------------------------------------------------------------------------------------------- tables
  // The memories, which read batch number read_index (read_index_short, for a lane that has one table less)
  // at the addresses read_v of batch_bits_ bits; rd<i> have the answers a cycle later.
  void memories() {
    for (unsigned lane = 0; lane < d_.t; ++lane) {
      RtlMemory memory;
      memory.name = "t" + std::to_string(lane);
      unsigned batches = 0, widest = 0;
      for (unsigned g = lane; g < groups_; g += d_.t, ++batches) {
        const unsigned words = 1u << datapath_.groups()[g].width;
        memory.groups.emplace_back(g, words);
        memory.depth += words;
        widest = std::max(widest, datapath_.groups()[g].width);
      }
      const unsigned index_bits = batches > 1 ? counter_bits(batches - 1) : 0;
      memory.address_bits = index_bits + widest;
      memory.bits = d_.n;
      std::string address = slice("read_v", batch_bits_, lane * d_.w, widest);
      if (index_bits > 0)
        address =
            "{" + std::string(batches == reads_ ? "read_index" : "read_index_short") + ", " + address + "}";
      const std::string data = memory.name + "_data", answer = "rd" + std::to_string(lane);
      text_ += wire(data, d_.n) +
               memory_instance(memory, rtl_in_bram(memory.depth, d_.n, options_), address, data);
      text_ += "  reg " + range(d_.n) + answer + ";\n  always @(posedge clk) " +
               (elastic_ ? "" : std::string("if (enable) ")) + answer + " <= " + data + ";\n";
      if (widest < d_.w) unused_.push_back(slice("read_v", batch_bits_, lane * d_.w + widest, d_.w - widest));
      memories_.push_back(memory);
    }
  }
  unsigned index_width() const { return counter_bits(reads_ - 1); }
  unsigned short_width() const { return counter_bits(reads_ - 2); }

  // Bits of the operand that address the tables, zeros in front up to whole batches.
  unsigned padded() const { return reads_ * batch_bits_; }
  std::string addresses(const std::string& source) const {
    const unsigned there = d_.n - d_.m;
    return extend(slice(source, 2 * d_.n, d_.n + d_.m, there), there, padded());
  }

  // `first_batches` of the addresses are read before the register that shifts is there.
  void address_register(const SlowStageText& stage, unsigned first_batches) {
    rest_ = padded() > first_batches * batch_bits_ ? padded() - first_batches * batch_bits_ : 0;
    text_ += wire("source_v", padded(), addresses(stage.source()));
    if (rest_ == 0) return;
    text_ += "  reg " + range(rest_) + "v;  // of the later batches\n  always @(posedge clk) begin\n    " +
             stage.enabled() + "begin\n      if (" + stage.start() +
             ") v <= " + slice("source_v", padded(), first_batches * batch_bits_, rest_) +
             ";\n      else v <= ";
    text_ += rest_ == batch_bits_ ? zeros(rest_)
                                  : "{" + zeros(batch_bits_) + ", " +
                                        slice("v", rest_, batch_bits_, rest_ - batch_bits_) + "}";
    text_ += ";\n    end\n  end\n";
  }

  // ------------------------------------------------------------------------------------------- forms
  void iterative() {
    const SlowStageText core(elastic_, "core", datapath_.stages()[1].cycles, "0", "2");
    title(1);
    text_ += core.control(2 * d_.n, "x");
    if (elastic_) unused_.push_back(core.waits());
    const UnitLayout unit(2 * d_.n, pre_steps(), d_.u, 0);
    unit_register(core, unit, "core_source", "core_start", unit.cycles, "r");
    finish("core", "r");
  }

  // A register that takes `source` at the `load` and makes the first cycle's steps on the way.
  void unit_register(const SlowStageText& stage, const UnitLayout& unit, const std::string& source,
                     const std::string& load, unsigned cycles, const std::string& name) {
    const RowText row{name + "_row", d_.n, d_.u, unit.low};
    const std::string low_name = name + "_low";
    text_ += "  reg " + range(d_.n) + name + ";\n";
    if (cycles == 1) {
      text_ += wire(name + "_row_low", unit.low, unit.low_part(source)) +
               row.text(unit.high_part(source, d_.n), name + "_row_low");
      text_ += "  always @(posedge clk) " + stage.enabled() + "if (" + load + ") " + name +
               " <= " + row.result() + ";\n";
    } else {
      text_ += "  reg " + range(unit.low) + low_name + ";\n";
      text_ += wire(name + "_row_low", unit.low, load + " ? " + unit.low_part(source) + " : " + low_name);
      text_ += row.text(load + " ? " + unit.high_part(source, d_.n) + " : " + name, name + "_row_low");
      text_ += "  always @(posedge clk) begin\n    " + stage.enabled() + "begin\n      if (" + load + " | " +
               stage.step_below(cycles) + ") begin\n        " + name + " <= " + row.result() + ";\n        " +
               low_name + " <= " + row.shifted(name + "_row_low") + ";\n      end\n    end\n  end\n";
    }
    row.unused(unused_);
  }

  std::string answers(unsigned bits, unsigned from = 0) const {
    std::vector<std::string> terms;
    for (unsigned i = from; i < d_.t; ++i) terms.push_back(extend("rd" + std::to_string(i), d_.n, bits));
    return sum(terms);
  }

  // One operand at a time.
  void core() {
    const SlowStageText core(elastic_, "core", datapath_.stages()[1].cycles, "0", "2");
    title(1);
    text_ += core.control(2 * d_.n, "x");
    if (elastic_) unused_.push_back(core.waits());
    address_register(core, 1);
    const unsigned bits = core.step_bits();
    text_ += wire("read_v", batch_bits_,
                  "core_start ? " + slice("source_v", padded(), 0, batch_bits_) + " : " +
                      (rest_ > 0 ? slice("v", rest_, 0, batch_bits_) : zeros(batch_bits_)));
    const auto index = [&](const std::string& name, unsigned batches) {
      const unsigned width = counter_bits(batches - 1);
      text_ += wire(name, width,
                    "core_start | ~" + core.step_below(batches) + " ? " + zeros(width) + " : " +
                        slice("core_step", bits, 0, width));
    };
    if (reads_ > 1) index("read_index", reads_);
    if (reads_ > 2 && groups_ % d_.t != 0) index("read_index_short", reads_ - 1);
    memories();

    // Steps before the fusion start with the operand itself where they take as long as the tables do.
    const unsigned f = datapath_.leftover_bits();
    const UnitLayout before(d_.n + d_.m, pre_steps(), d_.u, f), after(sum_bits(), post_steps(), d_.u, 0);
    const bool loads_first = before.cycles < reads_ + 1;
    const unsigned meets = std::max(reads_ + 1, before.cycles);  // A: cycles of work before the fusion
    const unsigned low_bits = std::max(before.low, after.low);
    const auto top = [&](const std::string& low, unsigned of) {
      return of == low_bits ? low : "{" + low + ", " + zeros(low_bits - of) + "}";
    };
    text_ += wire("operand", d_.n + d_.m, slice("core_source", 2 * d_.n, 0, d_.n + d_.m));
    text_ += "  reg " + range(d_.n) + "r;\n  reg " + range(low_bits) + "r_low;\n";
    const std::string high = before.high_part("operand", d_.n),
                      low = top(before.low_part("operand"), before.low);
    const RowText row{"row", d_.n, d_.u, low_bits};
    text_ += wire("row_low", low_bits, loads_first ? "r_low" : "core_start ? " + low + " : r_low");
    text_ += row.text(loads_first ? "r" : "core_start ? " + high + " : r", "row_low");
    row.unused(unused_);

    // The fusion shares the accumulator's adder: by then the memories answer 0.
    const std::string fusion = core.step_is(meets);
    const unsigned r_bits = d_.n + f, acc_bits = bounds::bit_length(bounds::any_sum(d_, groups_, false));
    const unsigned wide = std::max({sum_bits(), r_bits, acc_bits});
    text_ += wire("residue", r_bits, f == 0 ? "r" : "{r, " + slice("r_low", low_bits, low_bits - f, f) + "}");
    text_ += wire("fusion", 1, fusion) + "  reg " + range(acc_bits) + "acc;\n";
    std::string total = extend("acc", acc_bits, wide) + " + (fusion ? " + extend("residue", r_bits, wide) +
                        " : " + extend("rd0", d_.n, wide) + ")";
    if (d_.t > 1) total += " + " + answers(wide, 1);
    text_ += wire("total", wide, total);
    text_ += "  always @(posedge clk) " + core.enabled() + "acc <= core_start ? " + zeros(acc_bits) + " : " +
             slice("total", wide, 0, acc_bits) + ";\n";
    if (wide > sum_bits()) unused_.push_back(slice("total", wide, sum_bits(), wide - sum_bits()));
    text_ += wire("fused", sum_bits(), slice("total", wide, 0, sum_bits()));

    const std::string steps =
        "        r <= " + row.result() + ";\n        r_low <= " + row.shifted("row_low") + ";\n";
    text_ += "  always @(posedge clk) begin\n    " + core.enabled() + "begin\n      if (core_start) begin\n";
    text_ += loads_first ? "        r <= " + high + ";\n        r_low <= " + low + ";\n" : steps;
    text_ += "      end else if (fusion) begin\n        r <= " + after.high_part("fused", d_.n) +
             ";\n        r_low <= " + top(after.low_part("fused"), after.low) + ";\n      end else if (";
    const unsigned early = loads_first ? before.cycles + 1 : before.cycles;  // counts below it make steps
    if (early > 1) text_ += core.step_below(early) + " | ";
    text_ += "(" + core.step_above(meets) + " & " + core.step_below(core_cycles(d_)) + ")) begin\n" + steps +
             "      end\n    end\n  end\n";
    finish("core", "r");
  }

  // Look-up, accumulator and corrector, each on an operand of its own. The memories read for the operand in
  // the accumulator, and when it has all its answers, the first batch of the one that comes next.
  void overlapped() {
    const unsigned n = d_.n;
    const SlowStageText acc(elastic_, "acc", reads_, "1", "correct");
    const SlowStageText correct(elastic_, "correct", datapath_.post_cycles(), "acc", "4");
    title(1);
    look_up_stage();
    title(2);
    text_ += acc.control(2 * n, "look_up_x");
    text_ += wire("operand", n, slice("acc_source", 2 * n, 0, n));
    address_register(acc, std::min(2u, reads_));
    next_address();
    const std::string first = "next_v";
    std::string read = first;
    if (reads_ > 1) {
      unused_.push_back(slice("source_v", padded(), 0, batch_bits_));
      // What is read in a cycle in which `count` batches were taken: batch number count + 1.
      const unsigned bits = acc.step_bits();
      const std::string reads_on = "acc_busy & " + acc.step_below(reads_ - 1);
      text_ += wire("acc_reads", 1, reads_ > 2 ? reads_on : "1'b0");
      read = "acc_start ? " + slice("source_v", padded(), batch_bits_, batch_bits_) + " : " +
             (rest_ > 0 ? "acc_reads ? " + slice("v", rest_, 0, batch_bits_) + " : " : "") + first;
      text_ += wire("read_batch", bits,
                    "acc_start ? " + constant(bits, 1) + " : acc_reads ? acc_step + " + constant(bits, 1) +
                        " : " + zeros(bits));
      text_ += wire("read_index", index_width(), slice("read_batch", bits, 0, index_width()));
      if (bits > index_width())
        unused_.push_back(slice("read_batch", bits, index_width(), bits - index_width()));
      if (reads_ > 2 && groups_ % d_.t != 0)
        text_ += wire("read_index_short", short_width(),
                      "read_index == " + constant(index_width(), reads_ - 1) + " ? " + zeros(short_width()) +
                          " : " + slice("read_index", index_width(), 0, short_width()));
    } else {
      unused_.push_back("source_v");
    }
    text_ += wire("read_v", batch_bits_, read);
    memories();
    accumulator(acc);
    title(3);
    text_ += correct.control(sum_bits(), "s");
    if (elastic_) unused_.push_back(correct.waits());
    const UnitLayout unit(sum_bits(), post_steps(), d_.u, 0);
    unit_register(correct, unit, "correct_source", "correct_start", unit.cycles, "r");
    finish("correct", "r");
  }

  void look_up_stage() {
    const unsigned bits = 2 * d_.n;
    text_ += wire("look_up_x", bits) + wire("valid_1", 1) + wire("ready_1", 1);
    if (!elastic_) {
      text_ += "  assign ready_0 = ~valid_1 | ready_1;\n";
      text_ += wire("enable_1", 1, "enable & ready_0");
      text_ += stage_instance(false, "stage1_look_up", bits, "0", "1", "x", "look_up_x", "enable_1");
      return;
    }
    text_ += wire("look_up_newest", bits) + wire("look_up_two", 1);
    text_ += "  allmod_fifo2_open #(.WIDTH(" + std::to_string(bits) +
             ")) stage1_look_up (\n      .clk(clk), .rst(rst), .in_valid(valid_0), .in_ready(ready_0), "
             ".in_data(x), .out_valid(valid_1),\n      .out_ready(ready_1), .out_data(look_up_x), "
             ".newest_data(look_up_newest), .holds_two(look_up_two));\n";
  }

  // Addresses of the oldest operand that does not start in this cycle: waiting in front of the accumulator,
  // in the look-up stage, or in the operand register.
  void next_address() {
    const unsigned n = d_.n;
    const unsigned width = std::min(batch_bits_, n);
    const auto v = [&](const std::string& name) {
      return extend(slice(name, 2 * n, n, width), width, batch_bits_);
    };
    if (elastic_) {
      text_ += wire("next_v", batch_bits_,
                    "acc_waits & ~acc_start ? " + v("acc_source") +
                        " :\n      valid_1 & (acc_waits | ~acc_start) ? " + v("look_up_x") +
                        " :\n      look_up_two ? " + v("look_up_newest") + " : " + v("x"));
      unused_.push_back(slice("look_up_newest", 2 * n, 0, n));
      if (n > width) unused_.push_back(slice("look_up_newest", 2 * n, n + width, n - width));
    } else {
      text_ += wire("next_v", batch_bits_, "valid_1 & ~acc_start ? " + v("look_up_x") + " : " + v("x"));
    }
  }

  void accumulator(const SlowStageText& acc) {
    const unsigned bits = sum_bits();
    const std::string start = extend("operand", d_.n, bits);
    text_ += "  reg " + range(bits) + "s;\n";
    if (reads_ == 1) {
      text_ += "  always @(posedge clk) " + acc.enabled() + "if (acc_start) s <= " + start + " + " +
               answers(bits) + ";\n";
      return;
    }
    text_ += wire("addend", bits, "acc_start ? " + start + " : s");
    text_ += "  always @(posedge clk) " + acc.enabled() + "if (acc_start | ~" + acc.step_is(reads_) +
             ") s <= addend + " + answers(bits) + ";\n";
  }

  const Datapath& datapath_;
  const Design& d_;
  const RtlOptions& options_;
  bool elastic_;
  unsigned groups_, reads_, batch_bits_;
  unsigned rest_ = 0;  // bits of the address register
  std::string text_;
  std::vector<std::string> unused_;
  std::vector<RtlMemory> memories_;
};

}  // namespace

RtlBody rtl_serial(const Datapath& datapath, const Modulus&, const RtlOptions& options) {
  return Serial(datapath, options).body();
}

}  // namespace allmod
