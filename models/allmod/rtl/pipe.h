// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

namespace allmod {

// A pipeline as text: values are born in the registers of a stage and live there, and in those of every later
// stage up to the last at which somebody asks for them. First all values and uses, then text().
class Pipe {
 public:
  using Id = std::size_t;

  Pipe(bool elastic, std::vector<std::string> stage_names)
      : elastic_(elastic), names_(std::move(stage_names)), before_(names_.size()) {}

  // A value of `bits` bits, in the registers of `stage` from the end of a cycle on in which `expression` held
  // it. Expressions of stage 0 use in_data, those of stage s what at(..., s - 1) returns.
  Id value(unsigned stage, const std::string& name, unsigned bits, const std::string& expression);

  // Another name of what lies in the registers of `stage`: no register there, but in those of later stages.
  Id alias(unsigned stage, const std::string& name, unsigned bits, const std::string& expression);

  // The value's name in the registers of `stage`, at or after the one it is born in.
  std::string at(Id value, unsigned stage);
  unsigned bits(Id value) const { return values_[value].bits; }

  // Declarations and comments in front of what `stage` computes.
  void before(unsigned stage, const std::string& text) { before_[stage] += text; }

  // Text behind the last stage.
  void after(const std::string& text) { after_ += text; }

  // Bits that are computed and not used, for the linter: "name[3]".
  void unused(const std::string& expression) { unused_.push_back(expression); }

  // Everything between the ports and the last stage's registers, whose valid bit is out_valid.
  std::string text() const;

 private:
  struct Value {
    std::string name;
    unsigned bits;
    std::string expression;
    unsigned born, last;
    bool alias;
  };
  std::string name_at(const Value& value, unsigned stage) const;
  std::string stage_text(unsigned stage) const;

  bool elastic_;
  std::vector<std::string> names_;
  std::vector<std::string> before_;
  std::vector<Value> values_;
  std::vector<std::string> unused_;
  std::string after_;
};

// An instance of a register stage, elastic or global: `in` and `out` are lists of names, most significant
// first, of `bits` bits together. Signals: valid_<from>, ready_<from>, valid_<to>, ready_<to>; a global stage
// has `enable` instead of the readies.
std::string stage_instance(bool elastic, const std::string& instance, unsigned bits, const std::string& from,
                           const std::string& to, const std::string& in, const std::string& out,
                           const std::string& enable = "enable");

}  // namespace allmod
