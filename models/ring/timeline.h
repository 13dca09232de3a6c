// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What a cluster does, as a timeline for ui.perfetto.dev.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "models/ring/function/execution.h"
#include "sim/record/recorder.h"

namespace ring {

/// Rows of every GPU: kernels; messages sent and received, joined by an arrow; and under them what an
/// operation waited for: engine or SMs, link, port, credit. Cycles of the recorder are picoseconds.
class ClusterTimeline {
 public:
  /// Registers tracks and names; graph and recorder must outlive it.
  ClusterTimeline(const OpGraph& graph, sim::record::Recorder& recorder);
  void finished(OpId op, const OpTiming& timing);

 private:
  struct Rows {
    sim::record::TrackId kernels, send, receive, waits;
  };
  sim::record::NameId name(const Op& op) const;

  const OpGraph& graph_;
  sim::record::Recorder& recorder_;
  std::vector<Rows> rows_;
  std::map<std::tuple<int, int, std::uint32_t>, sim::record::NameId> names_;  // kind, channel, step
  sim::record::NameId engine_, sms_, link_, port_, credit_, message_;
};

}  // namespace ring
