// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/rtl/core.h"

#include <algorithm>

#include "models/allmod/rtl/pipe.h"

namespace allmod {

using namespace verilog;  // NOLINT: this file writes nothing else

unsigned counter_bits(unsigned largest) {
  unsigned bits = 1;
  while (largest >> bits) ++bits;
  return bits;
}

unsigned SlowStageText::step_bits() const { return counter_bits(cycles_); }

std::string SlowStageText::compare(const char* how, unsigned value) const {
  return "(" + step() + " " + how + " " + constant(step_bits(), value) + ")";
}

std::string SlowStageText::control(unsigned bits, const std::string& data) const {
  const std::string valid = name_ + "_source_valid", ready = "ready_" + name_;
  std::string text = wire(source(), bits) + wire(valid, 1) + wire(start(), 1);
  if (elastic_) {
    text += wire(waits(), 1);
    text += "  allmod_waiting #(.WIDTH(" + std::to_string(bits) + ")) " + name_ + "_waiting (\n      " +
            ".clk(clk), .rst(rst), .in_valid(valid_" + from_ + "), .in_ready(ready_" + from_ +
            "), .in_data(" + data + "),\n      .source_valid(" + valid + "), .source_data(" + source() +
            "), .waits(" + waits() + "), .start(" + start() + "));\n";
  } else {
    text += "  assign " + source() + " = " + data + ";\n  assign " + valid + " = valid_" + from_ +
            ";\n  assign ready_" + from_ + " = " + start() + ";\n";
  }
  text += "  reg " + busy() + ";\n";
  if (cycles_ > 1) text += "  reg " + range(step_bits()) + step() + ";\n";
  text += wire("valid_" + name_, 1, busy() + (cycles_ > 1 ? " & " + step_is(cycles_) : ""));
  text += wire("ready_" + name_, 1);
  text += wire(name_ + "_leave", 1, "valid_" + name_ + " & " + ready);
  text += "  assign " + start() + " = " + valid + " & (~" + busy() + " | " + name_ + "_leave);\n";
  text += "  always @(posedge clk) begin\n    if (rst) " + busy() + " <= 1'b0;\n    else " + enabled() +
          busy() + " <= " + start() + " | (" + busy() + " & ~" + name_ + "_leave);\n";
  if (cycles_ > 1) {
    text += "    " + enabled() + "begin\n      if (" + start() + ") " + step() +
            " <= " + constant(step_bits(), 1) + ";\n      else if (~" + step_is(cycles_) + ") " + step() +
            " <= " + step() + " + " + constant(step_bits(), 1) + ";\n    end\n";
  }
  return text + "  end\n";
}

std::string slow_entry(bool elastic, unsigned bits) {
  std::string text =
      wire("valid_in", 1, "in_valid") + wire("ready_in", 1) + "  assign in_ready = ready_in;\n";
  text +=
      "\n  // Stage 0, in: operand register\n" + wire("x", bits) + wire("valid_0", 1) + wire("ready_0", 1);
  if (!elastic) {
    text +=
        "  // Everything stops while a result waits and is not taken.\n"
        "  wire enable = out_ready | ~out_valid;\n"
        "  wire enable_0 = enable & (~valid_0 | ready_0);\n"
        "  assign ready_in = enable_0;\n";
  }
  return text + stage_instance(elastic, "stage0_in", bits, "in", "0", "in_data", "x", "enable_0");
}

std::string register_stage(bool elastic, const std::string& name, unsigned bits, const std::string& from,
                           const std::string& to, const std::string& in, const std::string& out) {
  return wire("valid_" + to, 1) + (elastic ? wire("ready_" + to, 1) : "") +
         stage_instance(elastic, name, bits, from, to, in, out);
}

std::string slow_exit(bool elastic, const std::string& last, const std::string& slow) {
  std::string text = "\n  assign out_valid = valid_" + last + ";\n";
  text += elastic ? "  assign ready_" + last + " = out_ready;\n" : "  assign ready_" + slow + " = 1'b1;\n";
  return text;
}

std::string unused_text(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::string list;
  for (const std::string& name : names) list += ", " + name;
  return "\n  // Known to be 0 and not used.\n" + wire("unused", 1, "&{1'b0" + list + "}");
}

std::string RowText::text(const std::string& value, const std::string& low) const {
  std::string all = wire(name + "_0", n, value);
  for (unsigned i = 0; i < u; ++i) {
    const std::string k = std::to_string(i), window = name + "_window" + k,
                      difference = name + "_difference" + k;
    const std::string bits = "[" + std::to_string(n - 1) + ":0]";
    all += wire(window, n + 1, "{" + name + "_" + k + ", " + slice(low, low_bits, low_bits - 1 - i, 1) + "}");
    all += wire(difference, n + 2, "{1'd0, " + window + "} - {2'd0, MODULUS}");
    all +=
        wire(name + "_" + std::to_string(i + 1), n,
             difference + "[" + std::to_string(n + 1) + "] ? " + window + bits + " : " + difference + bits);
  }
  return all;
}

std::string RowText::shifted(const std::string& low) const {
  if (low_bits == u) return zeros(u);
  return "{" + slice(low, low_bits, 0, low_bits - u) + ", " + zeros(u) + "}";
}

void RowText::unused(std::vector<std::string>& names) const {
  for (unsigned i = 0; i < u; ++i)
    names.push_back(name + "_difference" + std::to_string(i) + "[" + std::to_string(n) + "]");
}

UnitLayout::UnitLayout(unsigned value_bits, unsigned steps, unsigned u, unsigned leftover)
    : cycles((steps + u - 1) / u), low(u * cycles + leftover), high(0), bits(value_bits) {
  if (bits > low) high = bits - low;
}

std::string UnitLayout::high_part(const std::string& name, unsigned n) const {
  return high == 0 ? zeros(n) : extend(slice(name, bits, low, high), high, n);
}

std::string UnitLayout::low_part(const std::string& name) const {
  const unsigned there = std::min(low, bits);
  return extend(slice(name, bits, 0, there), there, low);
}

}  // namespace allmod
