// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/variation.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace sim::sweep {
namespace {

std::optional<double> number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

// The numbers of "3" or "[3, 4.5]"; empty when there is anything else in it.
std::vector<double> yaml_numbers(const std::string& yaml) {
  if (yaml.empty() || yaml.front() != '[') {
    const auto one = number(yaml);
    return one ? std::vector<double>{*one} : std::vector<double>{};
  }
  std::vector<double> list;
  for (std::size_t at = 1; at < yaml.size();) {
    const std::size_t end = yaml.find_first_of(",]", at);
    if (end == std::string::npos) return {};
    const std::size_t first = yaml.find_first_not_of(' ', at);
    const auto one = number(yaml.substr(first, end - first));
    if (!one) return {};
    list.push_back(*one);
    at = end + 1;
  }
  return list;
}

std::string text_of(const std::vector<double>& list, bool is_list) {
  std::string text;
  for (const double value : list) {
    char one[40];
    std::snprintf(one, sizeof one, "%.12g", value);
    text += (text.empty() ? "" : ", ") + std::string(one);
  }
  return is_list ? "[" + text + "]" : text;
}

}  // namespace

void vary(Variation& setting, double share, const Accepts& accepts) {
  const std::vector<double> list = yaml_numbers(setting.value);
  if (list.empty()) {
    setting.why_not = "not a number";
    return;
  }
  bool zero = true;
  for (const double value : list) zero = zero && value == 0;
  if (zero) {
    setting.why_not = "0 has no percent";
    return;
  }
  const auto side = [&](double factor) -> std::optional<std::string> {
    std::vector<double> scaled = list, whole = list;
    for (std::size_t i = 0; i < list.size(); ++i) {
      scaled[i] *= factor;
      // Away from the value: 1 becomes 0 or 2.
      const bool up = scaled[i] > list[i];
      whole[i] = up ? std::ceil(scaled[i]) : std::floor(scaled[i]);
    }
    const bool is_list = setting.value.front() == '[';
    for (const auto& values : {scaled, whole}) {
      const std::string text = text_of(values, is_list);
      const auto problem = accepts(setting.path + "=" + text);
      if (!problem) return text;
      setting.why_not = *problem;
    }
    return std::nullopt;
  };
  setting.low = side(1 - share);
  setting.high = side(1 + share);
  if (setting.low || setting.high) setting.why_not.clear();
}

}  // namespace sim::sweep
