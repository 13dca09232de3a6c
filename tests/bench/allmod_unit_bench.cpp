// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Reductions a second of the SystemC unit (form pipelined, event, one operand a cycle, streams at both ends)
// in one run on one core: register_true beside a plain software sum over the same tables, lazy beside GMP's
// mpz_mod. `scripts/bench allmod` runs it and prints medians and ratios.
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "tests/bench/plain_sum.h"
#include "tests/bench/unit_stream.h"

namespace {

using allmod::bench::config_for;
using allmod::bench::kOperands;
using allmod::bench::Unit;
using allmod::bench::unit_stream;

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
