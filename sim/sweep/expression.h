// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::sweep {

// A formula over settings and result keys, as it is written in a sweep file:
//
//   "design.m <= design.n / 4 && (design.form == pipelined || design.t > 1)"
//   "ceil((design.n + k) / (k + 1))"       "energy_j.total * time_s"
//
// Numbers, + - * / ^, comparisons, && || !, c ? a : b, min max abs sqrt exp ln log2 log10 floor ceil rint
// mod. A name is a setting (design.n), the name of an axis, or a key of summary.json; a name without a dot
// that is none of them is a word (pipelined, fp16), which compares equal to itself and to the setting that
// has it as its value.
class Expression {
 public:
  // What a name stands for, as text: "256", "pipelined", "true". Absent: there is no such name.
  using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

  // Throws std::invalid_argument, saying what is wrong and at which character, when it cannot be parsed.
  explicit Expression(const std::string& text);
  ~Expression();
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;

  const std::string& text() const { return text_; }
  const std::vector<std::string>& names() const { return names_; }  // every name in it, sorted

  // NaN where a name with a dot has no value, or one has the value null, or the formula has none (0 / 0).
  double evaluate(const Lookup& lookup) const;
  bool holds(const Lookup& lookup) const;  // has a value, and it is not 0

 private:
  struct Parser;
  std::string text_;
  std::vector<std::string> names_;
  std::unique_ptr<Parser> parser_;
};

// A result of evaluate() as a setting is written: "37" for whole numbers, else the shortest text that reads
// back.
std::string number_text(double value);

}  // namespace sim::sweep
