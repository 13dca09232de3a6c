// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/host_port.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/core/error.h"

namespace allmod {

using sim::Cycle;
using tlm::tlm_generic_payload;
using tlm::tlm_response_status;

void HostPortConfig::fields(sim::config::Visitor& v) {
  using sim::config::Meta;
  const char* why = "no published figure; the least a registered bus port needs";
  v.field("operand_fifo", operand_fifo, Meta("operand", "depth of a lane's operand FIFO").range(1, 65536));
  v.field("result_fifo", result_fifo, Meta("result", "depth of a lane's result FIFO").range(1, 65536));
  v.field("accept_cycles", accept_cycles, Meta("cycle", "BEGIN_REQ to END_REQ").range(0, 1000).assumed(why));
  v.field("response_cycles", response_cycles,
          Meta("cycle", "END_REQ to BEGIN_RESP of a transfer without beats").range(0, 1000).assumed(why));
  v.field("beat_cycles", beat_cycles, Meta("cycle", "each 8-byte beat").range(0, 1000).assumed(why));
  v.field(
      "table_words_per_cycle", table_words_per_cycle,
      Meta("word", "64-bit table words written in one cycle of a modulus load").range(1, 1024).assumed(why));
}

// The part of the unit's reset that concerns the port.
class HostPort::ResetHook final : public sim::Clocked {
 public:
  explicit ResetHook(HostPort& port) : Clocked("allmod.host_port"), port_(port) {}
  void evaluate(Cycle) override {}
  Cycle next_cycle(Cycle) const override { return sim::kNever; }
  void reset() override { port_.reset(); }
  bool busy() const override { return port_.outstanding() > 0; }
  std::string state() const override {
    return std::to_string(port_.outstanding()) + " operands not read back";
  }

 private:
  HostPort& port_;
};

HostPort::HostPort(sim::ClockDomain& domain, const Datapath& datapath, const Modulus& modulus, unsigned lanes,
                   const HostPortConfig& config, Unit unit)
    : domain_(domain),
      datapath_(datapath),
      config_(config),
      unit_(std::move(unit)),
      registers_("allmod"),
      reset_hook_(std::make_unique<ResetHook>(*this)),
      modulus_(result_bytes()) {
  for (unsigned i = 0; i < lanes; ++i) {
    queues_.push_back(std::make_unique<HostQueue>(config.operand_fifo, config.result_fifo, datapath.x_limbs(),
                                                  datapath.n_limbs(), [this](Cycle c) { lane_moved(c); }));
  }
  std::memcpy(modulus_.data(), modulus.limbs().data(), modulus_.size());
  domain.add(*reset_hook_);
  declare_registers(registers_, this);
}

HostPort::~HostPort() = default;

OperandSource& HostPort::source(unsigned lane) { return *queues_[lane]; }
ResultSink& HostPort::sink(unsigned lane) { return *queues_[lane]; }

// The bus sees it from the next edge on: refused writes try again, the interrupt line may change.
void HostPort::lane_moved(Cycle cycle) {
  const sc_core::sc_time delay = domain_.time_of(cycle + 1) - sc_core::sc_time_stamp();
  registers_.retry().notify(delay);
  unit_.irq_changes_at(delay);
}

mpz_class HostPort::modulus_written() const {
  std::vector<Limb> m(datapath_.n_limbs());
  std::memcpy(m.data(), modulus_.data(), modulus_.size());
  return to_mpz(m.data(), m.size());
}

Cycle HostPort::bus_cycle() const { return domain_.edge_after(sc_core::sc_time_stamp()) - 1; }

std::uint64_t HostPort::operand_room() const {
  // Operands go round the lanes, so the lane that comes next decides, then the one after it.
  const Cycle now = bus_cycle();
  std::uint64_t least = ~std::uint64_t{0};
  const std::size_t lanes = queues_.size();
  for (std::size_t i = 0; i < lanes; ++i) {
    const std::size_t room = queues_[(written_ + i) % lanes]->room(now);
    least = std::min<std::uint64_t>(least, room * lanes + i);
  }
  return least;
}

std::uint64_t HostPort::results_ready() const {
  const Cycle now = bus_cycle();
  std::uint64_t least = ~std::uint64_t{0};
  const std::size_t lanes = queues_.size();
  for (std::size_t i = 0; i < lanes; ++i) {
    const std::size_t ready = queues_[(read_ + i) % lanes]->readable(now);
    least = std::min<std::uint64_t>(least, ready * lanes + i);
  }
  return least;
}

std::uint64_t HostPort::status() const {
  std::uint64_t s = 0;
  if (operand_room() > 0) s |= HostMap::kRoom;
  if (results_ready() > 0) s |= HostMap::kResultReady;
  if (outstanding() > 0) s |= HostMap::kBusy;
  if (bus_cycle() < loading_until_) s |= HostMap::kLoading;
  return s;
}

bool HostPort::irq() const {
  return (irq_enable_ & HostMap::kIrqEnable) != 0 && results_ready() >= registers_.get("IRQ_THRESHOLD");
}

void HostPort::reset() {
  for (auto& q : queues_) q->reset();
  written_ = read_ = 0;  // a load goes on: the tables are not part of the reset
  irq_enable_ = 0;
  registers_.reset();
  unit_.irq_changes_at(sc_core::SC_ZERO_TIME);
}

// --- Accesses

namespace {

// Whole, aligned items without byte enables are all that the FIFO windows take.
tlm_response_status check_burst(const tlm_generic_payload& payload, std::uint64_t item_bytes) {
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (payload.get_data_length() % item_bytes != 0) return tlm::TLM_BURST_ERROR_RESPONSE;
  return tlm::TLM_OK_RESPONSE;
}

bool in_window(const tlm_generic_payload& p, std::uint64_t base, std::uint64_t bytes) {
  return sim::bus::inside(p.get_address(), p.get_data_length(), base, bytes);
}

}  // namespace

sim::bus::Device::Reply HostPort::write_operands(const tlm_generic_payload& payload) {
  const std::size_t bytes = operand_bytes();
  const tlm_response_status status = check_burst(payload, bytes);
  if (status != tlm::TLM_OK_RESPONSE) return {status};
  const std::size_t count = payload.get_data_length() / bytes;
  if (count > std::size_t{config_.operand_fifo} * queues_.size()) return {tlm::TLM_BURST_ERROR_RESPONSE};
  // X >= 2^(2n): the top limb has bits above 2n.
  const unsigned top_bits = 2 * datapath_.design().n % kLimbBits;
  std::vector<Limb> x(count * datapath_.x_limbs());
  std::memcpy(x.data(), payload.get_data_ptr(), payload.get_data_length());
  for (std::size_t i = 1; i <= count && top_bits != 0; ++i) {
    if (x[i * datapath_.x_limbs() - 1] >> top_bits != 0) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  }
  if (operand_room() < count) return {tlm::TLM_OK_RESPONSE, true};
  const Cycle visible = domain_.edge_after(sc_core::sc_time_stamp());
  for (std::size_t i = 0; i < count; ++i, ++written_) {
    const unsigned lane = static_cast<unsigned>(written_ % queues_.size());
    std::copy_n(&x[i * datapath_.x_limbs()], datapath_.x_limbs(), queues_[lane]->write(visible));
    unit_.wake(lane);
  }
  return {};
}

sim::bus::Device::Reply HostPort::read_results(tlm_generic_payload& payload) {
  const std::size_t bytes = result_bytes();
  const tlm_response_status status = check_burst(payload, bytes);
  if (status != tlm::TLM_OK_RESPONSE) return {status};
  const std::size_t count = payload.get_data_length() / bytes;
  if (results_ready() < count) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  const Cycle visible = domain_.edge_after(sc_core::sc_time_stamp());
  for (std::size_t i = 0; i < count; ++i, ++read_) {
    const unsigned lane = static_cast<unsigned>(read_ % queues_.size());
    std::memcpy(payload.get_data_ptr() + i * bytes, queues_[lane]->front(), bytes);
    queues_[lane]->read(visible);
    unit_.wake(lane);
  }
  unit_.irq_changes_at(sc_core::SC_ZERO_TIME);
  return {};
}

sim::bus::Device::Reply HostPort::access_modulus(tlm_generic_payload& payload) {
  if (!in_window(payload, HostMap::kModulus, modulus_.size())) return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
  unsigned char* bytes = modulus_.data() + (payload.get_address() - HostMap::kModulus);
  if (payload.is_write()) {
    sim::bus::store(payload, bytes);
  } else {
    sim::bus::load(payload, bytes);
  }
  return {};
}

unsigned HostPort::debug(tlm_generic_payload& payload) {
  const std::uint64_t at = payload.get_address();
  if (at < HostMap::kModulus) return registers_.debug(payload);
  if (at - HostMap::kModulus >= modulus_.size()) return 0;
  const std::size_t n =
      std::min<std::size_t>(payload.get_data_length(), modulus_.size() - (at - HostMap::kModulus));
  unsigned char* bytes = modulus_.data() + (at - HostMap::kModulus);
  if (payload.is_write()) {
    std::memcpy(bytes, payload.get_data_ptr(), n);
  } else if (payload.is_read()) {
    std::memcpy(payload.get_data_ptr(), bytes, n);
  }
  return static_cast<unsigned>(n);
}

tlm_response_status HostPort::accept_control(std::uint64_t value) const {
  if ((value & HostMap::kLoad) == 0) return tlm::TLM_OK_RESPONSE;
  const bool busy = outstanding() > 0 || unit_.held() > 0 || bus_cycle() < loading_until_;
  const bool fits = refusal(datapath_.design(), modulus_written()).empty();
  return busy || !fits ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
}

void HostPort::control(std::uint64_t value) {
  irq_enable_ = value & HostMap::kIrqEnable;
  registers_.set("CONTROL", irq_enable_);  // the other bits clear themselves
  if ((value & HostMap::kReset) != 0) unit_.reset();
  if ((value & HostMap::kLoad) != 0) {
    unit_.load(Modulus(modulus_written(), datapath_.design().n));
    const std::uint64_t words = datapath_.reload_words();
    const Cycle begin = domain_.edge_after(sc_core::sc_time_stamp());
    loading_until_ = begin + (words + config_.table_words_per_cycle - 1) / config_.table_words_per_cycle;
    for (auto& q : queues_) q->hold_until(loading_until_);
  }
  unit_.irq_changes_at(sc_core::SC_ZERO_TIME);
}

}  // namespace allmod
