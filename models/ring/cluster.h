// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A whole GPU cluster that carries out an op graph: GPU nodes, the fabric between them, and who tells whom
// what may begin.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include "models/ring/function/execution.h"
#include "models/ring/network/hardware.h"
#include "models/ring/topology/routes.h"

namespace sim {
class Failure;
namespace record {
class Recorder;
}
namespace stats {
class Group;
}
}  // namespace sim

namespace ring {

class PacketNetwork;

/// What a cluster may use; everything referred to outlives it.
struct ClusterContext {
  sim::Failure& failure;                      ///< exceptions of processes go here
  sim::stats::Group* stats = nullptr;         ///< nullptr: no statistics are registered
  sim::record::Recorder* recorder = nullptr;  ///< nullptr: no timeline; its period must be 1 ps
  bool check_protocol = false;                ///< a checker on every link socket
  std::uint64_t shuffle_seed = 0;  ///< order among events of one picosecond; no result depends on it
  bool held = false;               ///< nothing begins before start() is called
};

/// Graph, fabric and routes are referred to and must outlive the cluster; `graph` must pass check(graph).
class Cluster final : public sc_core::sc_module {
 public:
  /// Throws sim::Error(Exit::usage): check(hardware, fabric), fewer GPUs in the fabric than in the graph.
  Cluster(const sc_core::sc_module_name& name, const OpGraph& graph, const Fabric& fabric,
          const Routes& routes, const Hardware& hardware, const ClusterContext& context);
  ~Cluster() override;

  /// Told about every operation that finishes; before the simulation starts. May be nullptr.
  void listen(ExecutionListener* listener);

  /// Of a cluster that is held: begins now. Once.
  void start();
  /// Called when the last operation has finished, at that time; before the simulation starts.
  void on_end(std::function<void()> end);

  std::uint64_t total() const;  ///< operations of the graph
  std::uint64_t done() const;   ///< of them finished
  bool finished() const { return done() == total(); }

  /// Asked when no event is left and operations are not finished: which, and what each waits for.
  std::string blocked() const;

  /// End of a run. Throws sim::Error(Exit::check) when operations are left (blocked()) or something was lost:
  /// bytes sent = received, every credit back, every payload back in its pool. `partial`: the run was cut
  /// short, nothing is checked.
  void conclude(bool partial);

  /// For statistics: how much was simulated, and how.
  const PacketNetwork& network() const;

  /// Times of the operations finished so far, use of links and ports. Complete after conclude().
  const Execution& execution() const;

 private:
  void start_of_simulation() override;

  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ring
