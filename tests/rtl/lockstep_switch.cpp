// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The switch. The simulator's has no pins: what is compared are its events, to the cycle. With messages of
// one packet each the two that a GPU sees tell all there is: `left` is a source's grant and its packet's
// flits, `arrived` the grant at the switch's output, the flits and the link. Credits show in what later
// grants wait for.
#include <memory>
#include <random>
#include <vector>

#include "models/ring/network/network.h"
#include "models/ring/topology/generators.h"
#include "tests/rtl/lockstep_units.h"

namespace rtl_test {
namespace {

constexpr ring::Ps kCycle = 1000;
constexpr unsigned kFlit = 16;  // bytes, and on the wire in a cycle
constexpr unsigned kMostFlits = 17;

class SwitchBench {
 public:
  SwitchBench(allmod::test::RtlDesign& design, const Parameters& p)
      : design_(design),
        ports_(static_cast<unsigned>(p.get("ports"))),
        cycles_(p.get("cycles")),
        random_(p.get("seed")),
        pins_in_((33 * ports_ + 31) / 32 + 1),
        pins_out_((35 * ports_ + 31) / 32 + 1),
        waiting_(ports_),
        rtl_(ports_),
        unit_(ports_) {
    ring::LinkClass link;
    link.name = "link";
    link.rate = {kFlit * 1'000'000'000ULL};
    link.payload_bytes = kFlit * (kMostFlits - 1);
    link.header_bytes = kFlit;
    link.latency_ps = p.get("wire") * kCycle;
    link.credits = static_cast<std::uint32_t>(p.get("credits"));
    fabric_ = ring::nvswitch(ports_, 1, link);
    fabric_.ports[ports_].latency_ps = p.get("latency") * kCycle;
    routes_ = std::make_unique<ring::Routes>(ring::Routes::make(fabric_));
    hardware_.level = ring::Level::packet;
  }

  Lockstep run() {
    reset();
    for (; result_.cycles < cycles_ && result_.difference.empty(); ++result_.cycles) {
      design_.eval(true);
      read_rtl();
      read_unit();
      compare();
      stimuli();
      design_.inputs(false, true, pins_in_.data(), true);
      design_.eval(false);
      ++now_;
      if (random_() % 20000 == 0) reset();
    }
    return result_;
  }

 private:
  struct Seen {
    int left = -1, arrived = -1;  // number of the packet; -1: none in this cycle
  };

  void reset() {
    std::fill(pins_in_.begin(), pins_in_.end(), 0);
    for (int i = 0; i < 2; ++i) {
      design_.inputs(true, false, pins_in_.data(), true);
      design_.eval(false);
      design_.eval(true);
    }
    design_.inputs(false, false, pins_in_.data(), true);
    design_.eval(false);
    network_ = std::make_unique<ring::PacketNetwork>(fabric_, *routes_, hardware_, random_());
    now_ = 0;
    std::fill(waiting_.begin(), waiting_.end(), 0);
    ++result_.resets;
  }

  void read_rtl() {
    bool ready = false, valid = false;
    design_.outputs(ready, valid, pins_out_.data());
    for (unsigned i = 0; i < ports_; ++i) {
      const auto bit = [&](unsigned b) { return get_bits(pins_out_.data(), 35 * i + b, 1) != 0; };
      rtl_[i] = {};
      if (bit(34)) rtl_[i].left = static_cast<int>(get_bits(pins_out_.data(), 35 * i + 16, 16));
      if (bit(33)) rtl_[i].arrived = static_cast<int>(get_bits(pins_out_.data(), 35 * i, 16));
      if (bit(32)) differs("flits that are no packet came to gpu" + std::to_string(i));
    }
  }
  void read_unit() {
    std::fill(unit_.begin(), unit_.end(), Seen());
    const ring::Ps now = now_ * kCycle;
    for (bool again = true; again;) {
      again = network_->advance(now) < now;
      for (ring::Notice n; network_->pop(now, n);) {
        if (n.at != now) differs("a notice between two edges, at " + std::to_string(n.at) + " ps");
        const unsigned number = n.message, from = number % 16, to = number / 16 % 16;
        (n.kind == ring::Notice::Kind::left ? unit_[from].left : unit_[to].arrived) =
            static_cast<int>(number);
      }
    }
  }
  void compare() {
    for (unsigned i = 0; i < ports_; ++i) {
      const Seen& r = rtl_[i];
      const Seen& u = unit_[i];
      result_.events += (r.left >= 0 ? 1 : 0) + (r.arrived >= 0 ? 1 : 0);
      if (r.left != u.left) differs(text("left", i, r.left, u.left));
      if (r.arrived != u.arrived) differs(text("arrived", i, r.arrived, u.arrived));
      if (r.left >= 0 && waiting_[i] > 0) waiting_[i] = 0;
      result_.stalls += waiting_[i] > kMostFlits ? 1 : 0;  // longer than any packet takes
      if (waiting_[i] > 0) ++waiting_[i];
    }
  }
  void stimuli() {
    const unsigned phase = static_cast<unsigned>(now_ / 1000 % 5);
    const unsigned target = static_cast<unsigned>(now_ / 5000 % ports_);
    for (unsigned i = 0; i < ports_; ++i) {
      const bool send = waiting_[i] == 0 && (phase < 3 || random_() % 24 == 0);
      put_bits(pins_in_.data(), 33 * i + 32, 1, send ? 1 : 0);
      if (!send) continue;
      unsigned to = static_cast<unsigned>(random_() % ports_);
      if (phase == 1 && random_() % 4 != 0) to = target;
      if (phase == 2) to = (i + 1 + target) % ports_;
      if (to == i) to = (i + 1) % ports_;
      const unsigned flits = 2 + static_cast<unsigned>(random_() % (phase == 4 ? 2 : kMostFlits - 1));
      const unsigned number = (++sequence_ % 256) * 256 + to * 16 + i;
      put_bits(pins_in_.data(), 33 * i, 32, std::uint64_t{number} << 16 | flits << 8 | to);
      network_->send(number, i, to, kFlit * (flits - 1), now_ * kCycle);
      waiting_[i] = 1;
    }
  }
  static std::string text(const char* what, unsigned i, int rtl, int unit) {
    const auto shown = [](int n) { return n < 0 ? std::string("none") : "packet " + std::to_string(n); };
    return std::string(what) + " of gpu" + std::to_string(i) + ": RTL " + shown(rtl) + ", unit " +
           shown(unit);
  }
  void differs(const std::string& what) {
    if (result_.difference.empty())
      result_.difference = what + ", in cycle " + std::to_string(result_.cycles);
  }

  allmod::test::RtlDesign& design_;
  const unsigned ports_;
  const std::uint64_t cycles_;
  std::mt19937_64 random_;
  std::vector<std::uint32_t> pins_in_, pins_out_;
  std::vector<unsigned> waiting_;  // cycles since the packet was handed over; 0: none
  std::vector<Seen> rtl_, unit_;
  ring::Fabric fabric_;
  std::unique_ptr<ring::Routes> routes_;
  ring::Hardware hardware_;
  std::unique_ptr<ring::PacketNetwork> network_;
  std::uint64_t now_ = 0;  // cycles since reset
  unsigned sequence_ = 0;
  Lockstep result_;
};

}  // namespace

Lockstep run_switch(allmod::test::RtlDesign& design, const Parameters& parameters) {
  return SwitchBench(design, parameters).run();
}

}  // namespace rtl_test
