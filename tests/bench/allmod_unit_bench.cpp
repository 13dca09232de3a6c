// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Reductions a second of the SystemC unit (form pipelined, event, one operand a cycle, streams at both ends)
// in one run on one core: register_true beside a plain software sum over the same tables, lazy beside GMP's
// mpz_mod. `scripts/bench allmod` runs it and prints medians and ratios.
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
  Unit(const std::string& name, const allmod::ReducerConfig& config)
      : stats("bench"),
        reducer(name.c_str(), config, allmod::Modulus::named("random", config.design.n, 7), failure, stats,
                recorder),
        ring(kOperands * reducer.datapath().x_limbs()),
        source(ring, reducer.datapath().x_limbs()) {
    allmod::RandomOperands(config.design.n, 11)
        .get_many(0, kOperands, ring.data(), reducer.datapath().x_limbs());
    reducer.operands[0].bind(source);
    reducer.results[0].bind(sink);
  }

  sim::Failure failure;
  sim::stats::Group stats;
  sim::record::Recorder recorder;
  allmod::Reducer reducer;
  std::vector<Limb> ring;
  Source source;
  Sink sink;
};

allmod::ReducerConfig config_for(unsigned n, unsigned m, allmod::Stall stall, bool lazy) {
  allmod::ReducerConfig c;
  c.design.n = n;
  c.design.m = m;
  c.design.p = m == 0 ? 0 : 2;
  c.design.e = m == 0 ? 0 : 1;
  c.stall = stall;
  c.lazy = lazy;
  c.with_socket = false;
  return c;
}

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

// GMP's own remainder of the same operands.
void mpz_mod_of(benchmark::State& state, Unit& unit) {
  const std::size_t limbs = unit.reducer.datapath().x_limbs();
  std::vector<mpz_class> xs;
  for (std::size_t k = 0; k < kOperands; ++k) xs.push_back(allmod::to_mpz(&unit.ring[k * limbs], limbs));
  const mpz_class m = unit.reducer.tables().modulus().value();
  mpz_class y;
  for (auto _ : state) {
    for (const mpz_class& x : xs) {
      mpz_mod(y.get_mpz_t(), x.get_mpz_t(), m.get_mpz_t());
      benchmark::DoNotOptimize(y.get_mpz_t());
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kOperands));
}

}  // namespace

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::vector<std::unique_ptr<Unit>> units;
  const auto add = [&units](const allmod::ReducerConfig& config) -> Unit& {
    units.push_back(std::make_unique<Unit>("unit" + std::to_string(units.size()), config));
    return *units.back();
  };
  const auto measure = [](const std::string& name, auto function, Unit& unit) {
    benchmark::RegisterBenchmark(name.c_str(), [function, &unit](auto& state) { function(state, unit); });
  };
  using allmod::Stall;
  for (const unsigned n : {128u, 256u, 1024u}) {
    for (const unsigned m : {0u, 1u}) {
      const std::string suffix = "/n" + std::to_string(n) + "/m" + std::to_string(m);
      measure("unit_elastic" + suffix, unit_stream, add(config_for(n, m, Stall::elastic, false)));
      measure("unit_global" + suffix, unit_stream, add(config_for(n, m, Stall::global, false)));
      measure("plain_sum" + suffix, plain_sum, *units.back());
    }
  }
  for (const unsigned n : {128u, 256u, 1024u, 8192u}) {
    const std::string suffix = "/n" + std::to_string(n) + "/lazy";
    measure("lazy_elastic" + suffix, unit_stream, add(config_for(n, 1, Stall::elastic, true)));
    measure("lazy_global" + suffix, unit_stream, add(config_for(n, 1, Stall::global, true)));
    measure("mpz_mod" + suffix, mpz_mod_of, *units.back());
  }
  sc_core::sc_start();  // elaborate; nothing is offered yet
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
