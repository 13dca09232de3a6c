// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/gpu_unit.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "models/common/now.h"
#include "sim/tlm/tag.h"

namespace common {

using sc_core::sc_time;

void GpuUnitConfig::fields(sim::config::Visitor& v) {
  using sim::config::Meta;
  v.field("queue", queue, Meta("kernel", "accepted by a stream and not finished").range(1u, 65536u));
  v.field("burst_bytes", burst_bytes,
          Meta("byte", "that a kernel asks of its memory in one request").range(64, 1 << 24).choice());
  v.field("outstanding", outstanding, Meta("burst", "that the memory has not answered").range(2u, 4096u));
  v.field("accept_ns", accept_ns,
          Meta("ns", "of its registers: BEGIN_REQ to END_REQ").range(0.0, 1e6).assumed("a cycle of the bus"));
  v.field(
      "response_ns", response_ns,
      Meta("ns", "of its registers: END_REQ to BEGIN_RESP").range(0.0, 1e6).assumed("two cycles of the bus"));
}

sim::bus::PortTiming GpuUnitConfig::port() const {
  sim::bus::PortTiming timing;
  timing.accept = sc_time::from_value(picoseconds(accept_ns));
  timing.response = sc_time::from_value(picoseconds(response_ns));
  return timing;
}

GpuUnit::GpuUnit(sc_core::sc_module_name name, const GpuUnitConfig& config, sim::stats::Group& stats,
                 std::size_t index)
    : sc_module(name),
      memory("memory"),
      irq("irq"),
      config_(config),
      registers_("gpu"),
      port_("port", *this, config.port()),
      pool_(std::string(this->name()) + ".payloads"),
      scratch_(config.burst_bytes),
      group_(stats, "gpu", index),
      kernels_(group_, "kernels", "kernel", "kernels finished"),
      read_(group_, "bytes_read", "byte", "bytes that kernels read"),
      written_(group_, "bytes_written", "byte", "bytes that kernels wrote"),
      bursts_(group_, "bursts", "burst", "requests to the memory"),
      memory_wait_(group_, "memory_wait", "ns", "time by which the memory made a kernel late") {
  declare_registers(registers_, this);
  memory.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
  SC_HAS_PROCESS(GpuUnit);
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
}

GpuUnit::~GpuUnit() = default;

bool GpuUnit::idle() const {
  return streams_[0].queue.empty() && streams_[1].queue.empty() && completions_.empty();
}

std::uint64_t GpuUnit::room() const {
  std::size_t most = 0;
  for (const Stream& stream : streams_) most = std::max(most, stream.queue.size());
  return config_.queue > most ? config_.queue - most : 0;
}

// --- The bus's side

sim::bus::Device::Reply GpuUnit::write_commands(const tlm::tlm_generic_payload& payload) {
  const std::size_t bytes = payload.get_data_length();
  if (bytes % sizeof(GpuCommand) != 0 || payload.get_byte_enable_ptr() != nullptr) {
    return {tlm::TLM_BURST_ERROR_RESPONSE};
  }
  std::vector<GpuCommand> commands(bytes / sizeof(GpuCommand));
  std::memcpy(commands.data(), payload.get_data_ptr(), bytes);
  std::array<std::size_t, kStreams> more{};
  for (const GpuCommand& c : commands) {
    if (c.stream >= kStreams) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
    ++more[c.stream];
  }
  for (unsigned s = 0; s < kStreams; ++s) {
    if (more[s] > config_.queue) return {tlm::TLM_BURST_ERROR_RESPONSE};
    if (streams_[s].queue.size() + more[s] > config_.queue) return {tlm::TLM_OK_RESPONSE, true};
  }
  for (const GpuCommand& c : commands) streams_[c.stream].queue.push_back(c);
  wake_.notify(sc_core::SC_ZERO_TIME);
  return {};
}

sim::bus::Device::Reply GpuUnit::read_completions(tlm::tlm_generic_payload& payload) {
  const std::size_t bytes = payload.get_data_length(), count = bytes / sizeof(GpuCompletion);
  if (bytes % sizeof(GpuCompletion) != 0 || payload.get_byte_enable_ptr() != nullptr) {
    return {tlm::TLM_BURST_ERROR_RESPONSE};
  }
  if (count > completions_.size()) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(payload.get_data_ptr() + i * sizeof(GpuCompletion), &completions_.front(),
                sizeof(GpuCompletion));
    completions_.pop_front();
  }
  wake_.notify(sc_core::SC_ZERO_TIME);  // the interrupt line
  return {};
}

// --- Kernels

Ps GpuUnit::burst_due(const Stream& s) const { return s.started + s.bursts->due(s.asked); }

void GpuUnit::ask(unsigned number) {
  Stream& s = streams_[number];
  const KernelBursts& bursts = *s.bursts;
  const bool write = bursts.write(s.asked);
  const std::uint64_t bytes = bursts.bytes(s.asked);
  tlm::tlm_generic_payload& payload = pool_.acquire(0);
  payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(bursts.address(s.asked));
  payload.set_data_ptr(scratch_.data());
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  sim::bus::tag_of(payload)->user = number;
  (write ? written_ : read_) += bytes;
  ++bursts_;
  ++s.asked;
  ++outstanding_;
  requesting_ = &payload;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum status = memory->nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_ACCEPTED) return;
  requesting_ = nullptr;
  if (status == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) answer(payload);
}

void GpuUnit::answer(tlm::tlm_generic_payload& payload) {
  if (payload.is_response_error()) {
    SC_REPORT_ERROR("/models/gpu", (std::string(name()) + ": its memory answered " +
                                    payload.get_response_string() + "; is hbm.gibytes too small?")
                                       .c_str());
  }
  ++streams_[sim::bus::tag_of(payload)->user].answered;
  --outstanding_;
  payload.release();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

tlm::tlm_sync_enum GpuUnit::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            sc_time& delay) {
  if (phase == tlm::END_REQ) {
    requesting_ = nullptr;
    wake_.notify(sc_core::SC_ZERO_TIME);
    return tlm::TLM_ACCEPTED;
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  if (requesting_ == &payload) requesting_ = nullptr;  // BEGIN_RESP implies END_REQ
  answer(payload);
  phase = tlm::END_RESP;
  delay = sc_core::SC_ZERO_TIME;
  return tlm::TLM_COMPLETED;
}

void GpuUnit::finish(Stream& s, Ps now) {
  const GpuCommand& c = s.queue.front();
  const Ps own_end = s.started + c.duration;
  const Ps late = now > own_end ? now - own_end : 0;
  completions_.push_back({c.tag, s.started, now, late});
  if (&s == &streams_[0]) busy_ += now - s.started;
  waited_ += late;
  memory_wait_.add(late / 1000);
  ++kernels_;
  ++done_;
  s.queue.pop_front();
  s.running = false;
  registers_.retry().notify(sc_core::SC_ZERO_TIME);
}

void GpuUnit::step() {
  const Ps now = now_ps();
  for (Stream& s : streams_) {
    if (s.running && s.started + s.queue.front().duration <= now && s.answered == s.bursts->count)
      finish(s, now);
    if (!s.running && !s.queue.empty()) {
      s.running = true;
      s.started = now;
      s.bursts.emplace(s.queue.front(), config_.burst_bytes);
      s.asked = s.answered = 0;
    }
  }
  for (unsigned i = 0; i < kStreams && requesting_ == nullptr && outstanding_ < config_.outstanding; ++i) {
    const Stream& s = streams_[i];
    if (s.running && s.asked < s.bursts->count && burst_due(s) <= now) ask(i);
  }
  if (irq.size() > 0) irq->write((irq_enable_ & GpuMap::kIrqEnable) != 0 && !completions_.empty());
  schedule();
}

void GpuUnit::schedule() {
  const Ps now = now_ps();
  Ps next = ~Ps{0};
  for (const Stream& s : streams_) {
    if (!s.running) continue;
    const Ps end = s.started + s.queue.front().duration;
    if (s.answered == s.bursts->count || end > now) next = std::min(next, std::max(end, now));
    if (s.asked < s.bursts->count && requesting_ == nullptr && outstanding_ < config_.outstanding) {
      next = std::min(next, std::max(burst_due(s), now));
    }
  }
  if (next != ~Ps{0}) wake_.notify(sc_time::from_value(next - now));
}

void GpuUnit::declare_registers(sim::bus::RegisterFile& registers, GpuUnit* self) {
  using sim::bus::Access;
  using sim::bus::RegisterSpec;
  const auto read_only = [&registers](const char* name, std::uint64_t offset, const char* text,
                                      std::function<std::uint64_t()> read) {
    RegisterSpec r{name, offset, 64, Access::read_only, 0, text};
    r.read = std::move(read);
    registers.add_register(std::move(r));
  };
  read_only("ID", GpuMap::kId, "0x475055: the letters GPU", [] { return std::uint64_t{0x475055}; });
  read_only("STREAMS", GpuMap::kStreams, "streams of kernels", [] { return std::uint64_t{kStreams}; });
  RegisterSpec control{"CONTROL", GpuMap::kControl, 64, Access::read_write, 0, "bit 0: interrupt enable"};
  control.write = [self](std::uint64_t value) {
    self->irq_enable_ = value;
    self->wake_.notify(sc_core::SC_ZERO_TIME);
  };
  registers.add_register(std::move(control));
  read_only("STATUS", GpuMap::kStatus,
            "bit 0: room for a kernel; 1: a completion can be read; 2: kernels under way", [self] {
              const bool busy = !self->streams_[0].queue.empty() || !self->streams_[1].queue.empty();
              return std::uint64_t{self->room() > 0 ? 1u : 0u} | (self->completions_.empty() ? 0u : 2u) |
                     (busy ? 4u : 0u);
            });
  read_only("ROOM", GpuMap::kRoom, "kernels that every stream can take", [self] { return self->room(); });
  read_only("READY", GpuMap::kReady, "completions that can be read",
            [self] { return std::uint64_t{self->completions_.size()}; });
  read_only("DONE", GpuMap::kDone, "kernels done since the start", [self] { return self->done_; });
  registers.add_window(sim::bus::served_window(
      "COMMAND", GpuMap::kCommand, GpuMap::kCommandBytes, Access::write_only,
      "FIFO: whole kernels of 48 bytes: tag, duration (ps), address, bytes read, bytes written, stream; "
      "waits while there is no room",
      [self](tlm::tlm_generic_payload& payload) { return self->write_commands(payload); }));
  registers.add_window(sim::bus::served_window(
      "COMPLETION", GpuMap::kCompletion, GpuMap::kCompletionBytes, Access::read_only,
      "FIFO: whole records of 32 bytes: tag, started, finished, waited for the memory (ps); GENERIC_ERROR "
      "when fewer are there",
      [self](tlm::tlm_generic_payload& payload) { return self->read_completions(payload); }));
}

std::string gpu_register_map_markdown() {
  sim::bus::RegisterFile registers("gpu");
  GpuUnit::declare_registers(registers, nullptr);
  return registers.markdown();
}

}  // namespace common
