// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <ostream>

#include "sim/sweep/sensitivity.h"

namespace sim::sweep {
namespace {

using Json = nlohmann::ordered_json;

std::string formatted(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::optional<double> change(const Json& setting, const std::string& key, const char* side) {
  const Json& move = setting.at("moves").at(key).at(side);
  if (!move.is_object() || !move.at("change_percent").is_number()) return std::nullopt;
  return move.at("change_percent").get<double>();
}

/// "+1.2 %", "-" for a value that the setting cannot have, "fails".
std::string shown(const Json& setting, const std::string& key, const char* side) {
  if (setting.at(side).is_null()) return "-";
  if (!setting.at(side).at("error").is_null()) return "fails";
  const auto percent = change(setting, key, side);
  if (!percent) return "?";
  return *percent == 0 ? "=" : formatted("%+.3g %%", *percent);
}

void listed(std::ostream& out, const char* head, const std::vector<std::string>& words) {
  if (words.empty()) return;
  out << "  " << head;
  std::size_t column = std::string(head).size() + 2;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] + (i + 1 < words.size() ? "," : "");
    if (column + word.size() + 1 > 100) {
      out << "\n   ";
      column = 3;
    }
    out << " " << word;
    column += word.size() + 1;
  }
  out << "\n";
}

void table(std::ostream& out, const std::string& key, const std::vector<const Json*>& rows) {
  std::size_t path = 7, value = 5;
  const auto value_text = [](const Json& s) {
    const auto unit = s.at("unit").get<std::string>();
    return s.at("value").get<std::string>() + (unit.empty() ? "" : " " + unit);
  };
  for (const Json* s : rows) {
    path = std::max(path, s->at("path").get_ref<const std::string&>().size());
    value = std::max(value, value_text(*s).size());
  }
  const auto line = [&](const std::string& a, const std::string& b, const std::string& c,
                        const std::string& d) {
    out << "  " << std::left << std::setw(static_cast<int>(path)) << a << "  "
        << std::setw(static_cast<int>(value)) << b << std::right << std::setw(12) << c << std::setw(12) << d
        << "\n";
  };
  line("setting", "value", "less", "more");
  for (const Json* s : rows) {
    line(s->at("path").get<std::string>(), value_text(*s), shown(*s, key, "low"), shown(*s, key, "high"));
  }
}

}  // namespace

void write_sensitivity(std::ostream& out, const Json& result) {
  const double percent = result.at("percent").get<double>();
  out << "Settings by " << formatted("-%g %%", percent) << " and " << formatted("+%g %%", percent)
      << ", each alone (whole numbers: by 1 at least)";
  const auto with = result.at("with").get<std::vector<std::string>>();
  for (std::size_t i = 0; i < with.size(); ++i) out << (i == 0 ? ", in runs with " : ", ") << with[i];
  out << "\n";
  for (const auto& key : result.at("keys")) {
    const auto name = key.get<std::string>();
    out << "\n" << name << " = " << formatted("%.6g", result.at("base").at(name).get<double>());
    if (!with.empty())
      out << " (the run itself: " << formatted("%.6g", result.at("run").at(name).get<double>()) << ")";
    out << "\n";
    std::vector<const Json*> moving;
    std::vector<std::string> still;
    for (const Json& s : result.at("settings")) {
      if (s.at("low").is_null() && s.at("high").is_null()) continue;
      const bool moves = shown(s, name, "low") != "=" || shown(s, name, "high") != "=";
      const bool both_still =
          !moves || (change(s, name, "low").value_or(0) == 0 && shown(s, name, "low") != "fails" &&
                     change(s, name, "high").value_or(0) == 0 && shown(s, name, "high") != "fails");
      if (both_still)
        still.push_back(s.at("path").get<std::string>());
      else
        moving.push_back(&s);
    }
    const auto reach = [&](const Json* s) {
      return std::max(std::fabs(change(*s, name, "low").value_or(0)),
                      std::fabs(change(*s, name, "high").value_or(0)));
    };
    std::stable_sort(moving.begin(), moving.end(),
                     [&](const Json* a, const Json* b) { return reach(a) > reach(b); });
    if (!moving.empty()) table(out, name, moving);
    listed(out, "no effect:", still);
  }
  std::vector<std::string> untouched;
  for (const Json& s : result.at("settings")) {
    if (!s.at("why_not").is_null()) {
      untouched.push_back(s.at("path").get<std::string>() + " (" + s.at("why_not").get<std::string>() + ")");
    }
  }
  if (!untouched.empty()) out << "\n";
  listed(out, "not varied:", untouched);
  if (result.at("settings").empty()) out << "\nNo setting that these results rest on is assumed.\n";
}

}  // namespace sim::sweep
