// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <ostream>

#include "models/ring/chakra_text.h"
#include "models/ring/curve.h"
#include "models/ring/job.h"
#include "models/ring/run.h"
#include "models/ring/tables.h"

namespace ring {
namespace {

double seconds(Ps ps) { return static_cast<double>(ps) * 1e-12; }

std::string number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::ostream& line(std::ostream& out, const char* name) {
  return out << "  " << std::left << std::setw(20) << name << std::right;
}

std::string percent_of(double value, double base) {
  return base > 0 ? number("%+.1f %%", 100 * (value / base - 1)) : "";
}

void write_steps(std::ostream& out, const Analysis& a, const BesideSettings& beside,
                 const std::vector<double>& predicted) {
  const bool published = !beside.published_ms.empty();
  out << "  steps, ms, between the ends of the slowest GPU\n      step       time    kernels    exposed      "
         " idle   gpu";
  if (published) out << "   published          ours";
  if (!predicted.empty()) out << "   predicted";
  out << "\n";
  constexpr unsigned kShown = 8;
  for (unsigned step = 0; step < a.steps; ++step) {
    if (a.steps > 2 * kShown && step == kShown) {
      out << "      ...\n";
      step = a.steps - kShown;
    }
    const StepTimes& s = a.slowest[step];
    out << "    " << std::setw(6) << step;
    for (const Ps ps : {s.duration, s.kernels, s.exposed, s.idle})
      out << std::setw(11) << number("%.4f", 1e3 * seconds(ps));
    out << std::setw(6) << a.slowest_gpu[step];
    if (published) {
      const bool there = step < beside.published_ms.size();
      const double theirs = there ? beside.published_ms[step] : 0;
      out << std::setw(12) << (there ? number("%.4g", theirs) : "-") << std::setw(14)
          << (there ? percent_of(1e3 * seconds(s.duration), theirs) : "");
    }
    if (step < predicted.size()) out << std::setw(12) << number("%.4f", 1e3 * predicted[step]);
    out << "\n";
  }
  if (published) out << "    published: " << beside.published_source << "\n";
  if (!predicted.empty()) out << "    predicted: " << beside.prediction_text << "\n";
}

void write_waits(std::ostream& out, const OpGraph& graph, const Execution& execution,
                 const std::vector<Wait>& waits) {
  const std::vector<OpId> longest = longest_waits(graph, waits, 5);
  if (longest.empty()) return;
  out << "  longest waits (all of them: operations.csv)\n";
  for (const OpId op : longest) out << "    " << wait_text(graph, execution, waits, op) << "\n";
}

}  // namespace

std::string time_text(double s) {
  if (s >= 1) return number("%.6g s", s);
  if (s >= 1e-3) return number("%.6g ms", s * 1e3);
  return number("%.6g us", s * 1e6);
}

std::string workload_text(const Settings& settings, const Run& run) {
  if (settings.imported) return chakra_text(settings.workload.chakra, settings.imported->contents);
  const Problem& p = run.problem;
  std::string text = "S = " + std::to_string(p.real_tokens);
  if (p.seq_len != p.real_tokens) text += " (padded to " + std::to_string(p.seq_len) + ")";
  text += ", H = " + std::to_string(p.heads) + ", kv heads " + std::to_string(p.kv_heads) +
          ", d = " + std::to_string(p.head_dim) + (p.causal ? ", causal" : ", not causal") + ", kv " +
          (p.kv == KvFormat::pq ? "pq" : "fp16");
  if (p.chunk_tokens > 0) text += ", chunks of " + std::to_string(p.chunk_tokens);
  return text;
}

std::string times_text(const Settings& settings, const Run& run) {
  if (!settings.imported) return run.block->source();
  return settings.workload.chakra_options.roofline ? "durations of the nodes, else the roofline of the GPU"
                                                   : "durations of the nodes";
}

std::string fabric_text(const Settings& settings, const Fabric& fabric) {
  const auto& words = sim::config::EnumNames<TopologyKind>::get();
  std::string kind;
  for (const auto& [k, text] : words) {
    if (k == settings.fabric.topology) kind = text;
  }
  return std::to_string(fabric.gpus) + (fabric.gpus == 1 ? " GPU, " : " GPUs, ") + kind + " of " +
         std::to_string(fabric.links.size()) + " links";
}

void RingJob::summary(nlohmann::ordered_json& keys) {
  const Run& r = *run_;
  const Analysis& a = r.analysis;
  const double time = seconds(r.execution().end);
  keys["schedule"] = settings_.schedule_word();
  keys["gpus"] = r.plan.graph.gpus;
  keys["seq_len"] = r.schedule ? nlohmann::ordered_json(r.problem.real_tokens) : nullptr;
  keys["time_s"] = time;
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const StepTimes& s : a.slowest) steps.push_back(seconds(s.duration));
  keys["step_times_s"] = steps;
  keys["exposed_comm_s"] = seconds(a.critical.exposed);
  keys["bytes_sent_per_gpu"] = a.bytes_sent;
  keys["packets"] = r.execution().packets;
  keys["max_link_utilisation"] = r.max_link_utilisation();
  keys["output_max_error"] = r.output_max_error ? nlohmann::ordered_json(*r.output_max_error) : nullptr;
  keys["compute_imbalance"] = a.compute_imbalance;
  keys["tokens_per_s"] = time > 0 && finished() && r.schedule
                             ? nlohmann::ordered_json(static_cast<double>(r.problem.real_tokens) / time)
                             : nullptr;
  keys["level"] = word(settings_.level);
}

std::vector<sim::app::KeyText> RingJob::summary_keys() {
  return {
      {"schedule", "", "who sent what to whom; chakra for an imported trace"},
      {"gpus", "GPU", "in the cluster"},
      {"seq_len", "token", "S, without padding; null for an imported trace"},
      {"time_s", "s", "until the last operation had finished"},
      {"step_times_s", "s",
       "of every step (all passes one after the other): between the ends of the slowest GPU; they add up to "
       "time_s"},
      {"exposed_comm_s", "s",
       "of the GPU that finishes last: messages under way to or from it while none of its kernels ran"},
      {"bytes_sent_per_gpu", "byte", "payload of all messages from each GPU"},
      {"packets", "packet", "of all messages, each counted once, replays left out"},
      {"max_link_utilisation", "", "of the busiest link: time with bits on it over time_s"},
      {"output_max_error", "",
       "fidelity.value functional: largest |output - attention on one device| over max(1, |value|); else "
       "null"},
      {"compute_imbalance", "", "attention kernels of the busiest GPU over the mean of all"},
      {"tokens_per_s", "token/s",
       "seq_len over time_s: of one attention layer; null for partial runs and imported traces"},
      {"level", "", "packet, train or closed_form"},
  };
}

void RingJob::summary_text(std::ostream& out) {
  const Run& r = *run_;
  const Analysis& a = r.analysis;
  const Execution& e = r.execution();
  line(out, "schedule") << settings_.schedule_word() << " on " << fabric_text(settings_, r.network->fabric)
                        << "\n";
  line(out, r.schedule ? "attention" : "trace") << workload_text(settings_, r) << "\n";
  line(out, r.schedule ? "block times" : "kernel times") << times_text(settings_, r) << "\n";
  line(out, "level") << word(settings_.level) << ", " << e.packets << " packets";
  if (settings_.level == LevelChoice::train) out << ", " << e.window_fallbacks << " windows packet by packet";
  out << "\n";
  line(out, "time") << time_text(seconds(e.end)) << (finished() ? "" : " until the run ended") << ", of gpu"
                    << a.critical_gpu << ": kernels " << time_text(seconds(a.critical.kernels))
                    << ", exposed " << time_text(seconds(a.critical.exposed)) << ", idle "
                    << time_text(seconds(a.critical.idle)) << "\n";
  line(out, "communication") << time_text(seconds(a.critical.messages)) << " with messages under way, "
                             << time_text(seconds(a.critical.messages -
                                                  std::min(a.critical.messages, a.critical.exposed)))
                             << " of it hidden behind kernels\n";
  if (finished() && e.end > 0 && r.schedule) {
    line(out, "tokens") << number("%.6g", static_cast<double>(r.problem.real_tokens) / seconds(e.end))
                        << " a second through this layer's attention\n";
  }
  const auto most = std::max_element(a.bytes_sent.begin(), a.bytes_sent.end());
  line(out, "sent by a GPU") << number("%.6g MB", static_cast<double>(*most) * 1e-6) << " at the most\n";
  line(out, "busiest link") << busiest_link(r.network->fabric, e) << "\n";
  line(out, "compute imbalance") << number("%.4g", a.compute_imbalance) << " (busiest GPU over mean)\n";
  if (r.output_max_error) {
    line(out, "output") << "differs from attention on one device by " << number("%.3g", *r.output_max_error)
                        << " at the most (limit 0.001)\n";
  }
  write_steps(out, a, settings_.beside, r.schedule ? predicted_steps(settings_) : std::vector<double>());
  write_waits(out, r.plan.graph, e, r.waits);
  out << "  not modelled: backward passes, projections and the other layers\n";
}

void RingJob::artefacts(const std::filesystem::path& run_dir, std::vector<sim::app::Artefact>& list) {
  write_files(settings_, *run_, run_dir, list);
}

}  // namespace ring
