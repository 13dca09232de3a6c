// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <ostream>

namespace sim::app {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kAbsent = "(absent)";
constexpr std::size_t kLongest = 40;  // of a value in the table

std::string value_text(const Json& value) {
  std::string text = value.dump();
  if (text.size() > kLongest) text = text.substr(0, kLongest - 3) + "...";
  return text;
}

std::string change(double golden, double actual) {
  if (golden == 0) return {};
  char text[64];
  std::snprintf(text, sizeof text, "%+.3g %%", 100 * (actual - golden) / std::fabs(golden));
  return text;
}

class Comparer {
 public:
  Comparer(const CompareRules& rules, std::vector<Difference>& found) : rules_(rules), found_(found) {}

  void visit(const std::string& path, const Json& golden, const Json& actual) {
    if (golden.is_object() && actual.is_object()) return objects(path, golden, actual);
    if (golden.is_array() && actual.is_array()) return arrays(path, golden, actual);
    if (golden.is_number() && actual.is_number()) return numbers(path, golden, actual);
    if (golden != actual) found_.push_back({path, value_text(golden), value_text(actual), {}});
  }

 private:
  bool ignored(const std::string& key) const {
    return std::find(rules_.ignore.begin(), rules_.ignore.end(), key) != rules_.ignore.end();
  }

  void objects(const std::string& path, const Json& golden, const Json& actual) {
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const auto& [key, value] : golden.items()) {
      if (ignored(key)) continue;
      const auto other = actual.find(key);
      if (other == actual.end()) {
        found_.push_back({prefix + key, value_text(value), kAbsent, {}});
      } else {
        visit(prefix + key, value, *other);
      }
    }
    for (const auto& [key, value] : actual.items()) {
      if (!ignored(key) && !golden.contains(key))
        found_.push_back({prefix + key, kAbsent, value_text(value), {}});
    }
  }

  void arrays(const std::string& path, const Json& golden, const Json& actual) {
    for (std::size_t i = 0; i < std::max(golden.size(), actual.size()); ++i) {
      const std::string element = path + "[" + std::to_string(i) + "]";
      if (i >= actual.size()) {
        found_.push_back({element, value_text(golden[i]), kAbsent, {}});
      } else if (i >= golden.size()) {
        found_.push_back({element, kAbsent, value_text(actual[i]), {}});
      } else {
        visit(element, golden[i], actual[i]);
      }
    }
  }

  void numbers(const std::string& path, const Json& golden, const Json& actual) {
    const auto a = golden.get<double>();
    const auto b = actual.get<double>();
    bool equal = golden == actual;
    if (!(golden.is_number_integer() && actual.is_number_integer())) {
      equal = equal || std::fabs(a - b) <= rules_.rel_tol * std::max(std::fabs(a), std::fabs(b));
    }
    if (!equal) found_.push_back({path, value_text(golden), value_text(actual), change(a, b)});
  }

  const CompareRules& rules_;
  std::vector<Difference>& found_;
};

}  // namespace

std::vector<Difference> compare(const Json& golden, const Json& actual, const CompareRules& rules) {
  std::vector<Difference> found;
  Comparer(rules, found).visit("", golden, actual);
  return found;
}

void write_differences(std::ostream& out, const std::vector<Difference>& differences) {
  std::size_t widths[3] = {3, 6, 8};
  for (const Difference& d : differences) {
    widths[0] = std::max(widths[0], d.path.size());
    widths[1] = std::max(widths[1], d.golden.size());
    widths[2] = std::max(widths[2], d.actual.size());
  }
  const auto line = [&](const Difference& d) {
    out << "  " << std::left << std::setw(static_cast<int>(widths[0])) << d.path << "  " << std::right
        << std::setw(static_cast<int>(widths[1])) << d.golden << "  "
        << std::setw(static_cast<int>(widths[2])) << d.actual;
    if (!d.change.empty()) out << "  " << d.change;
    out << "\n";
  };
  line({"key", "golden", "this run", "change"});
  for (const Difference& d : differences) line(d);
}

}  // namespace sim::app
