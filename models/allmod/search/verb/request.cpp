// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/search/verb/request.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "sim/app/options.h"
#include "sim/config/suggest.h"
#include "sim/core/error.h"

namespace allmod {

namespace {

using sim::Error;
using sim::Exit;

std::vector<std::string> split(const std::string& words) {
  std::vector<std::string> list;
  std::istringstream in(words);
  for (std::string word; std::getline(in, word, ',');) list.push_back(word);
  return list;
}

std::vector<std::string> metric_words() {
  std::vector<std::string> words;
  for (std::size_t k = 0; k < kMetrics; ++k) words.emplace_back(metric_word(static_cast<Metric>(k)));
  return words;
}

Metric metric(const std::string& word) {
  const std::vector<std::string> words = metric_words();
  const auto at = std::find(words.begin(), words.end(), word);
  if (at != words.end()) return static_cast<Metric>(at - words.begin());
  throw Error(Exit::usage, "there is no figure '" + word + "'" + sim::config::did_you_mean(word, words) +
                               "; the figures are: " + sim::app::listed(words));
}

double number(const std::string& text, const std::string& words) {
  std::size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size() || !std::isfinite(value) || value < 0)
    throw Error(Exit::usage, "'" + words + "': '" + text + "' is not a number of 0 or more");
  return value;
}

unsigned whole(const std::string& text, const std::string& words) {
  const bool digits = !text.empty() && text.size() <= 6 &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) throw Error(Exit::usage, "'" + words + "': '" + text + "' is not a whole number");
  return static_cast<unsigned>(std::stoul(text));
}

std::map<std::string, Range SearchSpace::*> axes() {
  return {{"w", &SearchSpace::w},     {"m", &SearchSpace::m}, {"p", &SearchSpace::p},
          {"e", &SearchSpace::e},     {"r", &SearchSpace::r}, {"t", &SearchSpace::t},
          {"rho", &SearchSpace::rho}, {"u", &SearchSpace::u}, {"eager", &SearchSpace::eager}};
}

std::vector<Form> forms_of(const std::string& words) {
  std::vector<Form> forms = SearchSpace{}.forms;
  forms.push_back(Form::template_literal);
  std::vector<std::string> known;
  for (const Form form : forms) known.emplace_back(form_word(form));
  std::vector<Form> list;
  for (const std::string& word : split(words)) {
    const auto at = std::find(known.begin(), known.end(), word);
    if (at == known.end())
      throw Error(Exit::usage, "--only: the search knows no form '" + word + "'" +
                                   sim::config::did_you_mean(word, known) +
                                   "; its forms are: " + sim::app::listed(known));
    list.push_back(forms[static_cast<std::size_t>(at - known.begin())]);
  }
  return list;
}

// Every parameter of `design:` with a word for its value.
std::vector<std::pair<std::string, std::string>> values(const Design& d) {
  const auto text = [](unsigned value) { return std::to_string(value); };
  return {{"w", text(d.w)},
          {"m", text(d.m)},
          {"p", text(d.p)},
          {"e", text(d.e)},
          {"r", text(d.r)},
          {"rho", text(d.rho)},
          {"segment", text(d.segment)},
          {"t", text(d.t)},
          {"u", text(d.u)},
          {"eager", text(d.eager)}};
}

}  // namespace

std::vector<Metric> metrics(const std::string& words) {
  std::vector<Metric> list;
  for (const std::string& word : split(words)) {
    list.push_back(metric(word));
    if (std::count(list.begin(), list.end(), list.back()) > 1)
      throw Error(Exit::usage, "--minimise names " + word + " twice");
  }
  if (list.empty()) throw Error(Exit::usage, "--minimise names nothing; e.g. latency_cycles,lut_sites");
  return list;
}

Cap cap(const std::string& words) {
  const std::size_t at = words.find_first_of("<>");
  if (at == std::string::npos || at + 1 >= words.size() || words[at + 1] != '=')
    throw Error(Exit::usage, "'" + words + "' is no cap; e.g. bram36<=100 or fmax_mhz>=150 (in quotes)");
  const std::string name = words.substr(0, at), text = words.substr(at + 2);
  const bool least = words[at] == '>';
  if (name == "fmax_mhz" && least) {
    const double mhz = number(text, words);
    if (mhz == 0) throw Error(Exit::usage, "'" + words + "' is no cap: every clock is above 0");
    return {Metric::critical_ns, 1000 / mhz};
  }
  if (least || name == "fmax_mhz")
    throw Error(Exit::usage,
                "'" + words + "': every figure is capped from above (<=), fmax_mhz from below (>=)");
  return {metric(name), number(text, words)};
}

void narrow(SearchSpace& space, const std::string& words) {
  const std::size_t equals = words.find('=');
  const std::string name = words.substr(0, equals);
  const std::string text = equals == std::string::npos ? "" : words.substr(equals + 1);
  if (name == "form") {
    space.forms = forms_of(text);
    if (space.forms.empty())
      throw Error(Exit::usage, "--only form= names no form; e.g. form=serial,template");
    return;
  }
  const auto known = axes();
  const auto axis = known.find(name);
  if (axis == known.end() || text.empty())
    throw Error(Exit::usage, "--only '" + words +
                                 "': form=FORM,FORM or one of w, m, p, e, r, rho, t, u, eager with a "
                                 "value or a range is wanted, e.g. w=8 or t=1..16");
  const std::size_t dots = text.find("..");
  const Range wanted{whole(text.substr(0, dots), words),
                     whole(dots == std::string::npos ? text : text.substr(dots + 2), words)};
  Range& range = space.*(axis->second);
  const Range possible = SearchSpace{}.*(axis->second);
  if (wanted.low > wanted.high || wanted.low > possible.high || wanted.high < possible.low)
    throw Error(Exit::usage, "--only '" + words + "' leaves nothing: " + name + " can be " +
                                 std::to_string(possible.low) + ".." + std::to_string(possible.high));
  range = {std::max(wanted.low, possible.low), std::min(wanted.high, possible.high)};
}

SearchSpace space_of(const Settings& settings) {
  SearchSpace space;
  space.n = settings.design.n;
  space.segment = settings.design.segment;
  space.multiplier = settings.design.multiplier.multiplier;
  space.table_limit_bytes = settings.fidelity.value == ValueFidelity::lazy
                                ? ~std::uint64_t{0}
                                : std::uint64_t{settings.design.table_limit_mib} << 20;
  // Montgomery needs an odd modulus.
  Design montgomery;
  montgomery.form = Form::montgomery, montgomery.n = space.n, montgomery.multiplier = space.multiplier;
  for (const Modulus& modulus : settings.moduli()) {
    if (refusal(montgomery, modulus.value()).empty()) continue;
    space.forms.erase(std::remove(space.forms.begin(), space.forms.end(), Form::montgomery),
                      space.forms.end());
  }
  return space;
}

CostOptions cost_options(const Settings& settings) {
  return settings.cost.options(settings.design.stall == Stall::elastic, settings.design.lanes);
}

std::string parameters(const Design& design) {
  std::string text;
  for (const auto& [name, value] : values(design)) {
    const bool idle = (name == "segment" && design.segment == 0) || (name == "eager" && !design.eager);
    if (has_parameter(design.form, name) && !idle) text += (text.empty() ? "" : " ") + name + value;
  }
  return text;
}

std::vector<std::string> assignments(const Design& design) {
  std::vector<std::string> list = {std::string("design.form=") + form_word(design.form)};
  const std::map<std::string, std::string> defaults = {{"m", "balanced"}, {"p", "auto"}, {"e", "auto"}};
  const auto of_default = values(Design{});
  const auto of_design = values(design);
  for (std::size_t i = 0; i < of_design.size(); ++i) {
    const std::string& name = of_design[i].first;
    if (name == "eager") continue;  // a word, below
    const auto word = defaults.find(name);
    const bool has = has_parameter(design.form, name);
    list.push_back("design." + name + "=" +
                   (has                      ? of_design[i].second
                    : word != defaults.end() ? word->second
                                             : of_default[i].second));
  }
  list.emplace_back(design.eager ? "design.eager=true" : "design.eager=false");
  if (!has_multiplier(design.form))
    for (const char* key : {"digit", "karatsuba", "registers"})
      list.push_back(std::string("design.multiplier.") + key + "=0");
  return list;
}

}  // namespace allmod
