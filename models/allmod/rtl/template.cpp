// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Form::template_ and Form::template_literal, stage names as in Datapath.
#include <algorithm>

#include "models/allmod/function/bounds.h"
#include "models/allmod/rtl/core.h"
#include "models/allmod/rtl/forms.h"
#include "models/allmod/rtl/pipe.h"
#include "models/allmod/rtl/verilog.h"

namespace allmod {

using namespace verilog;  // NOLINT: this file writes nothing else

namespace {

class Template {
 public:
  Template(const Datapath& datapath, const Modulus& modulus, const RtlOptions& options)
      : datapath_(datapath),
        d_(datapath.design()),
        modulus_(modulus.value()),
        options_(options),
        elastic_(options.elastic),
        core_(options.elastic, "core", datapath.stages()[1].cycles, "0", "2"),
        unit_(d_.n + d_.m, static_cast<unsigned>(datapath.pre().size()), 1, datapath.leftover_bits()),
        acc_bits_(std::max(1u, bounds::bit_length(bounds::any_sum(
                                   d_, static_cast<unsigned>(datapath.groups().size()), false)))),
        tables_(static_cast<unsigned>(datapath.groups().size())) {}

  RtlBody body() {
    text_ += slow_entry(elastic_, 2 * d_.n);
    text_ += "\n" + comment("Stage 1, core: " + datapath_.stages()[1].what, "  ");
    text_ += core_.control(2 * d_.n, "x");
    if (elastic_) unused_.push_back(core_.waits());
    look_up();
    accumulate();
    restore();
    tail();
    return {text_, memories_};
  }

 private:
  void look_up() {
    for (const Group& group : datapath_.groups()) {
      RtlMemory memory;
      memory.name = "t" + std::to_string(group.index);
      memory.depth = 1u << group.width;
      memory.address_bits = group.width;
      memory.groups = {{group.index, memory.depth}};
      memory.bits = d_.n;
      const std::string data = memory.name + "_data", answer = memory.name;
      text_ += wire(data, d_.n) + memory_instance(memory, rtl_in_bram(memory.depth, d_.n, options_),
                                                  slice(core_.source(), 2 * d_.n, group.offset, group.width),
                                                  data);
      text_ += "  reg " + range(d_.n) + answer + ";\n";
      memories_.push_back(memory);
    }
    if (tables_ == 0) return;
    text_ += "  always @(posedge clk) begin\n    if (" + (elastic_ ? "" : std::string("enable & ")) +
             core_.start() + ") begin\n";
    for (unsigned i = 0; i < tables_; ++i) {
      const std::string t = "t" + std::to_string(i);
      text_ += "      " + t + " <= " + t + "_data;\n";
    }
    text_ += "    end\n  end\n";
  }

  // One adder over the answers, chosen by the count.
  void accumulate() {
    text_ += "  reg " + range(acc_bits_) + "acc;\n";
    if (tables_ == 0) {
      text_ += "  always @(posedge clk) acc <= " + zeros(acc_bits_) + ";\n";
      return;
    }
    text_ += "  reg " + range(d_.n) + "answer;\n  always @* begin\n    case (core_step)\n";
    for (unsigned i = 0; i + 1 < tables_; ++i)
      text_ += "      " + constant(core_.step_bits(), i + 1) + ": answer = t" + std::to_string(i) + ";\n";
    text_ += "      default: answer = t" + std::to_string(tables_ - 1) + ";\n    endcase\n  end\n";
    text_ += "  always @(posedge clk) begin\n    " + core_.enabled() +
             "begin\n      if (core_start) acc <= " + zeros(acc_bits_) + ";\n      else if " +
             core_.step_below(tables_ + 1) + " acc <= acc + " + extend("answer", d_.n, acc_bits_) +
             ";\n    end\n  end\n";
  }

  // One subtractor over the top of a register that shifts. Where the accumulation takes longer, the register
  // is loaded first; else the first step is made on the operand itself.
  void restore() {
    const auto steps = static_cast<unsigned>(datapath_.pre().size());
    const std::string low_part = slice("core_source", 2 * d_.n, 0, d_.n + d_.m);
    text_ += wire("operand", d_.n + d_.m, low_part);
    const std::string high = unit_.high_part("operand", d_.n), low = unit_.low_part("operand");
    text_ += "  reg " + range(d_.n) + "r;\n  reg " + range(unit_.low) + "r_low;\n";
    const bool loads_first = steps < core_cycles();
    const RowText row{"row", d_.n, 1, unit_.low};
    if (steps > 0) {
      text_ += wire("row_low", unit_.low, loads_first ? "r_low" : "core_start ? " + low + " : r_low");
      text_ += row.text(loads_first ? "r" : "core_start ? " + high + " : r", "row_low");
      row.unused(unused_);
    }
    const std::string shifted = row.shifted("row_low");
    text_ += "  always @(posedge clk) begin\n    " + core_.enabled() + "begin\n";
    if (loads_first) {
      text_ +=
          "      if (core_start) begin\n        r <= " + high + ";\n        r_low <= " + low + ";\n      end";
      if (steps > 0)
        text_ += " else if " + core_.step_below(steps + 1) +
                 " begin\n        r <= row_1;\n        r_low <= " + shifted + ";\n      end";
      text_ += "\n";
    } else {
      text_ += "      if (core_start | " + core_.step_below(steps) +
               ") begin\n        r <= row_1;\n        r_low <= " + shifted + ";\n      end\n";
    }
    text_ += "    end\n  end\n";
    const unsigned f = datapath_.leftover_bits();
    text_ += wire("residue", residue_bits(),
                  f == 0 ? "r" : "{r, " + slice("r_low", unit_.low, unit_.low - f, f) + "}");
  }

  unsigned core_cycles() const { return datapath_.stages()[1].cycles; }
  unsigned residue_bits() const { return d_.n + datapath_.leftover_bits(); }

  void tail() {
    const unsigned n = d_.n, sum_bits = datapath_.sum_bits(), r_bits = residue_bits();
    text_ += "\n" + comment("Stage 2, overflow: " + datapath_.stages()[2].what, "  ");
    RtlMemory overflow;
    overflow.name = "t_ov";
    overflow.depth = std::max(tables_, 1u);
    overflow.address_bits = acc_bits_ > n ? acc_bits_ - n : 1;
    overflow.bits = n;
    text_ += wire("t_ov_data", n) +
             memory_instance(overflow, rtl_in_bram(overflow.depth, n, options_),
                             acc_bits_ > n ? slice("acc", acc_bits_, n, acc_bits_ - n) : "1'd0", "t_ov_data");
    memories_.push_back(overflow);
    text_ += wire("low", n) + wire("t_ov", n) + wire("r_waits", r_bits);
    text_ +=
        register_stage(elastic_, "stage2_overflow", 2 * n + r_bits, "core", "2",
                       "{" + (acc_bits_ > n ? slice("acc", acc_bits_, 0, n) : extend("acc", acc_bits_, n)) +
                           ", t_ov_data, residue}",
                       "{low, t_ov, r_waits}");

    text_ += "\n" + comment("Stage 3, fusion: " + datapath_.stages()[3].what, "  ");
    text_ += wire(
        "fused", sum_bits,
        sum({extend("low", n, sum_bits), extend("t_ov", n, sum_bits), extend("r_waits", r_bits, sum_bits)}));
    text_ +=
        wire("s", sum_bits) + register_stage(elastic_, "stage3_fusion", sum_bits, "2", "3", "fused", "s");

    text_ += "\n" + comment("Stage 4, adjustment: " + datapath_.stages()[4].what, "  ");
    const unsigned multiples = d_.form == Form::template_literal ? 2 : 3;
    const unsigned width = std::max(sum_bits, n + 2) + 1;
    const unsigned kept = std::min(n, sum_bits);
    for (unsigned k = 1; k <= multiples; ++k) {
      const std::string name = "less" + std::to_string(k);
      text_ += wire(name, width, extend("s", sum_bits, width) + " - " + constant(width, modulus_ * k));
      if (width - 1 > n) unused_.push_back(slice(name, width, n, width - 1 - n));
    }
    const std::string top = "[" + std::to_string(width - 1) + "]", bits = "[" + std::to_string(n - 1) + ":0]";
    const std::string none = extend(slice("s", sum_bits, 0, kept), kept, n);
    if (multiples == 3) {
      text_ += "  // How many moduli fit, from the signs.\n";
      text_ +=
          wire("fits", 2, "{~less2" + top + ", ~less3" + top + " | (less2" + top + " & ~less1" + top + ")}");
      text_ += wire("adjusted", n,
                    "fits[1] ? (fits[0] ? less3" + bits + " : less2" + bits + ") : (fits[0] ? less1" + bits +
                        " : " + none + ")");
    } else {
      text_ +=
          wire("adjusted", n,
               "less2" + top + " ? (less1" + top + " ? " + none + " : less1" + bits + ") : less2" + bits);
    }
    text_ += wire("y", n) + register_stage(elastic_, "stage4_adjustment", n, "3", "4", "adjusted", "y");
    text_ += slow_exit(elastic_, "4", "core");
    text_ += "  assign out_data = y;\n" + unused_text(unused_);
  }

  const Datapath& datapath_;
  const Design& d_;
  mpz_class modulus_;
  const RtlOptions& options_;
  bool elastic_;
  SlowStageText core_;
  UnitLayout unit_;
  unsigned acc_bits_, tables_;
  std::string text_;
  std::vector<std::string> unused_;
  std::vector<RtlMemory> memories_;
};

}  // namespace

RtlBody rtl_template(const Datapath& datapath, const Modulus& modulus, const RtlOptions& options) {
  return Template(datapath, modulus, options).body();
}

}  // namespace allmod
