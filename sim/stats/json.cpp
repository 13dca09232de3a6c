// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/stats/json.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <set>

#include <nlohmann/json.hpp>

#include "sim/stats/stat.h"

namespace sim::stats {
namespace {

using Json = nlohmann::ordered_json;

struct Line {
  std::string path;
  std::string value;
  std::string unit;
  std::string text;
};

Json number_json(const Figure& figure) {
  if (const auto* integer = std::get_if<std::uint64_t>(&figure.number)) return *integer;
  if (const auto* real = std::get_if<double>(&figure.number); real != nullptr && std::isfinite(*real))
    return *real;
  return nullptr;
}

std::string number_text(const Figure& figure) {
  if (const auto* integer = std::get_if<std::uint64_t>(&figure.number)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&figure.number); real != nullptr && std::isfinite(*real)) {
    char text[40];
    std::snprintf(text, sizeof text, "%.6g", *real);
    return text;
  }
  return "-";
}

Json stat_json(const Stat& stat) {
  Json out = Json::object();
  for (const Figure& figure : stat.figures()) {
    out[figure.key] = number_json(figure);
    if (figure.key == "value" && stat.derived()) out["derived"] = true;
  }
  if (std::string(stat.kind()) == "histogram") {
    Json& list = out["buckets"] = Json::array();
    for (const Bucket& b : stat.buckets())
      list.push_back({{"from", b.from}, {"to", b.to}, {"count", b.count}});
  }
  out["unit"] = stat.unit();
  out["text"] = stat.text();
  return out;
}

std::string join(const std::string& above, const std::string& name) {
  return above.empty() ? name : above + "." + name;
}

// `index` of the element of a list as text: "[3]", or "[]" when all elements share one path.
std::string group_path(const std::string& above, const Group& group, bool with_index) {
  std::string path = join(above, group.name());
  if (group.index()) path += with_index ? "[" + std::to_string(*group.index()) + "]" : "[]";
  return path;
}

template <class F>
void each_stat(const Group& group, const std::string& above, bool with_index, F&& f) {
  for (const Group::Child& child : group.children()) {
    if (child.stat != nullptr) {
      f(join(above, child.stat->name()), *child.stat);
    } else {
      each_stat(*child.group, group_path(above, *child.group, with_index), with_index, f);
    }
  }
}

void add_lines(std::vector<Line>& lines, const std::string& path, const Stat& stat) {
  // The figures next to a main one are counts of other things; only levels and values have its unit.
  for (const Figure& figure : stat.figures()) {
    const bool main = figure.key == "value";
    std::string unit = stat.unit();
    if (figure.key == "cycles") unit = "cycle";
    if (figure.key == "area") unit = unit.empty() ? "cycle" : unit + "*cycle";
    if (figure.key == "count") unit.clear();
    const bool mean = main && stat.derived() && stat.figures().size() > 1;
    lines.push_back({main ? path + (mean ? ".mean" : "") : path + "." + figure.key, number_text(figure), unit,
                     main ? stat.text() : ""});
  }
  for (const Bucket& b : stat.buckets()) {
    std::string range = std::to_string(b.from);
    if (b.to != b.from) range += ".." + std::to_string(b.to);
    lines.push_back({path + ".{" + range + "}", std::to_string(b.count), "", ""});
  }
}

}  // namespace

Json to_json(const Group& root) {
  Json out = Json::object();
  for (const Group::Child& child : root.children()) {
    if (child.stat != nullptr) {
      out[child.stat->name()] = stat_json(*child.stat);
    } else if (const auto& index = child.group->index()) {
      Json& list = out[child.group->name()];
      if (!list.is_array()) list = Json::array();
      while (list.size() <= *index) list.push_back(nullptr);
      list[*index] = to_json(*child.group);
    } else {
      out[child.group->name()] = to_json(*child.group);
    }
  }
  return out;
}

void write_text(std::ostream& out, const Group& root) {
  std::vector<Line> lines;
  each_stat(root, "", true, [&](const std::string& path, const Stat& stat) { add_lines(lines, path, stat); });
  std::size_t path_width = 0;
  std::size_t value_width = 0;
  std::size_t unit_width = 0;
  for (const Line& line : lines) {
    path_width = std::max(path_width, line.path.size());
    value_width = std::max(value_width, line.value.size());
    unit_width = std::max(unit_width, line.unit.size());
  }
  for (const Line& line : lines) {
    std::string row = line.path + std::string(path_width - line.path.size() + 2, ' ');
    row += std::string(value_width - line.value.size(), ' ') + line.value + "  " + line.unit;
    if (!line.text.empty()) row += std::string(unit_width - line.unit.size() + 2, ' ') + "# " + line.text;
    row.erase(row.find_last_not_of(' ') + 1);
    out << row << '\n';
  }
}

Json describe(const Group& root) {
  Json list = Json::array();
  std::set<std::string> seen;
  each_stat(root, "", false, [&](const std::string& path, const Stat& stat) {
    if (!seen.insert(path).second) return;
    list.push_back({{"path", path},
                    {"kind", stat.kind()},
                    {"unit", stat.unit()},
                    {"text", stat.text()},
                    {"derived", stat.derived()}});
  });
  return list;
}

}  // namespace sim::stats
