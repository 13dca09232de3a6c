// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The companion's kernels on one thread: integer matrix-vector products, and one layer's attention over the
// KV formats.
#include <cstdint>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "traces/workload/flexquant/activation.h"
#include "traces/workload/host/integer_kernels.h"
#include "traces/workload/host/kv_caches.h"
#include "traces/workload/million/encode.h"

namespace {

using workload::KvFormat;
using workload::SimdLevel;

std::vector<float> normal(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution;
  std::vector<float> x(size);
  for (float& v : x) v = distribution(random);
  return x;
}

// A level that this processor lacks is left out.
bool lacks(benchmark::State& state, SimdLevel level) {
  if (level <= workload::detect_simd_level()) return false;
  state.SkipWithError("not on this processor");
  return true;
}

constexpr std::size_t kRows = 1024;
constexpr std::size_t kCols = 4096;

void gemv_int8(benchmark::State& state) {
  const auto level = static_cast<SimdLevel>(state.range(0));
  if (lacks(state, level)) return;
  const std::vector<float> weights = normal(kRows * kCols, 1);
  const flexquant::Int8Matrix w = flexquant::quantise_int8(weights.data(), kRows, kCols);
  const flexquant::Activation a = flexquant::quantise_activation(weights.data(), kCols);
  std::vector<std::int32_t> sums(kRows);
  for (auto _ : state) {
    workload::IntegerKernels(level).gemv_int8(w, a.codes.data(), sums.data());
    benchmark::DoNotOptimize(sums.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(w.codes.size()));
  state.SetLabel(name(level));
}

void gemv_int4(benchmark::State& state) {
  const auto level = static_cast<SimdLevel>(state.range(0));
  if (lacks(state, level)) return;
  const std::vector<float> weights = normal(kRows * kCols, 1);
  const flexquant::Int4Matrix w = flexquant::quantise_int4(weights.data(), kRows, kCols);
  const flexquant::Activation a = flexquant::quantise_activation(weights.data(), kCols);
  std::vector<std::int32_t> sums(kRows * w.groups());
  for (auto _ : state) {
    workload::IntegerKernels(level).gemv_int4(w, a.codes.data(), sums.data());
    benchmark::DoNotOptimize(sums.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(w.codes.size()));
  state.SetLabel(name(level));
}

// Four query heads on two kv heads of 128 components, as the small model has them.
void attend(benchmark::State& state) {
  const auto format = static_cast<KvFormat>(state.range(0));
  const auto tokens = static_cast<unsigned>(state.range(1));
  const workload::KvShape shape{1, 4, 2, 128, tokens + 1};
  const million::PqShape pq{128, 64, 8};
  std::vector<workload::Float16> centroids;
  for (const float x : normal(pq.elements(), 3)) centroids.push_back(workload::to_float16(x));
  const million::Codebook book(pq, centroids);
  const million::Codebooks books{book, book};
  const auto cache = make_kv_cache(format, shape, &books, workload::serial_for);
  const std::vector<float> k = normal(std::size_t{tokens} * 256, 1);
  cache->append_prompt(0, tokens, k.data(), k.data());
  cache->append(0, k.data(), k.data());
  const std::vector<float> q = normal(512, 2);
  std::vector<float> out(512);
  for (auto _ : state) {
    cache->attend(0, q.data(), out.data());
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * tokens);
  state.SetLabel(name(format));
}

void encode_block(benchmark::State& state) {
  const auto level = static_cast<SimdLevel>(state.range(0));
  if (lacks(state, level)) return;
  const million::PqShape pq{128, 64, 8};
  std::vector<workload::Float16> centroids;
  for (const float x : normal(pq.elements(), 3)) centroids.push_back(workload::to_float16(x));
  const million::Codebook book(pq, centroids);
  const std::vector<float> vectors = normal(128 * 128, 1);
  std::vector<million::Code> codes(128 * 64);
  for (auto _ : state) {
    million::encode(book, vectors.data(), 128, codes.data(), level);
    benchmark::DoNotOptimize(codes.data());
  }
  state.SetItemsProcessed(state.iterations() * 128);
  state.SetLabel(name(level));
}

BENCHMARK(gemv_int8)->DenseRange(0, 2);
BENCHMARK(gemv_int4)->DenseRange(0, 2);
BENCHMARK(encode_block)->DenseRange(0, 2);
BENCHMARK(attend)->ArgsProduct({{static_cast<int>(KvFormat::f32), static_cast<int>(KvFormat::fp16),
                                 static_cast<int>(KvFormat::pq), static_cast<int>(KvFormat::int4)},
                                {512, 4096, 32768}});

}  // namespace

BENCHMARK_MAIN();
