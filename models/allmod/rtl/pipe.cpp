// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/rtl/pipe.h"

#include <algorithm>

#include "models/allmod/rtl/core.h"
#include "models/allmod/rtl/verilog.h"
#include "sim/core/error.h"

namespace allmod {

using verilog::concat;
using verilog::wire;

Pipe::Id Pipe::value(unsigned stage, const std::string& name, unsigned bits, const std::string& expression) {
  values_.push_back({name, bits, expression, stage, stage, false});
  return values_.size() - 1;
}

Pipe::Id Pipe::alias(unsigned stage, const std::string& name, unsigned bits, const std::string& expression) {
  values_.push_back({name, bits, expression, stage, stage, true});
  return values_.size() - 1;
}

std::string Pipe::at(Id id, unsigned stage) {
  Value& value = values_[id];
  if (stage < value.born)
    throw sim::Error(sim::Exit::internal, "value " + value.name + " is used before it is there");
  value.last = std::max(value.last, stage);
  return name_at(value, stage);
}

std::string Pipe::name_at(const Value& value, unsigned stage) const {
  return stage == value.born ? value.name : value.name + "_at" + std::to_string(stage);
}

std::string stage_instance(bool elastic, const std::string& instance, unsigned bits, const std::string& from,
                           const std::string& to, const std::string& in, const std::string& out,
                           const std::string& enable) {
  std::string text = std::string(elastic ? "  allmod_fifo2" : "  allmod_register") + " #(.WIDTH(" +
                     std::to_string(bits) + ")) " + instance + " (\n      .clk(clk), .rst(rst), ";
  if (elastic) {
    text += ".in_valid(valid_" + from + "), .in_ready(ready_" + from + "), .out_valid(valid_" + to +
            "), .out_ready(ready_" + to + "),\n";
  } else {
    text += ".enable(" + enable + "), .in_valid(valid_" + from + "), .out_valid(valid_" + to + "),\n";
  }
  return text + "      .in_data(" + in + "),\n      .out_data(" + out + "));\n";
}

std::string Pipe::stage_text(unsigned stage) const {
  const std::string from = stage == 0 ? "in" : std::to_string(stage - 1), to = std::to_string(stage);
  std::string text = "\n" + before_[stage], updates, saves;
  if (elastic_) {
    text += wire("valid_" + to, 1) + wire("ready_" + to, 1) + wire("push_" + to, 1) + wire("save_" + to, 1) +
            wire("two_" + to, 1);
    text += "  allmod_fifo2_control stage" + to + "_" + names_[stage] + " (\n      .clk(clk), .rst(rst), " +
            ".in_valid(valid_" + from + "), .in_ready(ready_" + from + "), .out_valid(valid_" + to +
            "), .out_ready(ready_" + to + "),\n      .push(push_" + to + "), .save(save_" + to +
            "), .two(two_" + to + "));\n";
  } else {
    text += "  reg valid_" + to + ";\n";
  }
  for (const Value& value : values_) {
    if (stage < value.born || stage > value.last || (value.alias && stage == value.born)) continue;
    const std::string here = name_at(value, stage), width = verilog::range(value.bits);
    const std::string next = stage == value.born ? value.expression : name_at(value, stage - 1);
    const std::string target = elastic_ ? here + "_newest" : here;
    const bool fits = target.size() + next.size() < 95;
    updates += "      " + target + " <=" + (fits ? " " : "\n          ") + next + ";\n";
    if (elastic_) {
      text += "  reg " + width + here + "_newest, " + here + "_oldest;\n" +
              wire(here, value.bits, "two_" + to + " ? " + here + "_oldest : " + here + "_newest");
      saves += "      " + here + "_oldest <= " + here + "_newest;\n";
    } else {
      text += "  reg " + width + here + ";\n";
    }
  }
  text += "  always @(posedge clk) begin\n";
  if (!elastic_)
    text += "    if (rst) valid_" + to + " <= 1'b0;\n    else if (enable) valid_" + to + " <= valid_" + from +
            ";\n";
  text +=
      "    if (" + (elastic_ ? "push_" + to : std::string("enable")) + ") begin\n" + updates + "    end\n";
  if (elastic_) text += "    if (save_" + to + ") begin\n" + saves + "    end\n";
  text += "  end\n";
  for (const Value& value : values_)
    if (value.alias && stage == value.born) text += wire(value.name, value.bits, value.expression);
  return text;
}

std::string Pipe::text() const {
  const std::string last = std::to_string(names_.size() - 1);
  std::string text = "  wire valid_in = in_valid;\n";
  if (elastic_) {
    text += "  wire ready_in;\n  assign in_ready = ready_in;\n";
  } else {
    text +=
        "  // Everything stops while a result waits and is not taken.\n"
        "  wire enable = out_ready | ~out_valid;\n"
        "  assign in_ready = enable;\n";
  }
  for (unsigned stage = 0; stage < names_.size(); ++stage) text += stage_text(stage);
  text += "\n  assign out_valid = valid_" + last + ";\n";
  if (elastic_) text += "  assign ready_" + last + " = out_ready;\n";
  text += after_;
  text += unused_text(unused_);
  return text;
}

}  // namespace allmod
