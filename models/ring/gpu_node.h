// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A GPU as its neighbours see it: SMs that run kernels, engines that send messages, a link socket each way.
#pragma once

#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include <systemc>

#include "models/ring/dispatcher.h"
#include "models/ring/link_protocol.h"
#include "models/ring/network/hardware.h"
#include "models/ring/sm_pool.h"
#include "sim/tlm/payload_pool.h"

namespace sim {
class Failure;
}

namespace ring {

class ClusterTimeline;

/// Carries out the operations of one GPU of an op graph (models/ring/function/op_graph.h says by which
/// rules).
///
/// At one picosecond: first everything that ends ends, in all units; a delta cycle later whoever is issued by
/// then is given SMs and engines. So it does not matter which process runs first.
class GpuNode final : public sc_core::sc_module, LinkForwardBase, LinkBackwardBase {
 public:
  GpuNode(const sc_core::sc_module_name& name, NodeId number, const Hardware& hardware,
          Dispatcher& dispatcher, sim::Failure& failure, ClusterTimeline* timeline);

  LinkInitiator egress;  ///< one train for each message, at the end of its launch
  LinkTarget ingress;    ///< trains that have arrived; answered TLM_COMPLETED

  /// The operation may begin as soon as there is room; it is one of this GPU.
  void issue(OpId op);

  /// What an operation that was issued and has not finished waits for; `network` says it for a message that
  /// is under way.
  bool under_way(OpId op) const;  ///< a message whose train has been sent
  const char* waits_for(OpId op) const;

  const sim::bus::PayloadPool& pool() const { return pool_; }
  unsigned engines_busy() const { return engines_busy_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t bytes_received() const { return bytes_received_; }
  Ps kernel_time() const { return kernel_time_; }  ///< launches included
  Ps slowed() const { return slowed_; }
  std::uint64_t kernels() const { return kernels_; }
  /// Sums over its finished operations.
  struct Waits {
    Ps engine = 0, sms = 0, link = 0, port = 0, credit = 0;
  };
  const Waits& waits() const { return waits_; }
  std::uint64_t messages() const { return messages_; }

 private:
  using Order = std::pair<Ps, OpId>;  // issued, index
  using Queue = std::priority_queue<Order, std::vector<Order>, std::greater<>>;

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void wake();
  void step(Ps now);
  void end_what_is_due(Ps now);
  void hand_out(Ps now);
  void launch_kernel(OpId op, Ps now);
  void send(OpId op, Ps now);
  void set_sending(unsigned messages, Ps now);
  void touch();
  Ps next_due() const;

  const NodeId number_;
  Dispatcher& dispatcher_;
  sim::Failure& failure_;
  ClusterTimeline* timeline_;
  const unsigned engines_;
  sim::bus::PayloadPool pool_;
  sc_core::sc_event wake_;
  std::uint64_t touched_delta_ = ~std::uint64_t{0};  // something ended or was issued in this delta cycle

  SmPool sms_;
  OpId launching_ = kNoOp;  // has the SMs, its kernel does not work yet
  Ps launched_at_ = 0;
  Queue kernels_waiting_;
  Queue messages_waiting_;
  std::vector<OpId> inbox_;
  std::priority_queue<Order, std::vector<Order>, std::greater<>> launches_;  // messages: end of launch
  unsigned engines_busy_ = 0;
  unsigned sending_ = 0;
  std::vector<std::pair<Ps, double>> slow_;  // faults of this GPU, last first
  std::uint32_t sequence_ = 0;

  std::uint64_t bytes_sent_ = 0, bytes_received_ = 0, kernels_ = 0, messages_ = 0;
  Ps kernel_time_ = 0, slowed_ = 0;
  Waits waits_;
};

}  // namespace ring
