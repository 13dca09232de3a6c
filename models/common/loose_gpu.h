// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "models/common/gpu_unit.h"
#include "sim/tlm/loose_port.h"

namespace common {

// The GPU of gpu_unit.h, loosely timed: a kernel's times are worked out when its command is written, at the
// writer's local time, and its completion can be read from then on (the payload's Tag says when it is done).
//
// A kernel takes its duration, or longer where its bursts, asked for at the same times as GpuUnit's, are
// answered later. With a DMI pointer to its memory it works them out in closed form from the latencies that
// came with it; without, each burst is a b_transport. Its bursts are answered in their order, any number may
// be outstanding, and the queue is never full. Registers: CONTROL, COMMAND and COMPLETION of GpuMap.
class LooseGpu final : public sc_core::sc_module,
                       public Gpu,
                       public sim::bus::LooseDevice,
                       public tlm::tlm_bw_transport_if<> {
 public:
  LooseGpu(sc_core::sc_module_name name, const GpuUnitConfig& config, sim::stats::Group& stats,
           std::size_t index);
  ~LooseGpu() override;

  tlm::tlm_target_socket<64>& socket() override { return port_.socket; }
  tlm::tlm_initiator_socket<64>& memory_socket() override { return memory; }
  void bind_irq(sc_core::sc_signal<bool>&) override {}
  const char* gpu_name() const override { return name(); }
  tlm::tlm_initiator_socket<64> memory;

  bool idle() const override { return completions_.empty(); }
  Ps busy() const override { return busy_; }
  Ps waited_for_memory() const override { return waited_; }
  std::uint64_t kernels() const override { return kernels_.value(); }
  std::uint64_t bytes() const override { return read_.value() + written_.value(); }
  const sim::bus::PayloadPool& pool() const override { return pool_; }
  std::uint64_t direct_kernels() const { return direct_kernels_.value(); }

  Reply access(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

 private:
  // What DMI's latencies say of `bytes`: a straight line.
  struct Direct {
    std::uint64_t begin = 0, end = 0;
    Ps little = 0;  // of 64 bytes
    double per_byte = 0;
    Ps latency(std::uint64_t bytes) const { return little + data(bytes); }
    Ps data(std::uint64_t bytes) const {
      return static_cast<Ps>(per_byte * static_cast<double>(std::max<std::uint64_t>(bytes, 64) - 64));
    }
  };

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    return tlm::TLM_ACCEPTED;
  }
  Ps run(const GpuCommand& command, Ps arrival);
  Ps by_pointer(const KernelBursts& bursts, unsigned user, Ps begin);
  Ps by_transport(const KernelBursts& bursts, unsigned user, Ps begin);
  std::optional<Direct> ask(std::uint64_t address);

  GpuUnitConfig config_;
  sim::bus::LoosePort<64> port_;
  sim::bus::PayloadPool pool_;
  std::vector<unsigned char> scratch_;
  std::array<Ps, GpuUnit::kStreams> free_{};       // the stream's last kernel is done
  std::array<Ps, GpuUnit::kStreams> data_free_{};  // its last data by pointer are over
  std::deque<GpuCompletion> completions_;
  std::optional<Direct> direct_;
  bool may_ask_ = true;  // for a pointer
  Ps busy_ = 0, waited_ = 0;

  sim::stats::Group group_;
  sim::stats::Counter kernels_, direct_kernels_, read_, written_, bursts_;
  sim::stats::Histogram memory_wait_;
};

}  // namespace common
