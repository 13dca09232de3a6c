// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra_text.h"

#include <filesystem>
#include <sstream>

#include "models/ring/chakra/export.h"
#include "models/ring/job.h"
#include "models/ring/run.h"

namespace ring {
namespace {

std::string counted(std::uint64_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

}  // namespace

std::string chakra_text(const std::string& prefix, const chakra::Contents& c) {
  std::uint64_t collectives = 0;
  for (const auto& [type, count] : c.collectives) collectives += count;
  std::string text = std::filesystem::path(prefix).filename().string() + ": " + counted(c.ranks, "rank") +
                     ", " + counted(c.nodes, "node") + ", " + counted(c.messages, "message") + " of " +
                     std::to_string(c.message_bytes) + " bytes";
  if (collectives > 0) {
    text +=
        ", " + counted(collectives, "collective") + " of " + std::to_string(c.collective_bytes) + " bytes";
  }
  return text;
}

sim::app::ImportedTrace look_at_chakra(const std::string& prefix) {
  Settings defaults;
  bool roofline = false;
  chakra::Imported imported;
  try {
    imported = chakra::import_files(prefix, defaults.chakra_import());
  } catch (const sim::Error&) {
    defaults.workload.chakra_options.roofline = roofline = true;  // if that is what was missing
    imported = chakra::import_files(prefix, defaults.chakra_import());
  }
  const chakra::Contents& c = imported.contents;
  std::ostringstream report;
  report << chakra_text(prefix, c) << "\n";
  report << "  schema            " << (c.version.empty() ? "not given" : c.version) << "\n";
  for (const auto& [type, count] : c.kinds)
    report << "  " << type << std::string(18 - type.size(), ' ') << count << "\n";
  for (const auto& [type, count] : c.collectives) report << "    " << type << " " << count << "\n";
  if (c.cpu_nodes > 0) report << "  of the CPU        " << c.cpu_nodes << ", which take no time here\n";
  if (roofline)
    report << "  some nodes have no duration: they take the roofline of the GPU (chakra_options.roofline)\n";
  report << "  operations        " << imported.graph.size() << "\n";
  std::ostringstream config;
  config << "# " << chakra_text(prefix, c)
         << "\n# The fabric is a placeholder: put in yours.\nmodel: ring\nworkload:\n"
         << "  chakra: \"" << std::filesystem::absolute(prefix).lexically_normal().string() << "\"\n";
  if (roofline) config << "  chakra_options: {roofline: true}\n";
  config << "fabric:\n  topology: full_mesh\n  gpus: " << c.ranks << "\n";
  return {report.str(), config.str()};
}

std::string RingJob::export_trace(const std::string& format, const std::string& prefix) const {
  if (format != "chakra") return Job::export_trace(format, prefix);
  const std::shared_ptr<const Network> network = settings_.built;
  const std::unique_ptr<Schedule> schedule =
      settings_.imported ? nullptr : make_schedule(settings_.options(network->fabric.gpus));
  const Problem problem = schedule ? settings_.problem(*schedule) : settings_.problem();
  const std::unique_ptr<BlockModel> block = settings_.block_model(problem);
  const Plan plan = plan_of(settings_, schedule.get(), problem, *block);
  ring::check(plan.graph);
  const std::uint64_t remote = chakra::export_files(plan.graph, prefix);
  std::string text = settings_.schedule_word() + " on " + counted(plan.graph.gpus, "GPU") + ": " +
                     counted(plan.graph.size(), "operation") + " in files " + chakra::rank_file(prefix, 0) +
                     " to " + chakra::rank_file("", plan.graph.gpus - 1).substr(1) + "\n";
  if (remote > 0) {
    text += std::to_string(remote) +
            " dependencies between ranks without a message: attributes tricycle_remote_deps, which other "
            "readers skip\n";
  }
  return text;
}

}  // namespace ring
