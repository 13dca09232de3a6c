// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/views.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "sim/core/error.h"
#include "sim/sweep/pareto.h"

namespace sim::sweep {
namespace {

std::vector<std::string> cells(std::string line) {
  if (!line.empty() && line.back() == '\r') line.pop_back();
  std::vector<std::string> list;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) list.push_back(cell);
  return list;
}

std::size_t column(const std::vector<std::string>& header, const std::string& name, const std::string& file) {
  const auto at = std::find(header.begin(), header.end(), name);
  if (at == header.end()) throw Error(Exit::usage, file + " has no column '" + name + "'");
  return static_cast<std::size_t>(at - header.begin());
}

double number(const std::string& text, const std::string& place) {
  std::size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size()) throw Error(Exit::usage, place + ": '" + text + "' is not a number");
  return value;
}

}  // namespace

View::View(const ViewConfig& config, const std::filesystem::path& sweep_file) : config_(config) {
  for (const std::string& a : config.accept) accept_.emplace_back(a);
  for (const ObjectiveConfig& o : config.objectives) objectives_.emplace_back(o.expression());
  if (!config.published.file.empty()) read_published(sweep_file.parent_path() / config.published.file);
}

void View::read_published(const std::filesystem::path& file) {
  const PublishedConfig& p = config_.published;
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line)) throw Error(Exit::input, "cannot read " + file.string());
  const std::vector<std::string> header = cells(line);
  const std::size_t x = column(header, p.x, file.string()), y = column(header, p.y, file.string());
  const std::size_t group = p.group.empty() ? 0 : column(header, p.group, file.string());
  const std::size_t equals = p.where.find('=');
  const std::size_t tested = p.where.empty() ? 0 : column(header, p.where.substr(0, equals), file.string());
  const std::string wanted = equals == std::string::npos ? "" : p.where.substr(equals + 1);
  for (unsigned row = 2; std::getline(in, line); ++row) {
    const std::vector<std::string> values = cells(line);
    if (values.empty()) continue;
    const std::string place = file.string() + ":" + std::to_string(row);
    if (values.size() != header.size())
      throw Error(Exit::usage, place + ": " + std::to_string(values.size()) + " cells, the header has " +
                                   std::to_string(header.size()));
    if (!p.where.empty() && values[tested] != wanted) continue;
    published_[p.group.empty() ? "" : values[group]].emplace_back(number(values[x], place),
                                                                  number(values[y], place));
  }
  for (auto& curve : published_) std::sort(curve.second.begin(), curve.second.end());
}

std::string View::description() const {
  nlohmann::ordered_json json = {{"name", config_.name}, {"group", config_.group}};
  for (const ObjectiveConfig& o : config_.objectives) {
    json["axes"].push_back(o.shown_name());
    json["senses"].push_back(o.maximised() ? "maximise" : "minimise");
  }
  json["published"] = {{"name", config_.published.name}, {"curves", nlohmann::ordered_json::object()}};
  for (const auto& [group, curve] : published_) json["published"]["curves"][group] = curve;
  return json.dump();
}

void View::take(const std::string& digest, const Expression::Lookup& lookup) {
  for (const Expression& a : accept_)
    if (!a.holds(lookup)) return;
  Store::ViewPoint point{digest, "", objectives_[0].evaluate(lookup), objectives_[1].evaluate(lookup), false};
  if (std::isnan(point.x) || std::isnan(point.y)) return;
  if (!config_.group.empty()) point.group = lookup(config_.group).value_or("");
  points_.push_back(std::move(point));
}

std::vector<Store::ViewPoint> View::points() const {
  std::vector<Store::ViewPoint> marked = points_;
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < marked.size(); ++i) groups[marked[i].group].push_back(i);
  for (const auto& group : groups) {
    std::vector<std::vector<double>> values;
    for (const std::size_t i : group.second)
      values.push_back({config_.objectives[0].maximised() ? -marked[i].x : marked[i].x,
                        config_.objectives[1].maximised() ? -marked[i].y : marked[i].y});
    for (const std::size_t k : pareto_front(values)) marked[group.second[k]].front = true;
  }
  return marked;
}

}  // namespace sim::sweep
