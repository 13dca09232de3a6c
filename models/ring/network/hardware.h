// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What executes an op graph, beside the fabric: engines and SMs of a GPU, the level of detail, faults.
// Plain data; the settings of a run are read elsewhere and end up here.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ring/topology/fabric.h"

namespace ring {

/// How far a message is taken apart. Both give the same times to the picosecond.
enum class Level : std::uint8_t {
  packet,  ///< every packet is an event, with credits and arbitration
  train,  ///< what repeats is not simulated again: a burst advances at once until something it shares changes
};

/// Who goes first among packets that want the same link or port.
enum class ArbiterKind : std::uint8_t { round_robin, oldest_first };

/// Something that breaks, or is repaired, at a time given in advance. It acts before anything else that
/// happens at that picosecond.
struct Fault {
  enum class Kind : std::uint8_t {
    link_down,  ///< packets on it are lost and are sent again by their source, on another way if there is one
    link_up,    ///< back with all lanes; messages begun meanwhile stay on their detour
    degrade,    ///< `lanes` of the link are left; 0 = down
    slow_gpu,   ///< kernels of `gpu` take `factor` times as long from now on; 1 = healthy again
  };
  Kind kind = Kind::link_down;
  Picoseconds at = 0;
  LinkId link = kNoLink;
  std::uint16_t lanes = 0;
  NodeId gpu = 0;
  double factor = 1;
};

struct Hardware {
  Level level = Level::train;
  ArbiterKind arbiter = ArbiterKind::round_robin;
  /// Communication engines of a GPU: messages that it can be sending at one time.
  unsigned engines = 2;
  /// slowdown[k]: how many times longer a compute kernel takes while its GPU is sending k messages; the last
  /// entry holds for all larger k. Entries of 1 or more, in steps of a millionth.
  std::vector<double> slowdown = {1.0};
  /// What a receiver needs to find a bad CRC and a sender to turn back to it, beside the way there and back.
  Picoseconds retry_latency_ps = 0;
  std::vector<Fault> faults;
  std::uint64_t seed = 1;  ///< of bit errors
};

/// Throws sim::Error(Exit::usage): no engine, a slowdown below 1, a fault of a link or GPU that is not there,
/// more lanes than the link has.
void check(const Hardware& hardware, const Fabric& fabric);

}  // namespace ring
