// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The pin adaptor behaves as registers at a clock edge do: four units (event, clocked) x (elastic, global) on
// the same pins, each against a small model of its stall policy that is written as RTL would be.
#include <deque>
#include <memory>
#include <optional>
#include <random>

#include <gmpxx.h>
#include <gtest/gtest.h>

#include "models/allmod/pin_adaptor.h"
#include "sim/core/failure.h"

namespace allmod {
namespace {

constexpr unsigned kBits = 70;
using X = sc_dt::sc_biguint<2 * kBits>;
using Y = sc_dt::sc_biguint<kBits>;

mpz_class number(const sc_dt::sc_unsigned& v) { return mpz_class(v.to_string(sc_dt::SC_HEX_US, false), 16); }

// What a pipeline of two-entry FIFOs, or of registers with one clock enable, does at one edge.
class Model {
 public:
  Model(bool elastic, unsigned stages) : elastic_(elastic), fifos_(stages) {}
  bool out_valid() const { return !fifos_.back().empty(); }
  bool in_ready(bool out_ready) const {
    return elastic_ ? fifos_.front().size() < 2 : !out_valid() || out_ready;
  }
  const mpz_class& out_data() const { return fifos_.back().front(); }
  void edge(bool rst, bool in_valid, const mpz_class& y, bool out_ready) {
    if (rst) {
      for (auto& f : fifos_) f.clear();
      return;
    }
    const bool take = in_valid && in_ready(out_ready);
    std::vector<std::size_t> size;
    for (const auto& f : fifos_) size.push_back(f.size());
    if (!elastic_ && out_valid() && !out_ready) return;
    if (out_valid() && out_ready) fifos_.back().pop_front();
    for (std::size_t s = fifos_.size() - 1; s-- > 0;) {
      if (size[s] == 0 || (elastic_ && size[s + 1] == 2)) continue;
      fifos_[s + 1].push_back(fifos_[s].front());
      fifos_[s].pop_front();
    }
    if (take) fifos_.front().push_back(y);
  }

 private:
  bool elastic_;
  std::vector<std::deque<mpz_class>> fifos_;
};

struct Unit {
  Unit(const char* name, const ReducerConfig& config, const Modulus& m)
      : stats(name),
        reducer(name, config, m, failure, stats, recorder),
        pins((std::string(name) + "_pins").c_str(), reducer),
        model(config.stall == Stall::elastic, static_cast<unsigned>(reducer.datapath().stages().size())) {
    pins.in_ready(in_ready);
    pins.out_valid(out_valid);
    pins.out_data(out_data);
  }
  sim::Failure failure;
  sim::stats::Group stats;
  sim::record::Recorder recorder;
  Reducer reducer;
  PinAdaptor<kBits> pins;
  Model model;
  sc_core::sc_signal<bool> in_ready, out_valid;
  sc_core::sc_signal<Y> out_data;
};

// A synchronous bench: its outputs change with the edge, as flip-flops' do.
struct Bench : sc_core::sc_module {
  Bench(sc_core::sc_module_name name, const Modulus& m, std::vector<std::unique_ptr<Unit>>& units)
      : sc_module(name), units_(units), modulus_(m.value()) {
    SC_HAS_PROCESS(Bench);
    SC_METHOD(edge);
    sensitive << clk.pos();
    dont_initialize();
  }
  sc_core::sc_in<bool> clk{"clk"};
  sc_core::sc_signal<bool> rst{"rst"}, in_valid{"in_valid"}, out_ready{"out_ready"};
  sc_core::sc_signal<X> in_data{"in_data"};
  unsigned compared = 0, transfers = 0;

 private:
  void edge() {
    const mpz_class y = number(in_data.read()) % modulus_;
    for (auto& u : units_) {
      // 1. What the pins showed before this edge.
      if (cycle_ > 0) {
        ASSERT_EQ(u->out_valid.read(), u->model.out_valid()) << "cycle " << cycle_;
        ASSERT_EQ(u->in_ready.read(), u->model.in_ready(out_ready.read())) << "cycle " << cycle_;
        if (u->model.out_valid()) {
          ASSERT_EQ(number(u->out_data.read()), u->model.out_data()) << "cycle " << cycle_;
          transfers += out_ready.read() ? 1 : 0;
        }
        ++compared;
      }
      // 2. The edge itself. The one at time 0 does nothing.
      if (cycle_ > 0) u->model.edge(rst.read(), in_valid.read(), y, out_ready.read());
    }
    // 3. New values for the next cycle; an offer need not stay until it is taken.
    ++cycle_;
    const unsigned phase = cycle_ / 400 % 4;  // bursts, both random, slow sink, slow source
    rst.write(cycle_ < 3 || random_() % 300 == 0);
    in_valid.write(phase == 0 || random_() % 10 < (phase == 3 ? 2u : 7u));
    out_ready.write(phase == 0 || random_() % 10 < (phase == 2 ? 2u : 7u));
    X x = 0;
    for (unsigned i = 0; i < 2 * kBits; i += 20)
      x.range(static_cast<int>(i + 19), static_cast<int>(i)) = random_() & 0xfffffu;
    in_data.write(x);
  }

  std::vector<std::unique_ptr<Unit>>& units_;
  mpz_class modulus_;
  std::mt19937_64 random_{7};
  unsigned cycle_ = 0;
};

TEST(Pins, BehaveAsRegistersAtAnEdge) {
  ReducerConfig config;
  config.design = {Form::pipelined, kBits, 6, 3, 2, 1, 2, 2, 0};
  config.clock_mhz = 500;
  config.with_socket = false;
  const Modulus m = Modulus::named("random", kBits, 5);
  std::vector<std::unique_ptr<Unit>> units;
  for (Detail detail : {Detail::event, Detail::clocked}) {
    for (Stall stall : {Stall::elastic, Stall::global}) {
      config.detail = detail;
      config.stall = stall;
      units.push_back(std::make_unique<Unit>(("u" + std::to_string(units.size())).c_str(), config, m));
    }
  }
  sc_core::sc_clock clk("clk", sc_core::sc_time(2, sc_core::SC_NS));
  Bench bench("bench", m, units);
  bench.clk(clk);
  for (auto& u : units) {
    u->pins.clk(clk);
    u->pins.rst(bench.rst);
    u->pins.in_valid(bench.in_valid);
    u->pins.in_data(bench.in_data);
    u->pins.out_ready(bench.out_ready);
  }
  sc_core::sc_start(16, sc_core::SC_US);
  for (auto& u : units) u->failure.rethrow();
  EXPECT_EQ(bench.compared, 4u * 7999u);  // every edge but the one at time 0
  EXPECT_GT(bench.transfers, 4u * 2000u);
}

TEST(Pins, RefuseAClockThatDoesNotFit) {
  ReducerConfig config;
  config.design = {Form::pipelined, kBits, 6, 3, 2, 1, 2, 2, 0};
  config.clock_mhz = 500;
  config.with_socket = false;
  Unit unit("u", config, Modulus::named("random", kBits, 5));
  sc_core::sc_clock clk("clk", sc_core::sc_time(3, sc_core::SC_NS));
  sc_core::sc_signal<bool> low;
  sc_core::sc_signal<X> data;
  unit.pins.clk(clk);
  unit.pins.rst(low);
  unit.pins.in_valid(low);
  unit.pins.out_ready(low);
  unit.pins.in_data(data);
  EXPECT_THROW(sc_core::sc_start(10, sc_core::SC_NS), sc_core::sc_report);
}

}  // namespace
}  // namespace allmod
