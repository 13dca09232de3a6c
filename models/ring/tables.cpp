// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/tables.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "models/ring/charts.h"
#include "models/ring/curve.h"
#include "models/ring/profile_page.h"
#include "models/ring/svg.h"
#include "sim/core/error.h"

namespace ring {
namespace {

constexpr std::size_t kMostRows = 200'000;

Ps total(const Wait& w) { return w.dependency + w.engine + w.link + w.port + w.credit + w.slowed; }

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw sim::Error(sim::Exit::input, "cannot write " + file.string());
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

std::string time_or_empty(Ps ps) { return ps == OpTiming::kNever ? "" : std::to_string(ps); }

std::string operations_csv(const Run& r) {
  const OpGraph& g = r.plan.graph;
  std::ostringstream out;
  out << "id,operation,kind,channel,pass,step,gpu,peer,bytes,issued_ps,started_ps,finished_ps,waited_for,"
         "last_dependency,dependency_ps,engine_ps,link_ps,port_ps,credit_ps,slowdown_ps\n";
  for (OpId id = 0; id < g.size() && id < kMostRows; ++id) {
    const Op& op = g.ops[id];
    const OpTiming& t = r.execution().ops[id];
    const Wait& w = r.waits[id];
    out << id << "," << quoted(describe(g, id)) << "," << word(op.kind) << "," << word(op.channel) << ","
        << op.pass << "," << op.step << "," << op.gpu << "," << op.peer << "," << op.bytes << ","
        << time_or_empty(t.issued) << "," << time_or_empty(t.started) << "," << time_or_empty(t.finished)
        << "," << w.longest() << "," << (w.last_dep == kNoOp ? "" : std::to_string(w.last_dep)) << ","
        << w.dependency << "," << w.engine << "," << w.link << "," << w.port << "," << w.credit << ","
        << w.slowed << "\n";
  }
  return out.str();
}

void use_row(std::ostream& out, const char* what, const std::string& name, const std::string& kind,
             const LinkUse& use, Ps end) {
  if (use.packets == 0) return;
  out << what << "," << quoted(name) << "," << kind << "," << use.payload_bytes << "," << use.wire_bytes
      << "," << use.packets << "," << use.replays << "," << use.busy << ","
      << fixed(end == 0 ? 0 : static_cast<double>(use.busy) / static_cast<double>(end), 6) << "\n";
}

std::string links_csv(const Run& r) {
  const Fabric& f = r.network->fabric;
  const Execution& e = r.execution();
  std::ostringstream out;
  out << "what,name,class,payload_bytes,wire_bytes,packets,replays,busy_ps,utilisation\n";
  std::size_t rows = 0;
  for (LinkId link = 0; link < e.links.size() && rows < kMostRows; ++link) {
    if (e.links[link].packets > 0) ++rows;
    use_row(out, "link", f.link_name(link), f.of(link).name, e.links[link], e.end);
  }
  for (NodeId node = 0; node < e.egress.size(); ++node)
    use_row(out, "egress", f.names[node], "", e.egress[node], e.end);
  for (NodeId node = 0; node < e.ingress.size(); ++node)
    use_row(out, "ingress", f.names[node], "", e.ingress[node], e.end);
  return out.str();
}

std::string steps_csv(const Analysis& a) {
  std::ostringstream out;
  out << "step,gpu,duration_ps,kernels_ps,messages_ps,exposed_ps,idle_ps\n";
  const bool all = a.by_gpu_step.size() <= kMostRows;  // else the slowest GPU of each step
  for (unsigned step = 0; step < a.steps; ++step) {
    for (unsigned gpu = 0; gpu < a.gpus; ++gpu) {
      if (!all && gpu != a.slowest_gpu[step]) continue;
      const StepTimes& s = a.by_gpu_step[std::size_t{gpu} * a.steps + step];
      out << step << "," << gpu << "," << s.duration << "," << s.kernels << "," << s.messages << ","
          << s.exposed << "," << s.idle << "\n";
    }
  }
  return out.str();
}

std::string curve_csv(const std::vector<CurvePoint>& points) {
  std::ostringstream out;
  out << "gpus,compute_s,communication_s,exposed_s,time_s\n";
  for (const CurvePoint& p : points) {
    out << p.gpus << "," << p.compute_s << "," << p.communication_s << "," << p.exposed_s << "," << p.time_s
        << "\n";
  }
  return out.str();
}

}  // namespace

std::vector<OpId> longest_waits(const OpGraph& graph, const std::vector<Wait>& waits, std::size_t count) {
  std::vector<OpId> ops;
  for (OpId op = 0; op < graph.size(); ++op) {
    if (total(waits[op]) > 0) ops.push_back(op);
  }
  const auto before = [&](OpId a, OpId b) {
    const Ps x = total(waits[a]), y = total(waits[b]);
    return x != y ? x > y : a < b;
  };
  count = std::min(count, ops.size());
  std::partial_sort(ops.begin(), ops.begin() + static_cast<std::ptrdiff_t>(count), ops.end(), before);
  ops.resize(count);
  return ops;
}

std::string wait_text(const OpGraph& graph, const Execution&, const std::vector<Wait>& waits, OpId op) {
  const Wait& w = waits[op];
  std::string text = describe(graph, op) + ":";
  const auto add = [&](Ps ps, const std::string& what) {
    if (ps > 0) text += " " + what + " " + time_text(static_cast<double>(ps) * 1e-12) + ",";
  };
  add(w.dependency, "for " + (w.last_dep == kNoOp ? "nothing" : describe(graph, w.last_dep)));
  add(w.engine, "engine");
  add(w.link, "link");
  add(w.port, "port");
  add(w.credit, "credit");
  add(w.slowed, "slowed by");
  text.pop_back();
  return text;
}

std::string busiest_link(const Fabric& fabric, const Execution& e) {
  LinkId most = kNoLink;
  for (LinkId link = 0; link < e.links.size(); ++link) {
    if (e.links[link].busy > 0 && (most == kNoLink || e.links[link].busy > e.links[most].busy)) most = link;
  }
  if (most == kNoLink || e.end == 0) return "none was used";
  return fabric.link_name(most) + ", " +
         fixed(100 * static_cast<double>(e.links[most].busy) / static_cast<double>(e.end), 1) +
         " % of the time";
}

void write_files(const Settings& settings, const Run& run, const std::filesystem::path& run_dir,
                 std::vector<sim::app::Artefact>& list) {
  const std::vector<CurvePoint> points = run.schedule ? curve(settings) : std::vector<CurvePoint>();
  const std::string title = settings.schedule_word() + " on " + fabric_text(settings, run.network->fabric);
  const std::string chart = step_chart(run.plan.graph, run.execution(), run.analysis, title);
  const auto add = [&](const char* name, const std::string& text, const std::string& what) {
    write(run_dir / name, text);
    list.push_back({name, what});
  };
  add("profile.html", profile_page(settings, run, points, chart),
      "steps, waits, links and the curve over N, to look at");
  add("steps.svg", chart, "what every GPU does when");
  add("steps.csv", steps_csv(run.analysis),
      run.analysis.by_gpu_step.size() > kMostRows
          ? "every step of the GPU that ends it last"
          : "every step of every GPU: kernels, messages, exposed, idle");
  add("operations.csv", operations_csv(run),
      run.plan.graph.size() > kMostRows ? "the first 200000 operations: times and what they waited for"
                                        : "every operation: times and what it waited for");
  add("links.csv", links_csv(run), "use of links and ports that carried anything (200000 links at the most)");
  if (points.empty()) return;
  add("curve.csv", curve_csv(points), "the same tokens on more GPUs: compute and communication, closed form");
}

}  // namespace ring
