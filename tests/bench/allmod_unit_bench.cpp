// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Reductions a second of the SystemC unit (form pipelined, register_true, event, one operand a cycle, streams
// at both ends) beside a plain software sum over the same tables, in one run on one core. `scripts/bench
// allmod` runs it and prints medians and ratios.
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include <benchmark/benchmark.h>

#include "models/allmod/function/operands.h"
#include "models/allmod/reducer.h"
#include "sim/core/failure.h"
#include "tests/bench/plain_sum.h"

namespace {

using allmod::Limb;
using sim::Cycle;

constexpr std::size_t kOperands = 512;  // that the baseline and the unit both work on, again and again

// Offers `left` operands out of a ring, one a cycle.
class Source final : public allmod::OperandSource {
 public:
  Source(const std::vector<Limb>& ring, std::size_t x_limbs) : ring_(ring), x_limbs_(x_limbs) {}
  void refill(std::uint64_t operands) { left_ = operands; }
  allmod::Offer offer(Cycle from) override {
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

class Sink final : public allmod::ResultSink {
 public:
  allmod::Interval ready(Cycle from) override { return {from, sim::kNever}; }
  void put(const Cycle*, const Limb* results, std::size_t count) override {
    benchmark::DoNotOptimize(results);
    taken += count;
  }
  Cycle settled_until(Cycle) const override { return sim::kNever; }
  std::uint64_t taken = 0;
};

struct Unit {
  Unit(unsigned n, unsigned m, allmod::Stall stall)
      : stats("bench"),
        reducer(
            ("r" + std::to_string(n) + "_" + std::to_string(m) + (stall == allmod::Stall::global ? "g" : "e"))
                .c_str(),
            config(n, m, stall), allmod::Modulus::named("random", n, 7), failure, stats, recorder),
        ring(kOperands * reducer.datapath().x_limbs()),
        source(ring, reducer.datapath().x_limbs()) {
    allmod::RandomOperands(n, 11).get_many(0, kOperands, ring.data(), reducer.datapath().x_limbs());
    reducer.operands[0].bind(source);
    reducer.results[0].bind(sink);
  }
  static allmod::ReducerConfig config(unsigned n, unsigned m, allmod::Stall stall) {
    allmod::ReducerConfig c;
    c.design.n = n;
    c.design.m = m;
    c.design.p = m == 0 ? 0 : 2;
    c.design.e = m == 0 ? 0 : 1;
    c.stall = stall;
    c.with_socket = false;
    return c;
  }

  sim::Failure failure;
  sim::stats::Group stats;
  sim::record::Recorder recorder;
  allmod::Reducer reducer;
  std::vector<Limb> ring;
  Source source;
  Sink sink;
};

void unit_stream(benchmark::State& state, Unit& unit) {
  constexpr std::uint64_t kChunk = 32 * kOperands;
  for (auto _ : state) {
    unit.source.refill(kChunk);
    unit.reducer.lane(0).wake(unit.reducer.domain().now() + 1);
    sc_core::sc_start();
  }
  unit.failure.rethrow();
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kChunk));
}

void plain_sum(benchmark::State& state, Unit& unit) {
  allmod::bench::PlainSum sum(unit.reducer.datapath(), unit.reducer.tables());
  for (auto _ : state) {
    for (std::size_t k = 0; k < kOperands; ++k) {
      benchmark::DoNotOptimize(sum.add_up(&unit.ring[k * unit.reducer.datapath().x_limbs()]));
      benchmark::ClobberMemory();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kOperands));
}

}  // namespace

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::vector<std::unique_ptr<Unit>> units;
  for (const unsigned n : {128u, 256u, 1024u}) {
    for (const unsigned m : {0u, 1u}) {
      const std::string suffix = "/n" + std::to_string(n) + "/m" + std::to_string(m);
      for (const allmod::Stall stall : {allmod::Stall::elastic, allmod::Stall::global}) {
        units.push_back(std::make_unique<Unit>(n, m, stall));
        Unit& unit = *units.back();
        const char* name = stall == allmod::Stall::elastic ? "unit_elastic" : "unit_global";
        benchmark::RegisterBenchmark((name + suffix).c_str(),
                                     [&unit](auto& state) { unit_stream(state, unit); });
      }
      Unit& unit = *units.back();
      benchmark::RegisterBenchmark(("plain_sum" + suffix).c_str(),
                                   [&unit](auto& state) { plain_sum(state, unit); });
    }
  }
  sc_core::sc_start();  // elaborate; nothing is offered yet
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
