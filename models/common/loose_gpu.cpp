// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/loose_gpu.h"

#include <cstring>
#include <string>

#include "models/common/hbm.h"
#include "sim/core/error.h"
#include "sim/tlm/tag.h"

namespace common {

using sc_core::sc_time;

LooseGpu::LooseGpu(sc_core::sc_module_name name, const GpuUnitConfig& config, sim::stats::Group& stats,
                   std::size_t index)
    : sc_module(name),
      memory("memory"),
      config_(config),
      port_("port", *this, config.port()),
      pool_(std::string(this->name()) + ".payloads"),
      scratch_(config.burst_bytes),
      group_(stats, "gpu", index),
      kernels_(group_, "kernels", "kernel", "kernels finished"),
      direct_kernels_(group_, "direct_kernels", "kernel", "of them timed by DMI's latencies"),
      read_(group_, "bytes_read", "byte", "bytes that kernels read"),
      written_(group_, "bytes_written", "byte", "bytes that kernels wrote"),
      bursts_(group_, "bursts", "burst", "requests to the memory"),
      memory_wait_(group_, "memory_wait", "ns", "time by which the memory made a kernel late") {
  memory.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
}

LooseGpu::~LooseGpu() = default;

sim::bus::LooseDevice::Reply LooseGpu::access(tlm::tlm_generic_payload& payload, const sc_time& at) {
  const std::uint64_t address = payload.get_address(), bytes = payload.get_data_length();
  if (sim::bus::inside(address, bytes, GpuMap::kCommand, GpuMap::kCommandBytes)) {
    if (!payload.is_write()) return {tlm::TLM_COMMAND_ERROR_RESPONSE};
    if (bytes != sizeof(GpuCommand)) return {tlm::TLM_BURST_ERROR_RESPONSE};
    GpuCommand command;
    std::memcpy(&command, payload.get_data_ptr(), sizeof command);
    if (command.stream >= GpuUnit::kStreams) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    return {tlm::TLM_OK_RESPONSE, run(command, at.value())};
  }
  if (sim::bus::inside(address, bytes, GpuMap::kCompletion, GpuMap::kCompletionBytes)) {
    if (!payload.is_read()) return {tlm::TLM_COMMAND_ERROR_RESPONSE};
    if (bytes != sizeof(GpuCompletion)) return {tlm::TLM_BURST_ERROR_RESPONSE};
    if (completions_.empty()) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    std::memcpy(payload.get_data_ptr(), &completions_.front(), sizeof(GpuCompletion));
    completions_.pop_front();
    return {};
  }
  const bool control = address == GpuMap::kControl && bytes == 8 && payload.is_write();
  return {control ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE};
}

Ps LooseGpu::run(const GpuCommand& command, Ps arrival) {
  const auto stream = static_cast<unsigned>(command.stream);
  const Ps begin = std::max(arrival, free_[stream]), own_end = begin + command.duration;
  const KernelBursts bursts(command, config_.burst_bytes);
  Ps end = own_end;
  if (bursts.count > 0) {
    if (!direct_ && may_ask_) direct_ = ask(command.address);
    const bool inside = direct_ && sim::bus::inside(command.address, command.read + command.written,
                                                    direct_->begin, direct_->end - direct_->begin + 1);
    end = std::max(end, inside ? by_pointer(bursts, stream, begin) : by_transport(bursts, stream, begin));
  }
  const Ps late = end - own_end;
  completions_.push_back({command.tag, begin, end, late});
  free_[stream] = end;
  if (stream == 0) busy_ += end - begin;
  waited_ += late;
  memory_wait_.add(late / 1000);
  ++kernels_;
  read_ += command.read;
  written_ += command.written;
  bursts_ += bursts.count;
  return end;
}

// Burst i is answered latency(burst) after it was asked for, and not before the data of all between it and
// some burst j <= i that was asked for have passed one after the other. Bursts are due at even distances, so
// that is decided by the first one or by the last.
Ps LooseGpu::by_pointer(const KernelBursts& bursts, unsigned user, Ps begin) {
  const GpuCommand& c = bursts.command;
  const std::uint64_t last = bursts.bytes(bursts.count - 1);
  const Ps first = std::max(begin, data_free_[user]);
  const Ps end = std::max(first + direct_->latency(c.read + c.written),
                          begin + bursts.due(bursts.count - 1) + direct_->latency(last));
  data_free_[user] = end - direct_->little;
  ++direct_kernels_;
  sim::bus::PayloadGuard payload(pool_.acquire(0));
  payload->set_command(tlm::TLM_IGNORE_COMMAND);
  payload->set_address(c.address);
  DirectUse use;
  use.user = user;
  use.from = begin;
  use.until = std::max(end, begin + c.duration);
  use.read = c.read;
  use.written = c.written;
  use.requests = bursts.count;
  payload->set_extension(&use);
  sc_time delay = sc_core::SC_ZERO_TIME;
  memory->b_transport(*payload, delay);  // may take the pointer back
  payload->clear_extension(&use);
  return end;
}

Ps LooseGpu::by_transport(const KernelBursts& bursts, unsigned user, Ps begin) {
  const Ps now = sc_core::sc_time_stamp().value();
  Ps end = begin;
  for (std::uint64_t i = 0; i < bursts.count; ++i) {
    sim::bus::PayloadGuard payload(pool_.acquire(0));
    const auto bytes = static_cast<unsigned>(bursts.bytes(i));
    payload->set_command(bursts.write(i) ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload->set_address(bursts.address(i));
    payload->set_data_ptr(scratch_.data());
    payload->set_data_length(bytes);
    payload->set_streaming_width(bytes);
    sim::bus::tag_of(*payload)->user = user;
    sc_time delay = sc_time::from_value(begin + bursts.due(i) - now);
    memory->b_transport(*payload, delay);
    if (payload->is_response_error()) {
      throw sim::Error(sim::Exit::check, std::string(name()) + ": its memory answered " +
                                             payload->get_response_string() + "; is hbm.gibytes too small?");
    }
    end = std::max<Ps>(end, now + delay.value());
    may_ask_ = payload->is_dmi_allowed();
  }
  return end;
}

std::optional<LooseGpu::Direct> LooseGpu::ask(std::uint64_t address) {
  Ps latencies[2] = {0, 0};
  const std::uint64_t lengths[2] = {64, std::max<std::uint64_t>(config_.burst_bytes, 128)};
  Direct direct;
  for (unsigned i = 0; i < 2; ++i) {
    sim::bus::PayloadGuard payload(pool_.acquire(0));
    payload->set_read();
    payload->set_address(address);
    payload->set_data_ptr(scratch_.data());
    payload->set_data_length(static_cast<unsigned>(lengths[i]));
    tlm::tlm_dmi dmi;
    if (!memory->get_direct_mem_ptr(*payload, dmi) || !dmi.is_read_write_allowed()) {
      may_ask_ = false;
      return std::nullopt;
    }
    latencies[i] = dmi.get_read_latency().value();
    direct.begin = dmi.get_start_address();
    direct.end = dmi.get_end_address();
  }
  direct.little = latencies[0];
  direct.per_byte = static_cast<double>(latencies[1] - latencies[0]) / static_cast<double>(lengths[1] - 64);
  return direct;
}

void LooseGpu::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
  if (direct_ && start <= direct_->end && end >= direct_->begin) direct_.reset();
  may_ask_ = true;  // the answer to the next question says whether it is too early
}

}  // namespace common
