// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The SystemC unit with one operand a cycle, for benchmarks.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include <benchmark/benchmark.h>

#include "models/allmod/function/operands.h"
#include "models/allmod/reducer.h"
#include "sim/core/failure.h"

namespace allmod::bench {

using sim::Cycle;

constexpr std::size_t kOperands = 512;  // that the baseline and the unit both work on, again and again

// Offers `left` operands out of a ring, one a cycle.
class Source final : public OperandSource {
 public:
  Source(const std::vector<Limb>& ring, std::size_t x_limbs) : ring_(ring), x_limbs_(x_limbs) {}
  void refill(std::uint64_t operands) { left_ = operands; }
  Offer offer(Cycle from) override {
    const std::size_t run = static_cast<std::size_t>(std::min<std::uint64_t>(left_, kOperands - at_));
    if (run == 0) return {};
    return {from, run, &ring_[at_ * x_limbs_]};
  }
  void taken(std::size_t count, Cycle) override {
    at_ = (at_ + count) % kOperands;
    left_ -= count;
  }
  Cycle settled_until(Cycle) const override { return sim::kNever; }

 private:
  const std::vector<Limb>& ring_;
  std::size_t x_limbs_, at_ = 0;
  std::uint64_t left_ = 0;
};

class Sink final : public ResultSink {
 public:
  Interval ready(Cycle from) override { return {from, sim::kNever}; }
  void put(const Cycle*, const Limb* results, std::size_t count) override {
    benchmark::DoNotOptimize(results);
    taken += count;
  }
  Cycle settled_until(Cycle) const override { return sim::kNever; }
  std::uint64_t taken = 0;
};

struct Unit {
  Unit(const std::string& name, const ReducerConfig& config)
      : stats("bench"),
        reducer(name.c_str(), config, Modulus::named("random", config.design.n, 7), failure, stats, recorder),
        ring(kOperands * reducer.datapath().x_limbs()),
        source(ring, reducer.datapath().x_limbs()) {
    RandomOperands(config.design.n, 11).get_many(0, kOperands, ring.data(), reducer.datapath().x_limbs());
    reducer.operands[0].bind(source);
    reducer.results[0].bind(sink);
  }

  sim::Failure failure;
  sim::stats::Group stats;
  sim::record::Recorder recorder;
  Reducer reducer;
  std::vector<Limb> ring;
  Source source;
  Sink sink;
};

inline ReducerConfig config_for(unsigned n, unsigned m, Stall stall, bool lazy) {
  ReducerConfig c;
  c.design.n = n;
  c.design.m = m;
  c.design.p = m == 0 ? 0 : 2;
  c.design.e = m == 0 ? 0 : 1;
  c.stall = stall;
  c.lazy = lazy;
  c.with_socket = false;
  return c;
}

inline void unit_stream(benchmark::State& state, Unit& unit) {
  constexpr std::uint64_t kChunk = 32 * kOperands;
  for (auto _ : state) {
    unit.source.refill(kChunk);
    unit.reducer.lane(0).wake(unit.reducer.domain().now() + 1);
    sc_core::sc_start();
  }
  unit.failure.rethrow();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kChunk));
}

}  // namespace allmod::bench
