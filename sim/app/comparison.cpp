// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>
#include <unordered_map>

#include "sim/app/timing_error.h"

namespace sim::app {
namespace {

using Json = nlohmann::ordered_json;

std::string label(std::size_t number) {
  std::string text(1, static_cast<char>('A' + number % 26));
  return number < 26 ? text : label(number / 26 - 1) + text;
}

/// Rows by key: those of the first run in its order, then what others have more.
class Rows {
 public:
  explicit Rows(std::size_t runs) : runs_(runs) {}
  ComparedRow& at(const std::string& key) {
    const auto [found, fresh] = index_.emplace(key, rows_.size());
    if (fresh) {
      rows_.emplace_back();
      rows_.back().key = key;
      rows_.back().values.resize(runs_);
      rows_.back().extrapolated.resize(runs_);
    }
    return rows_[found->second];
  }
  std::vector<ComparedRow> take() { return std::move(rows_); }

 private:
  std::size_t runs_;
  std::vector<ComparedRow> rows_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// "layers[conv1].cycles" -> "layers[].cycles", as summary_keys() writes it.
std::string pattern(const std::string& key) {
  std::string text;
  for (std::size_t i = 0; i < key.size(); ++i) {
    text += key[i];
    if (key[i] == '[') {
      while (i + 1 < key.size() && key[i + 1] != ']') ++i;
    }
  }
  return text;
}

class Units {
 public:
  Units(const std::vector<RunResults>& runs, const Registry& registry) {
    for (const RunResults& run : runs) {
      const Model* model = registry.find(run.model);
      if (model == nullptr) continue;
      for (const KeyText& key : model->summary_keys()) units_.emplace(key.key, key.unit);
    }
    units_.emplace("sim_time_s", "s");
    units_.emplace("sim_cycles", "cycle");
  }
  std::string of(const std::string& key) const {
    std::string name = pattern(key);
    auto found = units_.find(name);
    if (found == units_.end() && name.size() > 2 && name.substr(name.size() - 2) == "[]") {
      found = units_.find(name.substr(0, name.size() - 2));  // a list of numbers is one key
    }
    return found == units_.end() ? "" : found->second;
  }

 private:
  std::map<std::string, std::string> units_;
};

template <class Get>
bool all_equal(const std::vector<RunResults>& runs, Get&& get) {
  return std::all_of(runs.begin(), runs.end(),
                     [&](const RunResults& r) { return get(r) == get(runs.front()); });
}

std::vector<std::string> notes_of(const Comparison& c) {
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < c.runs.size(); ++i) {
    const RunResults& run = c.runs[i];
    if (run.partial)
      notes.push_back(c.labels[i] + " is partial: its figures are of what was simulated until it ended");
    else if (!run.outcome.empty() && run.outcome != "complete")
      notes.push_back(c.labels[i] + " ended as: " + run.outcome);
    const auto scaled =
        std::count_if(run.figures.begin(), run.figures.end(), [](const Figure& f) { return f.extrapolated; });
    if (scaled != 0) {
      notes.push_back(c.labels[i] + " was sampled: " + std::to_string(scaled) +
                      (scaled == 1 ? " figure is" : " figures are") + " extrapolated (marked ~)");
    }
  }
  if (!all_equal(c.runs, [](const RunResults& r) { return r.model; })) {
    notes.emplace_back("the runs are of different models: only keys that they share can be compared");
  }
  if (!all_equal(c.runs, [](const RunResults& r) { return r.trace_digest; })) {
    notes.emplace_back("the runs read different traces: they did not do the same work");
  }
  if (!all_equal(c.runs, [](const RunResults& r) { return r.version; })) {
    notes.emplace_back("the runs were made by different versions of the program");
  }
  return notes;
}

std::optional<double> number(const ComparedRow& row, std::size_t run) {
  const auto& value = row.values[run];
  if (!value || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

}  // namespace

bool ComparedRow::everywhere() const {
  return std::all_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); });
}

bool ComparedRow::differs() const {
  const Json* first = nullptr;
  for (const auto& value : values) {
    if (!value) continue;
    if (first != nullptr && *first != *value) return true;
    first = &*value;
  }
  return false;
}

std::optional<double> difference(const ComparedRow& row, std::size_t run) {
  const auto a = number(row, 0), b = number(row, run);
  if (!a || !b) return std::nullopt;
  return *b - *a;
}

std::optional<double> change_percent(const ComparedRow& row, std::size_t run) {
  const auto a = number(row, 0), b = number(row, run);
  if (!a || !b || *a == 0) return std::nullopt;
  return 100 * (*b - *a) / std::fabs(*a);
}

std::optional<double> ratio(const ComparedRow& row, std::size_t run) {
  const auto a = number(row, 0), b = number(row, run);
  if (!a || !b || *a == 0) return std::nullopt;
  return *b / *a;
}

Comparison compare_results(std::vector<RunResults> runs, const Registry& registry) {
  Comparison c;
  c.runs = std::move(runs);
  const Units units(c.runs, registry);
  Rows settings(c.runs.size()), figures(c.runs.size());
  for (std::size_t i = 0; i < c.runs.size(); ++i) {
    c.labels.push_back(label(i));
    for (const Setting& s : c.runs[i].settings) settings.at(s.path).values[i] = Json(s.value);
    for (const Figure& f : c.runs[i].figures) {
      ComparedRow& row = figures.at(f.key);
      row.values[i] = f.value;
      row.extrapolated[i] = f.extrapolated;
      row.in_list = f.in_list;
    }
  }
  c.settings = settings.take();
  c.figures = figures.take();
  for (ComparedRow& row : c.figures) row.unit = units.of(row.key);
  c.notes = notes_of(c);
  return c;
}

void write_json(std::ostream& out, const Comparison& c) {
  Json json;
  json["schema"] = 1;
  Json& runs = json["runs"] = Json::array();
  for (std::size_t i = 0; i < c.runs.size(); ++i) {
    const RunResults& r = c.runs[i];
    runs.push_back({{"label", c.labels[i]},
                    {"folder", r.folder.string()},
                    {"model", r.model},
                    {"version", r.version},
                    {"config_digest", r.config_digest},
                    {"trace_digest", r.trace_digest.empty() ? Json() : Json(r.trace_digest)},
                    {"outcome", r.outcome},
                    {"partial", r.partial}});
  }
  json["notes"] = c.notes;
  json["timing_error"] = to_json(c, timing_errors(c));
  const auto optional = [](const std::optional<double>& v) { return v ? Json(*v) : Json(); };
  const auto rows = [&](const std::vector<ComparedRow>& list, bool numbers) {
    Json all = Json::array();
    for (const ComparedRow& row : list) {
      Json one;
      one["key"] = row.key;
      if (numbers) one["unit"] = row.unit;
      Json &values = one["values"] = Json::array(), absent = Json::array();
      for (std::size_t i = 0; i < row.values.size(); ++i) {
        values.push_back(row.values[i] ? *row.values[i] : Json());
        if (!row.values[i]) absent.push_back(c.labels[i]);
      }
      one["absent_in"] = absent;
      one["differs"] = row.differs();
      if (numbers) {
        one["extrapolated"] = row.extrapolated;
        Json &d = one["difference"] = Json::array(), p = Json::array(), q = Json::array();
        for (std::size_t i = 0; i < row.values.size(); ++i) {
          d.push_back(optional(difference(row, i)));
          p.push_back(optional(change_percent(row, i)));
          q.push_back(optional(ratio(row, i)));
        }
        one["change_percent"] = p;
        one["ratio"] = q;
      }
      all.push_back(std::move(one));
    }
    return all;
  };
  json["settings"] = rows(c.settings, false);
  json["figures"] = rows(c.figures, true);
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char ch : text) out += ch == '"' ? std::string("\"\"") : std::string(1, ch);
  return out + "\"";
}

std::string plain(const std::optional<Json>& value) {
  if (!value || value->is_null()) return "";
  return value->is_string() ? value->get<std::string>() : value->dump();
}

}  // namespace

void write_csv(std::ostream& out, const Comparison& c) {
  out << "kind,key,unit";
  for (const RunResults& r : c.runs) out << "," << quoted(r.folder.string());
  for (std::size_t i = 1; i < c.runs.size(); ++i) {
    const std::string pair = c.labels[i] + "_to_A";
    out << ",difference_" << pair << ",change_percent_" << pair << ",ratio_" << pair;
  }
  out << ",extrapolated\r\n";
  const auto rows = [&](const char* kind, const std::vector<ComparedRow>& list) {
    for (const ComparedRow& row : list) {
      out << kind << "," << quoted(row.key) << "," << quoted(row.unit);
      std::string scaled;
      for (std::size_t i = 0; i < row.values.size(); ++i) {
        out << "," << quoted(plain(row.values[i]));
        if (row.extrapolated[i]) scaled += (scaled.empty() ? "" : " ") + c.labels[i];
      }
      for (std::size_t i = 1; i < row.values.size(); ++i) {
        for (const auto& v : {difference(row, i), change_percent(row, i), ratio(row, i)}) {
          out << "," << (v ? Json(*v).dump() : "");
        }
      }
      out << "," << scaled << "\r\n";
    }
  };
  rows("setting", c.settings);
  rows("figure", c.figures);
}

}  // namespace sim::app
