// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/cost_report.h"

#include <iomanip>
#include <ostream>
#include <sstream>

namespace allmod {

namespace {

using Json = nlohmann::ordered_json;

Json vector_of(const Area& area) {
  return {{"lut_sites", area.lut_sites},
          {"ff", area.ff},
          {"bram36", area.bram36()},
          {"carry4", area.carry4},
          {"srl", area.srl}};
}

std::string fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

std::string significant(double value) {
  std::ostringstream text;
  text << std::setprecision(4) << value;
  return text.str();
}

void row(std::ostream& out, const std::string& name, const Cost& cost, const std::string& what) {
  const Area area = cost.total();
  out << "    " << std::left << std::setw(18) << name << std::right << std::setw(11) << area.lut_sites
      << std::setw(11) << area.ff << std::setw(9) << fixed(area.bram36(), 1) << std::setw(8) << cost.latency
      << std::setw(9) << cost.ii << std::setw(8) << fixed(cost.fmax_mhz(), 1) << std::setw(13)
      << significant(cost.area_efficiency()) << "  " << what << "\n";
}

}  // namespace

CostReport::CostReport(const Settings& settings, const Datapath& datapath)
    : device_(settings.cost.device.device),
      scalar_(settings.cost.scalar),
      clock_mhz_(settings.clock_mhz),
      can_be_cut_(datapath.design().form == Form::pipelined && !datapath.design().eager &&
                  datapath.design().segment == 0) {
  const CostOptions options =
      settings.cost.options(settings.design.stall == Stall::elastic, settings.design.lanes);
  cost_ = *cost_of(datapath, options);
  end_points_ = end_points(datapath.design(), options);
}

void CostReport::headline(Json& keys) const {
  keys["lut_sites"] = cost_.total().lut_sites;
  keys["ff"] = cost_.total().ff;
  keys["bram36"] = cost_.total().bram36();
  keys["fmax_mhz"] = cost_.fmax_mhz();
}

double CostReport::area_efficiency() const { return cost_.area_efficiency(); }

void CostReport::details(Json& keys) const {
  Json parts = Json::object();
  for (std::size_t i = 0; i < kParts; ++i) parts[part_word(static_cast<Part>(i))] = vector_of(cost_.parts[i]);
  keys["area"] = std::move(parts);
  keys["area_scalar"] = scalar_ ? Json(cost_.scalar_luts(device_)) : Json(nullptr);
  keys["end_points"] = Json::array();
  for (const EndPoint& point : end_points_) {
    Json entry = {{"name", point.name}, {"parameters", point.what}};
    entry.update(vector_of(point.cost.total()));
    entry["latency_cycles"] = point.cost.latency;
    entry["ii_cycles"] = point.cost.ii;
    entry["fmax_mhz"] = point.cost.fmax_mhz();
    entry["area_efficiency"] = point.cost.area_efficiency();
    keys["end_points"].push_back(std::move(entry));
  }
}

void CostReport::text(std::ostream& out) const {
  const auto line = [&out](const char* name) -> std::ostream& {
    return out << "  " << std::left << std::setw(20) << name << std::right;
  };
  const Area area = cost_.total();
  line("area") << area.lut_sites << " LUT sites (" << area.srl << " shift registers), " << area.ff
               << " flip-flops, " << fixed(area.bram36(), 1) << " RAMB36, " << area.carry4 << " CARRY4\n";
  line("LUT sites by part");
  for (std::size_t i = 0; i < kParts; ++i)
    out << (i > 0 ? ", " : "") << part_word(static_cast<Part>(i)) << " " << cost_.parts[i].lut_sites;
  out << "\n";
  if (scalar_) {
    line("area as one number") << fixed(cost_.scalar_luts(device_), 1) << " LUTs at "
                               << significant(device_.bram36_luts) << " a RAMB36\n";
  }
  line("f_max") << fixed(cost_.fmax_mhz(), 1) << " MHz (" << cost_.critical << ")";
  if (cost_.fmax_mhz() < clock_mhz_) {
    out << ", below the clock of " << significant(clock_mhz_) << " MHz";
    if (can_be_cut_) out << ": cut the adders (design.segment)";
  }
  out << "\n  beside the end points:\n    " << std::left << std::setw(18) << "" << std::right << std::setw(11)
      << "LUT sites" << std::setw(11) << "FF" << std::setw(9) << "RAMB36" << std::setw(8) << "latency"
      << std::setw(9) << "interval" << std::setw(8) << "f_max" << std::setw(13) << "ops/cy/GLUT"
      << "\n";
  row(out, "this design", cost_, "");
  for (const EndPoint& point : end_points_) row(out, point.name, point.cost, point.what);
}

std::vector<sim::app::KeyText> CostReport::headline_keys() {
  return {{"lut_sites", "site", "LUT sites of all lanes: logic, route-throughs, shift registers"},
          {"ff", "flip-flop", "flip-flops of all lanes"},
          {"bram36", "block", "RAMB36 of all lanes; halves are RAMB18"},
          {"fmax_mhz", "MHz", "highest clock by logic delay, without routing"}};
}

std::vector<sim::app::KeyText> CostReport::detail_keys() {
  return {
      {"area", "",
       "lut_sites, ff, bram36, carry4, srl by part: input, tables, tree, join_delay, pre, post, multiplier, "
       "control"},
      {"area_scalar", "LUT", "LUT sites with block RAM turned into LUTs; null unless cost.scalar"},
      {"end_points", "",
       "the same vector for all-LUT, pure iterative, folded iterative and deep-ROM reducers, and beside a "
       "serial hybrid its lanes without restoring steps before the fusion"}};
}

}  // namespace allmod
