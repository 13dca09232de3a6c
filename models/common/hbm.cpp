// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/hbm.h"

#include <algorithm>

#include <sys/mman.h>

#include "models/common/now.h"
#include "sim/core/error.h"
#include "sim/tlm/describe.h"
#include "sim/tlm/device.h"
#include "sim/tlm/tag.h"

namespace common {

using sc_core::sc_time;

namespace {

sc_time to_time(Ps ps) { return sc_time::from_value(ps); }

}  // namespace

void HbmConfig::fields(sim::config::Visitor& v) {
  using sim::config::Meta;
  const char* jedec = "order of published HBM2/HBM3 data sheets; vendors' tables are not public";
  v.field("channels", channels, Meta("", "independent channels (pseudo-channels)").range(1u, 4096u));
  v.field("channel_gbytes_per_s", channel_gbytes_per_s,
          Meta("GB/s", "rate of a channel's data bus").range(0.01, 10000.0));
  v.field("interleave_bytes", interleave_bytes,
          Meta("byte", "that lie in one channel before the next one's begin")
              .range(32, 1 << 20)
              .assumed("address mappings are not public"));
  v.field("banks", banks,
          Meta("", "banks of a channel")
              .range(1u, 1024u)
              .paper("JESD238: 16 banks in 4 groups a pseudo-channel and stack ID"));
  v.field("row_bytes", row_bytes, Meta("byte", "of a row").range(64, 1 << 20).paper("JESD238: 1 KiB pages"));
  v.field("activate_ns", activate_ns,
          Meta("ns", "tRCD: activation to the first column").range(0.0, 1e6).assumed(jedec));
  v.field("row_cycle_ns", row_cycle_ns,
          Meta("ns", "tRC: between two activations of a bank").range(0.0, 1e6).assumed(jedec));
  v.field("precharge_ns", precharge_ns, Meta("ns", "tRP: closing a row").range(0.0, 1e6).assumed(jedec));
  v.field("column_ns", column_ns,
          Meta("ns", "CL: a column's command to its data").range(0.0, 1e6).assumed(jedec));
  v.field("turnaround_ns", turnaround_ns,
          Meta("ns", "between reading and writing, or the reverse").range(0.0, 1e6).assumed(jedec));
  v.field("accept_ns", accept_ns,
          Meta("ns", "BEGIN_REQ to END_REQ").range(0.0, 1e6).assumed("a cycle of the bus"));
  v.field("controller_ns", controller_ns,
          Meta("ns", "controller and way back to the bus").range(0.0, 1e6).assumed("no published figure"));
  v.field("queue", queue,
          Meta("request", "requests accepted and not answered")
              .range(1u, 65536u)
              .assumed("deep enough for the bandwidth"));
  v.field("gibytes", gibytes, Meta("GiB", "size").range(1, 1 << 20));
  v.field(
      "pj_per_bit", pj_per_bit,
      Meta("pJ/bit", "energy of a bit read or written; unknown: no figure").range(0.0, 1e6).word("unknown"));
}

std::string Hbm::problem(const HbmConfig& config, std::string& key) {
  if (config.row_bytes % config.interleave_bytes != 0 && config.interleave_bytes % config.row_bytes != 0) {
    key = "interleave_bytes";
    return std::to_string(config.interleave_bytes) + " bytes neither divide a row of " +
           std::to_string(config.row_bytes) + " bytes nor are a multiple of it";
  }
  return {};
}

Hbm::Hbm(sc_core::sc_module_name name, const HbmConfig& config, sim::stats::Group& stats, std::size_t index)
    : sc_module(name),
      socket("socket"),
      config_(config),
      timing_(config),
      accept_(picoseconds(config.accept_ns)),
      behind_(picoseconds(config.column_ns) + picoseconds(config.controller_ns)),
      channels_(config.channels, HbmChannel(timing_)),
      group_(stats, "hbm", index),
      requests_(group_, "requests", "request", "requests answered"),
      read_(group_, "bytes_read", "byte", "bytes read"),
      written_(group_, "bytes_written", "byte", "bytes written"),
      refused_(group_, "refused", "request", "requests that waited for room in the queue"),
      hits_(group_, "row_hits", "", "share of accesses that found their row open",
            [this] { return row_hit_share(); }),
      wait_(group_, "wait", "ns", "answers later than of an idle memory with closed rows") {
  std::string key;
  if (const std::string what = problem(config, key); !what.empty()) {
    throw sim::Error(sim::Exit::usage, "hbm." + key + ": " + what);
  }
  socket.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
  SC_HAS_PROCESS(Hbm);
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
}

Hbm::~Hbm() {
  if (direct_ != nullptr) munmap(direct_, direct_bytes_);
}

Ps Hbm::busy() const {
  if (load_) return data_ps_;
  Ps sum = 0;
  for (const HbmChannel& channel : channels_) sum += channel.busy();
  return sum / channels_.size();
}

double Hbm::row_hit_share() const {
  std::uint64_t accesses = 0, activations = 0;
  for (const HbmChannel& channel : channels_) {
    accesses += channel.accesses();
    activations += channel.activations();
  }
  return accesses == 0 ? 1 : 1 - static_cast<double>(activations) / static_cast<double>(accesses);
}

namespace {

// Calls part(channel, address within it, bytes) once for each channel that holds some of [address, + bytes).
template <class F>
void deal_out(const HbmConfig& c, std::uint64_t address, std::uint64_t bytes, F&& part) {
  if (bytes == 0) return;
  const std::uint64_t unit = c.interleave_bytes, first = address / unit, last = (address + bytes - 1) / unit;
  // The pieces g, g + channels, ... of a channel are contiguous in it; those of the first `more` channels are
  // `rounds` + 1, of the others `rounds`.
  const std::uint64_t rounds = (last - first) / c.channels, more = (last - first) % c.channels;
  std::uint64_t channel = first % c.channels, row = first / c.channels;
  for (std::uint64_t i = 0; i <= last - first && i < c.channels; ++i) {
    std::uint64_t begin = row * unit, end = (row + rounds + (i <= more ? 1 : 0)) * unit;
    if (i == 0) begin += address % unit;
    if (i == more) end -= unit - 1 - (address + bytes - 1) % unit;
    part(static_cast<std::size_t>(channel), begin, end - begin);
    if (++channel == c.channels) {
      channel = 0;
      ++row;
    }
  }
}

}  // namespace

Ps Hbm::unloaded(std::uint64_t address, std::uint64_t bytes) const {
  Ps most = 0;
  deal_out(config_, address, bytes, [&](std::size_t, std::uint64_t at, std::uint64_t n) {
    HbmChannel idle(timing_);
    most = std::max(most, idle.serve(at, n, false, 0));
  });
  return most;
}

Ps Hbm::serve(tlm::tlm_generic_payload& payload, Ps at) {
  Ps last = at;
  const bool write = payload.is_write();
  const std::uint64_t bytes = payload.get_data_length();
  deal_out(config_, payload.get_address(), bytes,
           [&](std::size_t channel, std::uint64_t from, std::uint64_t n) {
             last = std::max(last, channels_[channel].serve(from, n, write, at));
           });
  count(write, bytes);
  ++requests_;
  const Ps idle = timing_.activate;  // what nobody can help: the first row, and an even share of the data
  const Ps data = timing_.beat((bytes + channels_.size() - 1) / channels_.size());
  const Ps late = last - at > idle + data ? last - at - idle - data : 0;
  waited_ps_ += late;
  wait_.add(late / 1000);
  return last + behind_;
}

tlm::tlm_response_status Hbm::check(const tlm::tlm_generic_payload& payload) const {
  if (!payload.is_read() && !payload.is_write()) {
    return payload.get_command() == tlm::TLM_IGNORE_COMMAND ? tlm::TLM_OK_RESPONSE
                                                            : tlm::TLM_COMMAND_ERROR_RESPONSE;
  }
  const unsigned length = payload.get_data_length();
  if (length == 0 || payload.get_streaming_width() < length) return tlm::TLM_BURST_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (!sim::bus::inside(payload.get_address(), length, 0, config_.gibytes << 30)) {
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  }
  return tlm::TLM_OK_RESPONSE;
}

void Hbm::b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
  const tlm::tlm_response_status status = check(payload);
  payload.set_response_status(status);
  const Ps begin = now_ps() + delay.value() + accept_;
  if (load_ && status == tlm::TLM_OK_RESPONSE) return serve_loosely(payload, delay);
  if (status != tlm::TLM_OK_RESPONSE || payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
    delay += to_time(accept_);
    return;
  }
  delay = to_time(serve(payload, begin) - now_ps());
}

// --- Loosely timed

void Hbm::decouple(Ps window, unsigned users) {
  constexpr std::uint64_t kLittle = 64, kMuch = 1 << 20;
  load_ = std::make_unique<WindowLoad>(window, users);
  user_free_.resize(users);
  least_ = accept_ + unloaded(0, kLittle) + behind_;
  per_byte_ = static_cast<double>(accept_ + unloaded(0, kMuch) + behind_ - least_) / (kMuch - kLittle);
}

Ps Hbm::loose_latency(std::uint64_t bytes) const {
  return least_ + static_cast<Ps>(per_byte_ * static_cast<double>(std::max<std::uint64_t>(bytes, 64) - 64));
}

Ps Hbm::data_time(std::uint64_t bytes) const {
  return static_cast<Ps>(static_cast<double>(bytes) * 1e12 / config_.peak_bytes_per_s());
}

void Hbm::used(unsigned user, Ps from, Ps until, Ps data) {
  data_ps_ += data;
  load_->add(user, from, until, data);
  if (!granted_ || !load_->contended(now_ps(), true)) return;
  granted_ = false;
  ++direct_invalidations_;
  socket->invalidate_direct_mem_ptr(0, (config_.gibytes << 30) - 1);
}

void Hbm::serve_loosely(tlm::tlm_generic_payload& payload, sc_time& delay) {
  const sim::bus::Tag* tag = sim::bus::tag_of(payload);
  const unsigned user = tag == nullptr ? 0 : static_cast<unsigned>(tag->user % user_free_.size());
  if (const auto* direct = payload.get_extension<DirectUse>()) {
    count(false, direct->read);
    count(true, direct->written);
    requests_ += direct->requests;
    const std::uint64_t bytes = direct->read + direct->written;
    used(direct->user % static_cast<unsigned>(user_free_.size()), direct->from, direct->until,
         data_time(bytes));
    return;
  }
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
    delay += to_time(accept_);
    return;
  }
  const std::uint64_t bytes = payload.get_data_length();
  const double left = 1 - load_->others(user, now_ps()).share;
  const Ps all = loose_latency(bytes), data = all - least_;
  const Ps stretched = static_cast<Ps>(static_cast<double>(data) / left);
  const Ps at = now_ps() + delay.value();
  const Ps begin = std::max(at, user_free_[user]);  // of its data, less what hides in `least_`
  user_free_[user] = begin + stretched;
  const Ps late = begin - at + stretched - data;
  waited_ps_ += late;
  wait_.add(late / 1000);
  ++requests_;
  count(payload.is_write(), bytes);
  used(user, begin, begin + stretched, data_time(bytes));
  payload.set_dmi_allowed(!load_->contended(now_ps(), true));
  delay = to_time(begin + stretched + least_ - now_ps());
}

bool Hbm::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  dmi.init();
  if (!load_ || load_->contended(now_ps(), true)) {
    dmi.allow_none();
    return false;
  }
  if (direct_ == nullptr) {
    direct_bytes_ = static_cast<std::size_t>(config_.gibytes << 30);
    void* space = mmap(nullptr, direct_bytes_, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) return false;  // less address space than the memory is large: no DMI
    direct_ = static_cast<unsigned char*>(space);
  }
  dmi.set_dmi_ptr(direct_);
  dmi.set_start_address(0);
  dmi.set_end_address(direct_bytes_ - 1);
  const sc_time latency = to_time(loose_latency(payload.get_data_length()));
  dmi.set_read_latency(latency);
  dmi.set_write_latency(latency);
  dmi.allow_read_write();
  if (!granted_) ++direct_grants_;
  granted_ = true;
  return true;
}

tlm::tlm_sync_enum Hbm::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                        sc_time& delay) {
  const Ps at = now_ps() + delay.value();
  if (phase == tlm::BEGIN_REQ) {
    if (accepting_ != nullptr || !payload.has_mm()) {
      SC_REPORT_ERROR("/models/hbm", (std::string(name()) + ": " + sim::bus::describe(payload) +
                                      (payload.has_mm() ? ": BEGIN_REQ before END_REQ of the previous request"
                                                        : ": a payload without memory manager"))
                                         .c_str());
      payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    payload.acquire();
    accepting_ = &payload;
    accepted_at_ = at + accept_;
    if (outstanding_ >= config_.queue) ++refused_;
    schedule();
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_RESP) {
    if (responding_ != &payload) {
      SC_REPORT_ERROR("/models/hbm", (std::string(name()) + ": " + sim::bus::describe(payload) +
                                      ": END_RESP without BEGIN_RESP")
                                         .c_str());
      return tlm::TLM_COMPLETED;
    }
    responding_ = nullptr;
    response_free_ = at;
    payload.release();
    schedule();
    return tlm::TLM_COMPLETED;
  }
  return tlm::TLM_ACCEPTED;  // an ignorable phase
}

void Hbm::step() {
  const Ps now = now_ps();
  if (responding_ == nullptr && !due_.empty() && due_.top().due <= now && response_free_ <= now) {
    tlm::tlm_generic_payload* payload = due_.top().payload;
    due_.pop();
    --outstanding_;
    responding_ = payload;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum answer = socket->nb_transport_bw(*payload, phase, delay);
    if (answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP)) {
      responding_ = nullptr;
      response_free_ = now_ps() + delay.value();
      payload->release();
    }
  }
  if (accepting_ != nullptr && accepted_at_ <= now && outstanding_ < config_.queue) {
    tlm::tlm_generic_payload* payload = accepting_;
    accepting_ = nullptr;
    const tlm::tlm_response_status status = check(*payload);
    payload->set_response_status(status);
    const bool served = status == tlm::TLM_OK_RESPONSE && payload->get_command() != tlm::TLM_IGNORE_COMMAND;
    due_.push({served ? serve(*payload, now) : now, number_++, payload});
    ++outstanding_;
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(*payload, phase, delay);
  }
  schedule();
}

void Hbm::schedule() {
  const Ps now = now_ps();
  Ps next = ~Ps{0};
  if (responding_ == nullptr && !due_.empty()) next = std::max(due_.top().due, response_free_);
  if (accepting_ != nullptr && outstanding_ < config_.queue) next = std::min(next, accepted_at_);
  if (next == ~Ps{0}) return;
  wake_.notify(to_time(next > now ? next - now : 0));
}

}  // namespace common
