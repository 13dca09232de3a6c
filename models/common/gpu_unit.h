// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "models/common/hbm_config.h"
#include "sim/config/visitor.h"
#include "sim/stats/group.h"
#include "sim/stats/stat.h"
#include "sim/tlm/payload_pool.h"
#include "sim/tlm/register_file.h"
#include "sim/tlm/target_port.h"

namespace common {

// A kernel: how long it takes by itself, and what it moves meanwhile. 48 bytes, little-endian, in this order.
struct GpuCommand {
  std::uint64_t tag = 0;      // the sender's
  Ps duration = 0;            // with a memory that keeps up
  std::uint64_t address = 0;  // of what it reads in its memory; what it writes lies behind
  std::uint64_t read = 0;     // bytes
  std::uint64_t written = 0;  // bytes
  std::uint64_t stream = 0;   // 0: main; 1: beside it
};

// What became of a kernel. 32 bytes, little-endian, in this order.
struct GpuCompletion {
  std::uint64_t tag = 0;
  Ps started = 0, finished = 0;
  Ps memory = 0;  // of it: waited for the memory beyond the kernel's own duration
};

// How a kernel's bytes are asked for: what it reads, then what it writes, in bursts spread evenly over its
// duration.
struct KernelBursts {
  KernelBursts(const GpuCommand& c, std::uint64_t size)
      : command(c),
        burst(size),
        reads((c.read + size - 1) / size),
        count(reads + (c.written + size - 1) / size) {}

  // From the kernel's begin to asking for burst i: max(0, i - 1) / count of the duration.
  Ps due(std::uint64_t i) const { return i < 2 ? 0 : command.duration / count * (i - 1); }
  bool write(std::uint64_t i) const { return i >= reads; }
  std::uint64_t address(std::uint64_t i) const {
    return command.address + (write(i) ? command.read : 0) + offset(i);
  }
  std::uint64_t bytes(std::uint64_t i) const {
    return std::min(burst, (write(i) ? command.written : command.read) - offset(i));
  }
  std::uint64_t offset(std::uint64_t i) const { return (write(i) ? i - reads : i) * burst; }

  const GpuCommand& command;
  std::uint64_t burst, reads, count;
};

struct GpuUnitConfig {
  unsigned queue = 64;  // kernels of a stream that were accepted and have not finished
  std::uint64_t burst_bytes = 1 << 20;
  unsigned outstanding = 16;  // bursts that the memory has not answered
  double accept_ns = 1, response_ns = 2;

  void fields(sim::config::Visitor& v);
  sim::bus::PortTiming port() const;
};

// A GPU as a platform sees it, however it is timed.
class Gpu {
 public:
  virtual ~Gpu() = default;
  virtual tlm::tlm_target_socket<64>& socket() = 0;  // registers
  virtual tlm::tlm_initiator_socket<64>& memory_socket() = 0;
  virtual void bind_irq(sc_core::sc_signal<bool>& line) = 0;  // where it has one
  virtual const char* gpu_name() const = 0;
  virtual bool idle() const = 0;
  virtual Ps busy() const = 0;               // of the main stream
  virtual Ps waited_for_memory() const = 0;  // of both streams
  virtual std::uint64_t kernels() const = 0;
  virtual std::uint64_t bytes() const = 0;
  virtual const sim::bus::PayloadPool& pool() const = 0;
};

// Addresses of the GPU's registers, bytes.
struct GpuMap {
  static constexpr std::uint64_t kId = 0x00, kStreams = 0x08, kControl = 0x10, kStatus = 0x18, kRoom = 0x20,
                                 kReady = 0x28, kDone = 0x30;
  static constexpr std::uint64_t kCommand = 0x1000, kCommandBytes = 0x1000;
  static constexpr std::uint64_t kCompletion = 0x2000, kCompletionBytes = 0x1000;
  static constexpr std::uint64_t kBytes = 0x4000;
  enum Control : std::uint64_t { kIrqEnable = 1 };
};

// A GPU that runs kernels, one after the other on each of two streams, and reads and writes its memory while
// they run. It knows no arithmetic: a command says how long its kernel takes when the memory keeps up (a
// roofline, or a measurement). The kernel's bytes are requested in bursts spread evenly over that time, two
// at its begin; it ends when its time has passed and the last burst was answered, so a memory that others
// keep busy shows.
class GpuUnit final : public sc_core::sc_module,
                      public Gpu,
                      public sim::bus::Device,
                      public tlm::tlm_bw_transport_if<> {
 public:
  static constexpr unsigned kStreams = 2;

  GpuUnit(sc_core::sc_module_name name, const GpuUnitConfig& config, sim::stats::Group& stats,
          std::size_t index);
  ~GpuUnit() override;

  tlm::tlm_target_socket<64>& socket() override { return port_.socket; }
  tlm::tlm_initiator_socket<64>& memory_socket() override { return memory; }
  void bind_irq(sc_core::sc_signal<bool>& line) override { irq.bind(line); }
  const char* gpu_name() const override { return name(); }
  tlm::tlm_initiator_socket<64> memory;
  sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> irq;

  bool idle() const override;
  Ps busy() const override { return busy_; }
  Ps waited_for_memory() const override { return waited_; }
  std::uint64_t kernels() const override { return kernels_.value(); }
  std::uint64_t bytes() const override { return read_.value() + written_.value(); }
  const sim::bus::PayloadPool& pool() const override { return pool_; }

  // The register map; `self` is only used by accesses and may be null for printing it.
  static void declare_registers(sim::bus::RegisterFile& registers, GpuUnit* self);

  Reply access(tlm::tlm_generic_payload& payload) override { return registers_.access(payload); }
  unsigned debug(tlm::tlm_generic_payload& payload) override { return registers_.debug(payload); }
  const sc_core::sc_event* retry_event() override { return &registers_.retry(); }

 private:
  struct Stream {
    std::deque<GpuCommand> queue;  // the first one runs, if `running`
    bool running = false;
    Ps started = 0;
    std::optional<KernelBursts> bursts;     // of the one that runs
    std::uint64_t asked = 0, answered = 0;  // of them
  };

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  Reply write_commands(const tlm::tlm_generic_payload& payload);
  Reply read_completions(tlm::tlm_generic_payload& payload);
  void step();
  void schedule();
  Ps burst_due(const Stream& stream) const;
  void ask(unsigned stream);
  void answer(tlm::tlm_generic_payload& payload);
  void finish(Stream& stream, Ps now);
  std::uint64_t room() const;

  GpuUnitConfig config_;
  sim::bus::RegisterFile registers_;
  sim::bus::TargetPort<64> port_;
  sim::bus::PayloadPool pool_;
  std::vector<unsigned char> scratch_;  // what bursts read into and write from: nobody looks at it
  std::array<Stream, kStreams> streams_;
  std::deque<GpuCompletion> completions_;
  sc_core::sc_event wake_;
  tlm::tlm_generic_payload* requesting_ = nullptr;  // between BEGIN_REQ and END_REQ
  unsigned outstanding_ = 0;
  std::uint64_t irq_enable_ = 0, done_ = 0;
  Ps busy_ = 0, waited_ = 0;

  sim::stats::Group group_;
  sim::stats::Counter kernels_, read_, written_, bursts_;
  sim::stats::Histogram memory_wait_;
};

// Registers and windows as tables, for README.md and `tricycle describe`.
std::string gpu_register_map_markdown();

}  // namespace common
