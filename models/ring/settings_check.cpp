// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Rules across settings, each reported where it was written and with what to do.
#include <cmath>
#include <filesystem>

#include "models/ring/chakra/trace.h"
#include "models/ring/function/functional.h"
#include "models/ring/settings.h"
#include "sim/config/suggest.h"
#include "sim/core/error.h"

namespace ring {
namespace {

namespace fs = std::filesystem;
using sim::config::Diagnostics;
using sim::config::Resolved;

// Relative to the file that names it, else to the working directory.
std::string locate(const std::string& path, const sim::config::Mark& mark) {
  std::error_code ignored;
  if (fs::path(path).is_absolute() || !fs::is_regular_file(mark.file(), ignored)) return path;
  const std::string beside = (fs::path(mark.file()).parent_path() / path).lexically_normal().string();
  return !fs::exists(beside, ignored) && fs::exists(path, ignored) ? path : beside;
}

class Checker {
 public:
  Checker(Settings& settings, const Resolved& resolved, Diagnostics& diagnostics)
      : s_(settings), resolved_(resolved), diagnostics_(diagnostics) {}

  void run() {
    load_trace();
    sizes();
    compute();
    s_.built = s_.fabric.build("fabric", resolved_, diagnostics_);
    if (s_.built) faults();
    if (!s_.workload.chakra.empty()) return load_chakra();
    if (diagnostics_.ok()) schedule();
    if (diagnostics_.ok()) functional();
  }

 private:
  void error(const std::string& path, const std::string& what) {
    diagnostics_.error(resolved_.mark(path), path + ": " + what);
  }

  void load_trace() {
    if (s_.workload.trace.empty()) {
      if (!s_.workload.layer.is_auto())
        error("workload.layer", "needs workload.trace, the file with the layers");
      return;
    }
    s_.workload.trace = locate(s_.workload.trace, resolved_.mark("workload.trace"));
    s_.trace = std::make_shared<TraceBlocks>(read_trace_blocks(s_.workload.trace));
    if (!s_.workload.layer.is_auto() && *s_.workload.layer.value >= s_.trace->layers) {
      error("workload.layer", std::to_string(*s_.workload.layer.value) + ", but the trace has layers 0 to " +
                                  std::to_string(s_.trace->layers - 1));
    }
  }

  // Last: what is wrong with the configuration is told before a trace is read.
  void load_chakra() {
    if (!s_.workload.trace.empty()) {
      error("workload.trace", "workload.chakra is given too; keep one of the two");
    }
    if (s_.fidelity.value == ValueChoice::functional) {
      error("fidelity.value", "a Chakra trace has sizes and times but no values; use timing");
    }
    const auto* kind = resolved_.find("schedule.kind");
    if (kind != nullptr && kind->provenance == sim::config::Provenance::user) {
      error("schedule.kind", "workload.chakra takes the place of a schedule; keep one of the two");
    }
    if (!diagnostics_.ok()) return;
    const sim::config::Mark mark = resolved_.mark("workload.chakra");
    const std::string first = locate(chakra::rank_file(s_.workload.chakra, 0), mark);
    s_.workload.chakra = first.substr(0, first.size() - chakra::rank_file("", 0).size());
    std::string& groups = s_.workload.chakra_options.groups;
    if (!groups.empty()) groups = locate(groups, resolved_.mark("workload.chakra_options.groups"));
    s_.imported = std::make_shared<const chakra::Imported>(
        chakra::import_files(s_.workload.chakra, s_.chakra_import()));
    if (s_.imported->graph.gpus > s_.built->fabric.gpus) {
      error("fabric.gpus", std::to_string(s_.built->fabric.gpus) + " GPUs for the " +
                               std::to_string(s_.imported->graph.gpus) + " ranks of " + s_.workload.chakra +
                               "; every rank needs one");
    }
  }

  void sizes() {
    const Problem p = s_.problem();
    if (p.heads % p.kv_heads != 0) {
      error("workload.kv_heads", std::to_string(p.kv_heads) + " does not divide the " +
                                     std::to_string(p.heads) +
                                     " query heads; use a divisor of workload.heads");
    }
    if (p.kv == KvFormat::pq && p.head_dim % p.pq_sub_vectors != 0) {
      error("pq.sub_vectors", std::to_string(p.pq_sub_vectors) + " does not divide head_dim " +
                                  std::to_string(p.head_dim) + "; use a divisor of it");
    }
    if (p.chunk_tokens > 0 && !p.causal) {
      error("workload.chunk_tokens",
            "a chunked prefill is causal: later tokens are not there yet; set "
            "workload.causal=true or chunk_tokens=0");
    }
    if (p.chunk_tokens > p.seq_len) {
      error("workload.chunk_tokens", std::to_string(p.chunk_tokens) + " is more than the " +
                                         std::to_string(p.seq_len) +
                                         " tokens there are; use 0 for a prefill in one pass");
    }
  }

  void compute() {
    const ComputeSettings& c = s_.compute;
    if (c.model == ComputeModel::fixed && c.block_time_s.is_auto()) {
      error("compute.model", "fixed needs compute.block_time_s");
    }
    if (s_.compute_model() == ComputeModel::table && c.table.empty()) {
      error("compute.model", "table needs compute.table, at least one row");
    }
    for (std::size_t i = 0; i < c.table.size(); ++i) {
      const std::string path = "compute.table[" + std::to_string(i) + "]";
      if (!(c.table[i].seconds > 0)) error(path + ".seconds", "a block takes time; give the measured one");
      if (c.table[i].causal && c.table[i].q_tokens > c.table[i].kv_tokens) {
        error(path + ".q_tokens", "a causal block has at least as many keys as queries");
      }
    }
    if (s_.compute_model() == ComputeModel::trace) {
      if (!s_.trace) {
        error("compute.model", "trace needs workload.trace, the file");
      } else {
        bool any = false;
        for (const TraceBlocks::Block& block : s_.trace->blocks) {
          any = any || s_.workload.layer.is_auto() || *s_.workload.layer.value == block.layer;
        }
        if (!any) {
          error("compute.model", "the trace has no measured block" +
                                     std::string(s_.workload.layer.is_auto() ? "" : " of this layer") +
                                     "; use compute.block_time_s, or a trace with times");
        }
      }
    }
    if (s_.gpu.slowdown.empty())
      error("gpu.slowdown", "an empty list; [1.0] means that nothing slows a kernel down");
  }

  void schedule() {
    const unsigned gpus = s_.built->fabric.gpus;
    std::unique_ptr<Schedule> made;
    try {
      made = make_schedule(s_.options(gpus));
    } catch (const sim::Error& e) {
      const std::string text = e.what();
      const std::size_t colon = text.find(": ");
      const std::string path = text.substr(0, colon);
      if (colon != std::string::npos && resolved_.find(path) != nullptr)
        return error(path, text.substr(colon + 2));
      return error("schedule.kind", text);
    }
    const std::string refusal = made->refusal(s_.problem());
    if (!refusal.empty()) return error("schedule.kind", refusal);
    if (s_.workload.pad == Padding::pad) return;
    const std::string division = division_refusal(*made, s_.problem());
    if (division.empty()) return;
    const bool chunked = s_.workload.chunk_tokens > 0;
    error(chunked ? "workload.chunk_tokens" : "workload.seq_len",
          division + "; or set workload.pad=pad, which adds tokens that nobody sees");
  }

  void faults() {
    try {
      check(s_.hardware(s_.built->fabric), s_.built->fabric);
    } catch (const sim::Error& e) {
      const std::string text = e.what();
      const std::size_t colon = text.find(": ");
      const std::string path = text.substr(0, colon);
      if (path.rfind("faults[", 0) == 0) return error(path, text.substr(colon + 2));
      error("gpu", text);
    }
    if (s_.level == LevelChoice::closed_form && !s_.faults.empty()) {
      error("faults", "formulas know no faults; use level packet or train");
    }
  }

  void functional() {
    if (s_.fidelity.value != ValueChoice::functional) return;
    const Problem p = s_.problem();
    if (p.seq_len * p.heads * p.head_dim > FunctionalCluster::kMostElements) {
      error("fidelity.value",
            "functional computes every value on the host: seq_len x heads x head_dim may be " +
                std::to_string(FunctionalCluster::kMostElements) + " at the most, here it is " +
                std::to_string(p.seq_len * p.heads * p.head_dim));
    }
    if (p.bytes_per_element != 2) {
      error("workload.bytes_per_element", "functional moves fp16 values, 2 bytes each");
    }
  }

  Settings& s_;
  const Resolved& resolved_;
  Diagnostics& diagnostics_;
};

}  // namespace

void Settings::check(const Resolved& resolved, Diagnostics& diagnostics) {
  Checker(*this, resolved, diagnostics).run();
}

Hardware Settings::hardware(const Fabric& f) const {
  Hardware h;
  h.level = level == LevelChoice::packet ? Level::packet : Level::train;
  h.arbiter = network.arbiter;
  h.engines = gpu.engines;
  h.slowdown = gpu.slowdown;
  h.retry_latency_ps = picoseconds(network.retry_latency_ns * 1e-9);
  h.seed = network.seed;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const FaultSettings& given = faults[i];
    const std::string path = "faults[" + std::to_string(i) + "]";
    const auto node = [&](const char* key, const std::string& name, unsigned most) {
      for (NodeId n = 0; n < most; ++n) {
        if (f.names[n] == name) return n;
      }
      throw sim::Error(sim::Exit::usage,
                       path + "." + key + ": there is no " + (most == f.gpus ? "GPU" : "GPU or switch") +
                           " '" + name + "'" +
                           sim::config::did_you_mean(name, {f.names.begin(), f.names.begin() + most}));
    };
    Fault fault;
    fault.kind = given.kind;
    fault.at = picoseconds(given.at_us * 1e-6);
    fault.lanes = static_cast<std::uint16_t>(given.lanes);
    fault.factor = given.factor;
    if (given.kind == Fault::Kind::slow_gpu) {
      fault.gpu = node("gpu", given.gpu, f.gpus);
      h.faults.push_back(fault);
      continue;
    }
    const NodeId from = node("from", given.from, f.nodes()), to = node("to", given.to, f.nodes());
    for (int back = 0; back < (given.both_ways ? 2 : 1); ++back) {
      fault.link = back != 0 ? f.find(to, from) : f.find(from, to);
      if (fault.link == kNoLink) {
        throw sim::Error(sim::Exit::usage, path + ".to: there is no link between '" + given.from + "' and '" +
                                               given.to + "'; links join neighbours of the graph");
      }
      h.faults.push_back(fault);
    }
  }
  return h;
}

}  // namespace ring
