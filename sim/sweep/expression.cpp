// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/expression.h"

#include <cmath>
#include <deque>
#include <limits>
#include <stdexcept>
#include <unordered_map>

#include <muParser.h>

#include "sim/config/meta.h"
#include "sim/config/number.h"

namespace sim::sweep {
namespace {

double to_floor(double x) { return std::floor(x); }
double to_ceil(double x) { return std::ceil(x); }
double logical_not(double x) { return x == 0 ? 1 : 0; }

}  // namespace

// muParser holds pointers to the values of names; a word's value is a number of its own.
struct Expression::Parser {
  mu::Parser parser;
  std::deque<double> values;  // addresses stay
  std::vector<double*> of_name;
  std::unordered_map<std::string, double> codes;

  static double* make(const char*, void* self) {
    auto& values = static_cast<Parser*>(self)->values;
    values.push_back(0);
    return &values.back();
  }
  // Far from every number that a setting may have.
  double code(const std::string& word) {
    return codes.emplace(word, -1e300 - 1e290 * static_cast<double>(codes.size())).first->second;
  }
  double value(const std::string& text) {
    if (text == "true") return 1;
    if (text == "false") return 0;
    const config::Real number = config::parse_real(text);
    if (number.state == config::Real::State::ok) return number.value;
    const config::Integer integer = config::parse_integer(text);  // hexadecimal
    if (integer.state == config::Integer::State::ok) {
      return (integer.negative ? -1.0 : 1.0) * static_cast<double>(integer.magnitude);
    }
    return code(text);
  }
};

Expression::Expression(const std::string& text) : text_(text), parser_(std::make_unique<Parser>()) {
  mu::Parser& p = parser_->parser;
  p.DefineNameChars("0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.");
  p.DefineInfixOprt("!", logical_not);
  p.DefineFun("floor", to_floor);
  p.DefineFun("ceil", to_ceil);
  p.DefineFun("mod", static_cast<double (*)(double, double)>(std::fmod));
  p.ClearConst();  // _pi and _e: names are settings
  p.SetVarFactory(&Parser::make, parser_.get());
  try {
    p.SetExpr(text);
    for (const auto& name : p.GetUsedVar()) names_.push_back(name.first);
    p.Eval();  // makes the variables and finds what GetUsedVar() lets pass
    int results = 0;
    p.Eval(results);
    if (results != 1)
      throw std::invalid_argument("'" + text + "': one value is wanted, not " + std::to_string(results));
    for (const std::string& name : names_) parser_->of_name.push_back(p.GetVar().at(name));
  } catch (const mu::Parser::exception_type& e) {
    throw std::invalid_argument("'" + text + "': " + e.GetMsg());
  }
}

Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

double Expression::evaluate(const Lookup& lookup) const {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::optional<std::string> text = lookup(names_[i]);
    if (text ? *text == "null" : names_[i].find('.') != std::string::npos) {
      return std::numeric_limits<double>::quiet_NaN();
    }
    *parser_->of_name[i] = parser_->value(text ? *text : names_[i]);
  }
  try {
    return parser_->parser.Eval();
  } catch (const mu::Parser::exception_type&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

bool Expression::holds(const Lookup& lookup) const {
  const double value = evaluate(lookup);
  return !std::isnan(value) && value != 0;
}

std::string number_text(double value) {
  if (value == std::rint(value) && std::fabs(value) < 9e15)
    return std::to_string(static_cast<long long>(value));
  return config::number_text(value);
}

}  // namespace sim::sweep
