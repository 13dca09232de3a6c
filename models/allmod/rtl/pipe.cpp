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
  std::string text = "\n" + before_[stage];
  std::vector<std::string> in, out;
  unsigned bits = 0;
  for (const Value& value : values_) {
    if (stage < value.born || stage > value.last || (value.alias && stage == value.born)) continue;
    const std::string here = name_at(value, stage);
    text += wire(here, value.bits);
    if (stage == value.born) {
      text += wire(value.name + "_d", value.bits, value.expression);
      in.push_back(value.name + "_d");
    } else {
      in.push_back(name_at(value, stage - 1));
    }
    out.push_back(here);
    bits += value.bits;
  }
  const std::string to = std::to_string(stage);
  text += "  wire valid_" + to + ";\n";
  if (elastic_) text += "  wire ready_" + to + ";\n";
  text += stage_instance(elastic_, "stage" + to + "_" + names_[stage], bits,
                         stage == 0 ? "in" : std::to_string(stage - 1), to, concat(in), concat(out));
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
