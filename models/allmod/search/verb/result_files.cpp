// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/search/verb/result_files.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <sstream>

#include <nlohmann/json.hpp>

namespace allmod {

namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kShown = 40;                // rows of the text
constexpr std::uint64_t kMostBounds = 2'000'000;  // of a comparison with the template: about a second

std::string short_text(double value) {
  std::ostringstream text;
  text << std::setprecision(4) << value;
  return text.str();
}

std::string whole_or_half(double value) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(value == std::floor(value) ? 0 : 1) << value;
  return text.str();
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> words(const std::vector<Metric>& metrics) {
  std::vector<std::string> list;
  for (const Metric metric : metrics) list.emplace_back(metric_word(metric));
  return list;
}

void head(std::ostream& out) {
  out << "  " << std::left << std::setw(17) << "form" << std::setw(36) << "" << std::right << std::setw(8)
      << "latency" << std::setw(9) << "interval" << std::setw(11) << "LUT sites" << std::setw(11) << "FF"
      << std::setw(11) << "RAMB36" << std::setw(11) << "f_max MHz"
      << "\n";
}

void row(std::ostream& out, const Found& found) {
  const Area area = found.cost.total();
  out << "  " << std::left << std::setw(17) << form_word(found.design.form) << std::setw(36)
      << parameters(found.design) << std::right << std::setw(8) << found.cost.latency << std::setw(9)
      << found.cost.ii << std::setw(11) << area.lut_sites << std::setw(11) << area.ff << std::setw(11)
      << whole_or_half(area.bram36()) << std::setw(11) << short_text(found.cost.fmax_mhz()) << "\n";
}

Json json_of(const Found& found) {
  const Design& d = found.design;
  Json entry = {{"form", form_word(d.form)}, {"n", d.n}};
  for (const auto& [name, value] : {std::pair{"w", d.w},
                                    {"m", d.m},
                                    {"p", d.p},
                                    {"e", d.e},
                                    {"r", d.r},
                                    {"rho", d.rho},
                                    {"segment", d.segment},
                                    {"t", d.t},
                                    {"u", d.u}})
    entry[name] = has_parameter(d.form, name) ? Json(value) : Json(nullptr);
  for (std::size_t k = 0; k < kMetrics; ++k)
    entry[metric_word(static_cast<Metric>(k))] = found.measures.value(static_cast<Metric>(k));
  entry["fmax_mhz"] = found.cost.fmax_mhz();
  entry["critical"] = found.cost.critical;
  return entry;
}

void template_text(std::ostream& out, const SearchReport::Template& authors) {
  out << "\nThe authors' template (w = 14 - log2 n, m balanced), and reducers with fewer LUT sites at no "
         "more\nblock "
         "RAM and cycles between operands, without and with its latency as a cap:\n";
  head(out);
  row(out, authors.drawing);
  for (const auto& best : {authors.best, authors.best_latency}) {
    if (!best) continue;
    row(out, *best);
    const Area theirs = authors.drawing.cost.total(), ours = best->cost.total();
    out << "    " << short_text(static_cast<double>(theirs.lut_sites) / static_cast<double>(ours.lut_sites))
        << " times fewer LUT sites";
    if (ours.bram18 > 0)
      out << ", " << short_text(static_cast<double>(theirs.bram18) / static_cast<double>(ours.bram18))
          << " times fewer block RAMs";
    out << ", "
        << short_text(authors.drawing.measures.value(Metric::area_time) /
                      best->measures.value(Metric::area_time))
        << " times less LUT sites times interval\n";
  }
}

std::string quoted(const std::string& text) { return Json(text).dump(); }  // a JSON string is a YAML string

// A figure of the search over the keys of summary.json.
std::string expression(Metric metric, const CostOptions& options) {
  switch (metric) {
    case Metric::latency_ns:
      return "latency_cycles * 1000 / fmax_mhz";
    case Metric::interval_ns:
      return "ii_cycles * 1000 / fmax_mhz";
    case Metric::critical_ns:
      return "1000 / fmax_mhz";
    case Metric::area_time:
      return "lut_sites * ii_cycles";
    case Metric::scalar_luts:
      return "lut_sites + bram36 * " + short_text(options.device.bram36_luts);
    default:
      return metric_word(metric);
  }
}

}  // namespace

SearchReport::Template beside_the_template(const SearchSpace& space, const CostOptions& options) {
  SearchReport::Template beside;
  Design drawing;
  drawing.form = Form::template_, drawing.n = space.n;
  drawing.w = std::max(1u, 14 - std::min(13u, static_cast<unsigned>(std::log2(space.n))));
  drawing.m = balanced_m(drawing.n, drawing.w);
  const Cost cost = *cost_of(Datapath(drawing, ~std::uint64_t{0}), options);
  beside.drawing = {drawing, cost, measures(cost, options.device)};
  const Measures& theirs = beside.drawing.measures;
  SearchGoals goals{{Metric::lut_sites}, {{Metric::ii_cycles, theirs.ii}, {Metric::bram36, theirs.bram36}}};
  const auto first = [&]() -> std::optional<Found> {
    // A reducer to compare with, not the front: where it takes long, the best one found so far is good
    // enough.
    const SearchResult result =
        search(space, goals, options, [](const SearchEffort& effort) { return effort.boxes < kMostBounds; });
    if (result.front.empty()) return std::nullopt;
    return result.front.front();
  };
  beside.best = first();
  goals.caps.push_back({Metric::latency_cycles, theirs.latency});
  beside.best_latency = first();
  return beside;
}

std::string design_name(const Design& design) {
  const std::string text = parameters(design);
  return form_word(design.form) + (text.empty() ? "" : " " + text);
}

std::string search_text(const SearchReport& report) {
  std::ostringstream out;
  const SearchEffort& effort = report.result.effort;
  const std::size_t size = report.result.front.size();
  out << "Reducers of " << report.space.n << " bits: least " << listed(words(report.goals.minimise));
  if (!report.caps.empty()) out << "; " << listed(report.caps);
  if (!report.only.empty()) out << "; only " << listed(report.only);
  out << "\n  " << short_text(report.space.designs()) << " designs in the space, " << effort.priced
      << " priced, the others left out by " << effort.boxes << " bounds; "
      << (report.result.complete ? "the front is complete\n"
                                 : "STOPPED: the front is what was found until then\n");
  if (size == 0) {
    out << "  no design keeps every cap\n";
  } else {
    out << "\nThe front: " << size << " designs";
    if (size > kShown) out << ", of which " << kShown << " are shown (all: search.csv)";
    out << "\n";
    head(out);
    const std::size_t shown = std::min(size, kShown);
    for (std::size_t i = 0; i < shown; ++i)
      row(out, report.result.front[shown == 1 ? 0 : i * (size - 1) / (shown - 1)]);
  }
  if (report.authors) template_text(out, *report.authors);
  return out.str();
}

std::string search_csv(const SearchReport& report) {
  std::ostringstream out;
  bool first = true;
  for (const Found& found : report.result.front) {
    const Json entry = json_of(found);
    if (first) {
      std::string names;
      for (const auto& item : entry.items()) names += (names.empty() ? "" : ",") + item.key();
      out << names << "\n";
      first = false;
    }
    std::string line;
    for (const auto& item : entry.items()) {
      if (item.key() != "form") line += ",";
      if (!item.value().is_null())
        line += item.value().is_string() && item.key() == "form" ? item.value().get<std::string>()
                                                                 : item.value().dump();
    }
    out << line << "\n";
  }
  return out.str();
}

std::string search_json(const SearchReport& report) {
  Json json;
  json["config"] = report.config;
  json["set"] = report.set;
  json["minimise"] = words(report.goals.minimise);
  json["caps"] = report.caps;
  json["only"] = report.only;
  json["n"] = report.space.n;
  json["designs"] = report.space.designs();
  json["priced"] = report.result.effort.priced;
  json["bounds"] = report.result.effort.boxes;
  json["complete"] = report.result.complete;
  json["wall_s"] = report.seconds;
  json["front"] = Json::array();
  for (const Found& found : report.result.front) json["front"].push_back(json_of(found));
  json["template"] = nullptr;
  if (report.authors) {
    Json beside = {{"authors", json_of(report.authors->drawing)}};
    beside["best_at_its_interval"] = report.authors->best ? json_of(*report.authors->best) : Json(nullptr);
    beside["best_at_its_latency"] =
        report.authors->best_latency ? json_of(*report.authors->best_latency) : Json(nullptr);
    json["template"] = std::move(beside);
  }
  return json.dump(2) + "\n";
}

std::string front_sweep(const SearchReport& report, const std::vector<std::size_t>& designs) {
  std::ostringstream out;
  out << "# Simulates the front of a search; search.json says which.\n"
      << "sweep: front\nbase: " << quoted(std::filesystem::absolute(report.config).string()) << "\nset: [";
  for (std::size_t i = 0; i < report.set.size(); ++i) out << (i > 0 ? ", " : "") << quoted(report.set[i]);
  out << "]\naxes:\n  - name: design\n    choices:\n";
  for (const std::size_t i : designs) {
    const Design& design = report.result.front[i].design;
    out << "      - {name: " << quoted(design_name(design)) << ", set: [";
    const std::vector<std::string> set = assignments(design);
    for (std::size_t k = 0; k < set.size(); ++k) out << (k > 0 ? ", " : "") << quoted(set[k]);
    out << "]}\n";
  }
  out << "objectives:\n";
  for (const Metric metric : report.goals.minimise)
    out << "  - {minimise: " << quoted(expression(metric, report.options))
        << ", name: " << metric_word(metric) << "}\n";
  return out.str();
}

}  // namespace allmod
