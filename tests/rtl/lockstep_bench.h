// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// One SystemC simulation of the Verilated RTL and two SystemC units (event and clocked) on the same pins.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <systemc>

#include "models/allmod/function/operands.h"
#include "models/allmod/function/oracle.h"
#include "models/allmod/pin_adaptor.h"
#include "tests/rtl/rtl_design.h"

namespace allmod::test {

template <unsigned Bits>
std::array<std::uint32_t, (Bits + 31) / 32> words_of(const sc_dt::sc_biguint<Bits>& value) {
  std::array<std::uint32_t, (Bits + 31) / 32> words{};
  for (unsigned i = 0; i < words.size(); ++i)
    words[i] =
        value.range(static_cast<int>(std::min(Bits, 32 * i + 32) - 1), static_cast<int>(32 * i)).to_uint();
  return words;
}

// The RTL as a module with the pins of PinAdaptor.
template <unsigned N>
class RtlPins final : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"}, rst{"rst"}, in_valid{"in_valid"}, out_ready{"out_ready"};
  sc_core::sc_in<sc_dt::sc_biguint<2 * N>> in_data{"in_data"};
  sc_core::sc_out<bool> in_ready{"in_ready"}, out_valid{"out_valid"};
  sc_core::sc_out<sc_dt::sc_biguint<N>> out_data{"out_data"};

  RtlPins(sc_core::sc_module_name name, RtlDesign& design) : sc_module(name), design_(design) {
    SC_HAS_PROCESS(RtlPins);
    SC_METHOD(edge);
    this->sensitive << clk;
    this->dont_initialize();
    SC_METHOD(inputs);
    this->sensitive << rst << in_valid << in_data << out_ready;
    SC_METHOD(show);
    this->sensitive << shown_;
    this->dont_initialize();
  }

 private:
  // Signals still have the values from before the edge here.
  void edge() {
    // The edge at time 0 does nothing, as with the pin adaptor.
    if (clk.read() && sc_core::sc_time_stamp() == sc_core::SC_ZERO_TIME) return;
    design_.eval(clk.read());
    shown_.notify(sc_core::SC_ZERO_TIME);
  }
  void inputs() {
    design_.inputs(rst.read(), in_valid.read(), words_of<2 * N>(in_data.read()).data(), out_ready.read());
    design_.eval(clk_level());
    shown_.notify(sc_core::SC_ZERO_TIME);
  }
  bool clk_level() const { return clk.read() && sc_core::sc_time_stamp() != sc_core::SC_ZERO_TIME; }
  void show() {
    bool ready = false, valid = false;
    std::array<std::uint32_t, (N + 31) / 32> words{};
    design_.outputs(ready, valid, words.data());
    in_ready.write(ready);
    out_valid.write(valid);
    sc_dt::sc_biguint<N> y = 0;
    for (unsigned i = 0; i < words.size(); ++i)
      y.range(static_cast<int>(std::min(N, 32 * i + 32) - 1), static_cast<int>(32 * i)) = words[i];
    out_data.write(y);
  }

  RtlDesign& design_;
  sc_core::sc_event shown_;
};

struct LockstepResult {
  std::uint64_t cycles = 0, transfers = 0, stalls = 0, resets = 0;
  std::string difference;  // empty: none
};

// Drives all three with the same operands, pauses and resets, and compares every pin before every edge.
template <unsigned N>
class LockstepBench final : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_signal<bool> rst{"rst"}, in_valid{"in_valid"}, out_ready{"out_ready"};
  sc_core::sc_signal<sc_dt::sc_biguint<2 * N>> in_data{"in_data"};
  struct Outputs {
    sc_core::sc_signal<bool> in_ready, out_valid;
    sc_core::sc_signal<sc_dt::sc_biguint<N>> out_data;
  };
  std::array<Outputs, 3> outputs;  // RTL, event, clocked

  LockstepBench(sc_core::sc_module_name name, const Tables& tables, std::uint64_t cycles, std::uint64_t seed)
      : sc_module(name), random_(seed), cycles_(cycles) {
    const AdversarialOperands operands(tables, seed);
    std::vector<Limb> x(operands.x_limbs());
    for (unsigned i = 0; i < kPool; ++i) {
      operands.get(i % 2 == 0 ? random_() % operands.special() : operands.special() + i, x.data());
      sc_dt::sc_biguint<2 * N> value = 0;
      for (unsigned k = 0; k < x.size(); ++k)
        value.range(static_cast<int>(std::min(2 * N, 64 * k + 64) - 1), static_cast<int>(64 * k)) = x[k];
      pool_.push_back(value);
    }
    SC_HAS_PROCESS(LockstepBench);
    SC_METHOD(edge);
    this->sensitive << clk.pos();
    this->dont_initialize();
  }
  const LockstepResult& result() const { return result_; }

 private:
  static constexpr unsigned kPool = 4096;
  static constexpr const char* kNames[3] = {"RTL", "SystemC event", "SystemC clocked"};

  void edge() {
    // 1. What the pins showed before this edge.
    if (result_.cycles > 0) compare();
    if (!result_.difference.empty() || result_.cycles == cycles_) return sc_core::sc_stop();
    // 2. New values for the next cycle. An offer need not stay until it is taken.
    ++result_.cycles;
    const unsigned phase =
        static_cast<unsigned>(result_.cycles / 500 % 4);  // bursts, both random, slow sink, slow source
    const bool reset = result_.cycles < 3 || random_() % 400 == 0;
    result_.resets += reset ? 1 : 0;
    rst.write(reset);
    in_valid.write(phase == 0 || random_() % 10 < (phase == 3 ? 2u : 7u));
    out_ready.write(phase == 0 || random_() % 10 < (phase == 2 ? 2u : 7u));
    in_data.write(pool_[random_() % kPool]);
  }

  void compare() {
    const Outputs& rtl = outputs[0];
    const bool valid = rtl.out_valid.read(), ready = rtl.in_ready.read();
    result_.transfers += valid && out_ready.read() ? 1 : 0;
    result_.stalls += valid && !out_ready.read() ? 1 : 0;
    for (unsigned k = 1; k < 3; ++k) {
      const Outputs& unit = outputs[k];
      const char* what = nullptr;
      if (unit.out_valid.read() != valid)
        what = "out_valid";
      else if (unit.in_ready.read() != ready)
        what = "in_ready";
      else if (valid && unit.out_data.read() != rtl.out_data.read())
        what = "out_data";
      if (what == nullptr) continue;
      result_.difference = std::string(what) + " differs in cycle " + std::to_string(result_.cycles) + ": " +
                           kNames[0] + " " + text(rtl) + ", " + kNames[k] + " " + text(unit);
      return;
    }
  }
  static std::string text(const Outputs& o) {
    return "in_ready=" + std::to_string(o.in_ready.read()) +
           " out_valid=" + std::to_string(o.out_valid.read()) +
           " out_data=" + o.out_data.read().to_string(sc_dt::SC_HEX_US);
  }

  std::mt19937_64 random_;
  std::uint64_t cycles_;
  std::vector<sc_dt::sc_biguint<2 * N>> pool_;
  LockstepResult result_;
};

}  // namespace allmod::test
