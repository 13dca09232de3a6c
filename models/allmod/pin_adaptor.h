// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <systemc>

#include "models/allmod/reducer.h"
#include "sim/core/clocked.h"
#include "sim/core/error.h"

namespace allmod {

// A pin that remembers its value before the last change: what changes with an edge counts after that edge.
template <class T>
class EdgePin {
 public:
  void change(const T& value) {
    const sc_core::sc_time t = sc_core::sc_time_stamp();
    if (changed_ != t) before_ = now_;
    now_ = value;
    changed_ = t;
  }
  // The value just before the present instant.
  const T& sampled() const { return changed_ == sc_core::sc_time_stamp() ? before_ : now_; }

 private:
  T now_{}, before_{};
  sc_core::sc_time changed_;
};

// Pins for one lane of a reducer, for test benches and for RTL beside it: clk, rst, and valid/ready/data at
// both ends. N is the length of the modulus in bits.
//
// The unit has a clock of its own; `clk` must run with it: rising edges at whole multiples of its period (an
// error is reported otherwise). A transfer happens at a rising edge at which valid and ready are high, as in
// RTL. `rst` is active high and synchronous; it is sampled at the falling edge before. `in_ready` follows
// `out_ready` within the cycle if the unit stalls globally; all other outputs come from registers. The edge
// at time 0 does nothing.
template <unsigned N>
class PinAdaptor final : public sc_core::sc_module,
                         public OperandSource,
                         public ResultSink,
                         private sim::Clocked {
 public:
  sc_core::sc_in<bool> clk;
  sc_core::sc_in<bool> rst;
  sc_core::sc_in<bool> in_valid;
  sc_core::sc_out<bool> in_ready;
  sc_core::sc_in<sc_dt::sc_biguint<2 * N>> in_data;
  sc_core::sc_out<bool> out_valid;
  sc_core::sc_in<bool> out_ready;
  sc_core::sc_out<sc_dt::sc_biguint<N>> out_data;

  // Binds itself to both stream ports of the lane. `reducer` must outlive it.
  explicit PinAdaptor(sc_core::sc_module_name module_name, Reducer& reducer, unsigned lane = 0)
      : sc_module(module_name),
        Clocked(std::string(sc_module::name())),
        clk("clk"),
        rst("rst"),
        in_valid("in_valid"),
        in_ready("in_ready"),
        in_data("in_data"),
        out_valid("out_valid"),
        out_ready("out_ready"),
        out_data("out_data"),
        reducer_(reducer),
        lane_(reducer.lane(lane)) {
    const unsigned n = reducer.datapath().design().n;
    if (n != N) {
      throw sim::Error(sim::Exit::usage, std::string(sc_module::name()) + ": pins for " + std::to_string(N) +
                                             " bits on a reducer of " + std::to_string(n));
    }
    reducer.operands[lane].bind(*this);
    reducer.results[lane].bind(*this);
    reducer.domain().add(static_cast<Clocked&>(*this));
    SC_HAS_PROCESS(PinAdaptor);
    SC_METHOD(on_rise);
    this->sensitive << clk.pos();
    this->dont_initialize();
    SC_METHOD(on_fall);
    this->sensitive << clk.neg();
    this->dont_initialize();
    SC_METHOD(on_pins);
    this->sensitive << in_valid << in_data << out_ready;
    SC_METHOD(show);
    this->sensitive << shown_ << out_ready;
  }

  // --- The lane's view: the pins as they were just before the edge of this cycle; nothing beyond is known.
  Offer offer(sim::Cycle from) override {
    if (from != reducer_.domain().now() || !valid_.sampled()) return {};
    return {from, 1, data_.sampled().data()};
  }
  void taken(std::size_t, sim::Cycle) override {}
  Interval ready(sim::Cycle from) override {
    if (from != reducer_.domain().now() || !ready_.sampled()) return {};
    return {from, from + 1};
  }
  void put(const sim::Cycle*, const Limb*, std::size_t) override {}
  sim::Cycle settled_until(sim::Cycle from) const override { return from + 1; }

 private:
  static constexpr unsigned limbs(unsigned bits) { return (bits + kLimbBits - 1) / kLimbBits; }

  void on_pins() {
    valid_.change(in_valid.read());
    ready_.change(out_ready.read());
    const sc_dt::sc_biguint<2 * N> x = in_data.read();
    std::vector<Limb> words(limbs(2 * N));
    for (unsigned i = 0; i < words.size(); ++i) {
      const unsigned high = std::min((i + 1) * kLimbBits, 2 * N) - 1;
      words[i] = x.range(static_cast<int>(high), static_cast<int>(i * kLimbBits)).to_uint64();
    }
    data_.change(words);
  }

  void on_rise() {
    const sc_core::sc_time& period = reducer_.domain().period();
    if (sc_core::sc_time_stamp().value() % period.value() == 0) return;
    const std::string text =
        "rising edge of clk not at a multiple of the unit's period, " + period.to_string();
    SC_REPORT_ERROR(sc_module::name(), text.c_str());
  }

  void on_fall() {
    if (rst.read()) reducer_.domain().reset();
  }

  // --- A member of the unit's clock domain, awake at every edge: pins are cycle by cycle by nature.
  void evaluate(sim::Cycle now) override {
    lane_.wake(now + 1);
    shown_.notify(sc_core::SC_ZERO_TIME);
  }
  sim::Cycle next_cycle(sim::Cycle now) const override { return now + 1; }
  void reset() override { shown_.notify(sc_core::SC_ZERO_TIME); }

  void show() {
    const bool valid = lane_.out_valid();
    out_valid.write(valid);
    in_ready.write(lane_.in_ready(out_ready.read()));
    if (!valid) return;
    const Limb* y = lane_.out_data();
    sc_dt::sc_biguint<N> data = 0;
    for (unsigned i = 0; i < limbs(N); ++i) {
      const unsigned high = std::min((i + 1) * kLimbBits, N) - 1;
      data.range(static_cast<int>(high), static_cast<int>(i * kLimbBits)) = y[i];
    }
    out_data.write(data);
  }

  Reducer& reducer_;
  Lane& lane_;
  EdgePin<bool> valid_, ready_;
  EdgePin<std::vector<Limb>> data_;
  sc_core::sc_event shown_;
};

}  // namespace allmod
