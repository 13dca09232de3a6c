// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/profile_page.h"

#include <algorithm>
#include <sstream>

#include "models/ring/charts.h"
#include "models/ring/svg.h"
#include "models/ring/tables.h"

namespace ring {
namespace {

constexpr const char* kStyle =
    "body{font-family:sans-serif;margin:24px;color:#222;max-width:1220px}table{border-collapse:collapse;"
    "margin:8px 0}"
    "td,th{padding:2px 10px;text-align:right;border-bottom:1px solid #e4e4e4;font-size:13px}"
    "td:first-child,th:first-child{text-align:left}h1{font-size:20px}h2{font-size:16px;margin-top:28px}"
    "p{max-width:900px;font-size:14px}.n{color:#666;font-size:13px}";

double milli(Ps ps) { return static_cast<double>(ps) * 1e-9; }

void row(std::ostream& out, const std::vector<std::string>& cells, const char* tag = "td") {
  out << "<tr>";
  for (const std::string& cell : cells) out << "<" << tag << ">" << escaped(cell) << "</" << tag << ">";
  out << "</tr>\n";
}

void figures(std::ostream& out, const Run& r) {
  const Analysis& a = r.analysis;
  out << "<table>\n";
  row(out, {"time", time_text(milli(r.execution().end) * 1e-3)});
  row(out, {"kernels of gpu" + std::to_string(a.critical_gpu) + ", which finishes last",
            time_text(milli(a.critical.kernels) * 1e-3)});
  row(out, {"exposed communication", time_text(milli(a.critical.exposed) * 1e-3)});
  row(out, {"communication hidden behind kernels",
            time_text(milli(a.critical.messages - a.critical.exposed) * 1e-3)});
  row(out, {"waiting for other GPUs", time_text(milli(a.critical.idle) * 1e-3)});
  row(out, {"busiest link", busiest_link(r.network->fabric, r.execution())});
  row(out, {"compute imbalance", fixed(a.compute_imbalance, 4)});
  out << "</table>\n";
}

void waits_table(std::ostream& out, const Run& r) {
  struct Sum {
    std::size_t count = 0;
    Wait w;
  };
  const OpGraph& g = r.plan.graph;
  std::vector<std::pair<std::string, Sum>> kinds;
  for (OpId id = 0; id < g.size(); ++id) {
    const Op& op = g.ops[id];
    if (op.kind == OpKind::join) continue;
    const std::string name =
        op.kind == OpKind::transfer ? std::string("message ") + word(op.channel) : word(op.kind);
    auto at = std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.first == name; });
    if (at == kinds.end()) at = kinds.insert(kinds.end(), {name, {}});
    Sum& s = at->second;
    const Wait& w = r.waits[id];
    ++s.count;
    s.w.dependency += w.dependency;
    s.w.engine += w.engine;
    s.w.link += w.link;
    s.w.port += w.port;
    s.w.credit += w.credit;
    s.w.slowed += w.slowed;
  }
  out << "<table>\n";
  row(out, {"mean wait, ms", "operations", "dependency", "engine", "link", "port", "credit", "slowdown"},
      "th");
  for (const auto& [name, s] : kinds) {
    std::vector<std::string> cells = {name, std::to_string(s.count)};
    for (const Ps ps : {s.w.dependency, s.w.engine, s.w.link, s.w.port, s.w.credit, s.w.slowed}) {
      cells.push_back(fixed(milli(ps) / static_cast<double>(s.count), 4));
    }
    row(out, cells);
  }
  out << "</table>\n<p class=\"n\">dependency: the SMs were free, or one end of the message ready, but what "
         "it depends on had not "
         "finished. engine: all communication engines, or the SMs, were "
         "taken. link, port, "
         "credit: the message was under way and could not move because a link was busy, a port limit "
         "reached, or the next "
         "buffer full. slowdown: kernels beside messages.</p>\n<ol>\n";
  for (const OpId op : longest_waits(g, r.waits, 12)) {
    out << "<li class=\"n\">" << escaped(wait_text(g, r.execution(), r.waits, op)) << "</li>\n";
  }
  out << "</ol>\n";
}

void uses_table(std::ostream& out, const Run& r) {
  const Fabric& f = r.network->fabric;
  const Execution& e = r.execution();
  struct Use {
    std::string name;
    const LinkUse* use;
  };
  std::vector<Use> uses;
  for (LinkId link = 0; link < e.links.size(); ++link) {
    if (e.links[link].packets > 0) uses.push_back({"link " + f.link_name(link), &e.links[link]});
  }
  for (NodeId node = 0; node < e.egress.size(); ++node) {
    if (f.ports[node].egress.limited()) uses.push_back({"egress of " + f.names[node], &e.egress[node]});
  }
  for (NodeId node = 0; node < e.ingress.size(); ++node) {
    if (f.ports[node].ingress.limited()) uses.push_back({"ingress of " + f.names[node], &e.ingress[node]});
  }
  std::stable_sort(uses.begin(), uses.end(),
                   [](const Use& a, const Use& b) { return a.use->busy > b.use->busy; });
  constexpr std::size_t kShown = 24;
  out << "<table>\n";
  row(out, {"", "payload, MB", "wire, MB", "packets", "replays", "busy", "payload GB/s while busy"}, "th");
  for (std::size_t i = 0; i < std::min(kShown, uses.size()); ++i) {
    const LinkUse& u = *uses[i].use;
    const double busy = static_cast<double>(u.busy);
    row(out,
        {uses[i].name, fixed(static_cast<double>(u.payload_bytes) * 1e-6, 3),
         fixed(static_cast<double>(u.wire_bytes) * 1e-6, 3), std::to_string(u.packets),
         std::to_string(u.replays), fixed(e.end == 0 ? 0 : 100 * busy / static_cast<double>(e.end), 1) + " %",
         busy > 0 ? fixed(static_cast<double>(u.payload_bytes) * 1e3 / busy, 2) : "-"});
  }
  out << "</table>\n";
  if (uses.size() > kShown)
    out << "<p class=\"n\">the busiest " << kShown << " of " << uses.size() << "; all: links.csv</p>\n";
}

void curve_table(std::ostream& out, const std::vector<CurvePoint>& points) {
  out << "<table>\n";
  row(out, {"GPUs", "kernels, ms", "communication, ms", "exposed, ms", "time, ms"}, "th");
  for (const CurvePoint& p : points) {
    row(out, {std::to_string(p.gpus), fixed(p.compute_s * 1e3, 4), fixed(p.communication_s * 1e3, 4),
              fixed(p.exposed_s * 1e3, 4), fixed(p.time_s * 1e3, 4)});
  }
  out << "</table>\n";
}

}  // namespace

std::string profile_page(const Settings& settings, const Run& run, const std::vector<CurvePoint>& points,
                         const std::string& step_chart) {
  std::ostringstream out;
  const std::string title = settings.schedule_word() + " on " + fabric_text(settings, run.network->fabric);
  out << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" << escaped(title)
      << "</title><style>" << kStyle << "</style></head><body>\n<h1>" << escaped(title) << "</h1>\n<p>"
      << (run.schedule ? "Attention of one layer, forward: " : "Chakra execution trace ")
      << escaped(workload_text(settings, run)) << ". Kernel times: " << escaped(times_text(settings, run))
      << ". Level " << word(settings.level) << ". Backward passes are not modelled.</p>\n";
  figures(out, run);
  out << "<h2>Who does what when</h2>\n"
      << step_chart << "<h2>Steps, between the ends of the slowest GPU</h2>\n"
      << step_bars(run.analysis);
  out << "<h2>Why did it wait</h2>\n";
  waits_table(out, run);
  out << "<h2>Links and ports</h2>\n";
  uses_table(out, run);
  if (!points.empty()) {
    out << "<h2>The same tokens on more GPUs</h2>\n" << curve_chart(points, run.plan.graph.gpus);
    curve_table(out, points);
  }
  out << "</body></html>\n";
  return out.str();
}

}  // namespace ring
