// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What an executor says about an op graph it has carried out. The same at every level.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ring/function/op_graph.h"

namespace ring {

/// Times of one operation. Waits of a transfer overlap its time between issued and finished; the waits of all
/// its packets at one place count once (the time during which the message could have moved and did not).
struct OpTiming {
  static constexpr Ps kNever = ~Ps{0};
  Ps issued = kNever;  ///< all dependencies have finished
  Ps started =
      kNever;  ///< it has its engine or the SMs (launch_ps begins); started - issued = wait for those
  Ps finished = kNever;  ///< kernel done, or last byte arrived at the receiver
  Ps waited_link = 0;    ///< transfer: a link on its way was busy with something else
  Ps waited_port = 0;    ///< transfer: an egress or ingress limit of a GPU or switch held it back
  Ps waited_credit = 0;  ///< transfer: the next buffer on its way was full
  Ps slowed = 0;         ///< compute: how much longer it took because transfers ran beside it
  bool done() const { return finished != kNever; }
};

/// Use of a link or of one side of a port during a run.
struct LinkUse {
  std::uint64_t payload_bytes = 0;
  std::uint64_t wire_bytes = 0;  ///< with headers and replayed packets
  std::uint64_t packets = 0;
  std::uint64_t replays = 0;
  Ps busy = 0;  ///< time in which bits were on it
};

struct Execution {
  Ps end = 0;                   ///< the last operation has finished
  std::vector<OpTiming> ops;    ///< parallel to OpGraph::ops
  std::vector<LinkUse> links;   ///< parallel to Fabric::links
  std::vector<LinkUse> egress;  ///< by node: GPUs, then switches
  std::vector<LinkUse> ingress;
  std::uint64_t packets = 0;           ///< of all messages, without replays; each counted once
  std::uint64_t window_fallbacks = 0;  ///< level train: windows in which it went packet by packet
};

/// Told in the order of completion; at equal times in the order of indices. Functional mode moves data here.
class ExecutionListener {
 public:
  virtual ~ExecutionListener() = default;
  virtual void on_finished(OpId op, Ps now) = 0;
};

}  // namespace ring
