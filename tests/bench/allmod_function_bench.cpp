// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Reductions a second on one core, register-true, against a plain software sum over the same tables and
// against GMP's division. Only ratios within one run mean something on a shared machine:
//   bench_allmod_function --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true
#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/operands.h"
#include "models/allmod/function/oracle.h"
#include "tests/bench/plain_sum.h"

namespace {

using allmod::Limb;

constexpr std::size_t kOperands = 512;

struct Setting {
  explicit Setting(const benchmark::State& state)
      : datapath(design(state)),
        tables(datapath, allmod::Modulus::named("random", datapath.design().n, 7)),
        xs(kOperands * datapath.x_limbs()),
        ys(kOperands * datapath.n_limbs()) {
    allmod::RandomOperands(datapath.design().n, 11).get_many(0, kOperands, xs.data(), datapath.x_limbs());
  }

  static allmod::Design design(const benchmark::State& state) {
    allmod::Design d;
    d.n = static_cast<unsigned>(state.range(0));
    d.m = static_cast<unsigned>(state.range(1));
    d.p = d.m == 0 ? 0 : 2;
    d.e = d.m == 0 ? 0 : 1;
    return d;
  }

  allmod::Datapath datapath;
  allmod::Tables tables;
  std::vector<Limb> xs, ys;
};

void finish(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kOperands));
}

void plain_sum(benchmark::State& state) {
  Setting s(state);
  allmod::bench::PlainSum sum(s.datapath, s.tables);
  for (auto _ : state) {
    for (std::size_t k = 0; k < kOperands; ++k) {
      benchmark::DoNotOptimize(sum.add_up(s.xs.data() + k * s.datapath.x_limbs()));
      benchmark::ClobberMemory();
    }
  }
  finish(state);
}

void register_true(benchmark::State& state) {
  Setting s(state);
  allmod::Evaluator evaluator(s.datapath, s.tables, allmod::Checks::off);
  for (auto _ : state) {
    evaluator.reduce_many(s.xs.data(), kOperands, s.datapath.x_limbs(), s.ys.data(), s.datapath.n_limbs());
    benchmark::ClobberMemory();
  }
  finish(state);
}

// The same one operand at a time.
void register_true_single(benchmark::State& state) {
  Setting s(state);
  allmod::Evaluator evaluator(s.datapath, s.tables, allmod::Checks::off);
  for (auto _ : state) {
    for (std::size_t k = 0; k < kOperands; ++k)
      evaluator.reduce(s.xs.data() + k * s.datapath.x_limbs(), s.ys.data() + k * s.datapath.n_limbs());
    benchmark::ClobberMemory();
  }
  finish(state);
}

// Stage by stage with every register stored.
void register_true_stages(benchmark::State& state) {
  Setting s(state);
  allmod::Evaluator evaluator(s.datapath, s.tables, allmod::Checks::off);
  allmod::Token token = evaluator.make_token();
  const auto stages = static_cast<unsigned>(s.datapath.stages().size());
  for (auto _ : state) {
    for (std::size_t k = 0; k < kOperands; ++k) {
      evaluator.load(token, s.xs.data() + k * s.datapath.x_limbs());
      for (unsigned stage = 1; stage < stages; ++stage) evaluator.run_stage(stage, token);
      evaluator.result(token, s.ys.data() + k * s.datapath.n_limbs());
    }
    benchmark::ClobberMemory();
  }
  finish(state);
}

void gmp_division(benchmark::State& state) {
  Setting s(state);
  allmod::Oracle oracle(s.tables.modulus());
  for (auto _ : state) {
    for (std::size_t k = 0; k < kOperands; ++k)
      oracle.reduce(s.xs.data() + k * s.datapath.x_limbs(), s.ys.data() + k * s.datapath.n_limbs());
    benchmark::ClobberMemory();
  }
  finish(state);
}

void random_operands(benchmark::State& state) {
  Setting s(state);
  const allmod::RandomOperands source(s.datapath.design().n, 3);
  std::uint64_t first = 0;
  for (auto _ : state) {
    source.get_many(first, kOperands, s.xs.data(), s.datapath.x_limbs());
    first += kOperands;
    benchmark::ClobberMemory();
  }
  finish(state);
}

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"n", "m"})->MeasureProcessCPUTime();
  for (const int n : {128, 256, 1024})
    for (const int m : {0, 1}) b->Args({n, m});
}

void some_sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"n", "m"})->MeasureProcessCPUTime();
  for (const int n : {128, 256, 1024}) b->Args({n, 1});
}

BENCHMARK(plain_sum)->Apply(sizes);
BENCHMARK(register_true)->Apply(sizes);
BENCHMARK(register_true_single)->Apply(some_sizes);
BENCHMARK(register_true_stages)->Apply(some_sizes);
BENCHMARK(gmp_division)->Apply(some_sizes);
BENCHMARK(random_operands)->Apply(some_sizes);

}  // namespace
