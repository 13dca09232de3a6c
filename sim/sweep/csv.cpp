// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/csv.h"

#include <cmath>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "sim/config/meta.h"
#include "sim/sweep/engine.h"

namespace sim::sweep {
namespace {

using Json = nlohmann::ordered_json;

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string cell(const Json& value) {
  if (value.is_null()) return "";
  return quoted(value.is_string() ? value.get<std::string>() : value.dump());
}

// Nested objects with dots; lists stay lists.
template <class F>
void flatten(const Json& object, const std::string& prefix, const F& f) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      flatten(value, prefix + key + ".", f);
    } else {
      f(prefix + key, value);
    }
  }
}

std::vector<std::string> names(const Store& store, const char* key) {
  const Json list = Json::parse(store.get(key).value_or("[]"), nullptr, false);
  return list.is_array() ? list.get<std::vector<std::string>>() : std::vector<std::string>{};
}

const char* status_name(Status status) {
  return status == Status::done ? "done" : status == Status::failed ? "failed" : "pending";
}

}  // namespace

void write_csv(std::ostream& out, const Store& store, bool front_only) {
  const auto axes = names(store, "axes"), objectives = names(store, "objectives");
  // 1. The columns.
  std::vector<std::string> keys;
  std::unordered_map<std::string, std::size_t> column;
  store.each([&](const Store::Row& row) {
    const Json summary = Json::parse(row.outcome.summary, nullptr, false);
    if (!summary.is_object()) return;
    flatten(summary, "", [&](const std::string& key, const Json&) {
      if (column.emplace(key, keys.size()).second) keys.push_back(key);
    });
  });
  out << "id,digest,folder,status,exit_code,point_wall_s,accepted,front,error";
  for (const auto& axis : axes) out << "," << quoted("axis." + axis);
  for (const auto& objective : objectives) out << "," << quoted("objective." + objective);
  for (const auto& key : keys) out << "," << quoted(key);
  out << "\n";
  // 2. The rows.
  std::vector<std::string> cells;
  store.each([&](const Store::Row& row) {
    if (front_only && !row.front) return;
    const bool ended = row.outcome.status != Status::pending;
    out << row.id << "," << row.digest << "," << point_folder({}, row.digest).string() << ","
        << status_name(row.outcome.status) << "," << (ended ? std::to_string(row.outcome.exit_code) : "")
        << "," << (ended ? config::number_text(row.outcome.wall_s) : "") << ","
        << (row.score.accepted ? "true" : "false") << "," << (row.front ? "true" : "false") << ","
        << quoted(row.outcome.error);
    const Json labels = Json::parse(row.labels, nullptr, false);
    for (std::size_t i = 0; i < axes.size(); ++i) out << "," << (i < labels.size() ? cell(labels[i]) : "");
    for (std::size_t i = 0; i < objectives.size(); ++i) {
      const bool has = i < row.score.objectives.size() && !std::isnan(row.score.objectives[i]);
      out << "," << (has ? config::number_text(row.score.objectives[i]) : "");
    }
    cells.assign(keys.size(), "");
    const Json summary = Json::parse(row.outcome.summary, nullptr, false);
    if (summary.is_object()) {
      flatten(summary, "",
              [&](const std::string& key, const Json& value) { cells[column[key]] = cell(value); });
    }
    for (const std::string& text : cells) out << "," << text;
    out << "\n";
  });
}

}  // namespace sim::sweep
