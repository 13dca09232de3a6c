// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/job.h"
#include "models/allmod/rtl/rtl.h"
#include "sim/config/diagnostics.h"

namespace allmod {

std::vector<sim::app::TextFile> ReductionJob::rtl(const sim::app::RtlRequest& request,
                                                  const sim::config::Resolved& resolved,
                                                  sim::config::Diagnostics& diagnostics) const {
  const ReducerConfig config = settings_.reducer();
  if (const std::string why = rtl_refusal(config.design); !why.empty())
    diagnostics.error(resolved.mark("design.form"), why);
  const Datapath datapath(config.design);
  const Modulus modulus = settings_.moduli().front();
  // Every word is text there, 64 times: a gigabyte of it helps nobody.
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 28;
  if (table_bytes(config.design) > kMostBytes)
    diagnostics.error(resolved.mark("design.w"),
                      "design.w: tables of " + std::to_string(table_bytes(config.design) >> 20) +
                          " MiB are not written as text, 256 MiB are the most; lower w, or raise m");
  if (!diagnostics.ok()) return {};
  RtlOptions options;
  options.elastic = config.stall == Stall::elastic;
  options.rom = settings_.cost.rom;
  options.device = settings_.cost.device.device;
  options.vectors = request.vectors;
  options.seed = settings_.workload.seed;
  options.version = request.version;
  std::vector<sim::app::TextFile> files;
  for (RtlFile& file : rtl_files(Tables(datapath, modulus), options))
    files.push_back({std::move(file.path), std::move(file.text)});
  return files;
}

}  // namespace allmod
