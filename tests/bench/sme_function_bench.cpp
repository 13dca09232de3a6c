// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// SME's function library on one core: products with ADC clipping, mapping of a whole network. Rates are of
// CPU time.
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "models/sme/function/kernels.h"
#include "models/sme/function/layer.h"
#include "models/sme/function/networks.h"
#include "models/sme/function/quantizer.h"

namespace {

using namespace sme;
using workload::SimdLevel;

enum class Data {
  uniform,  // codes and inputs uniform over all 8-bit numbers: half of all bits are ones
  full,     // every bit a one: every conversion is clipped
  sme,      // Gaussian weights, quantised with S = 3
};

CodedMatrix matrix(Data data, bool is_signed) {
  WeightMatrix weights;
  weights.name = "bench";
  weights.inputs = weights.outputs = 1024;
  fill_synthetic(weights, WeightLaw::gaussian, 1, 1);
  CodedMatrix coded = make_quantizer({})->quantize(weights);
  std::mt19937_64 random(1);
  for (std::int16_t& code : coded.codes) {
    if (data == Data::uniform) code = static_cast<std::int16_t>(static_cast<int>(random() % 511) - 255);
    if (data == Data::full) code = 255;
    if (!is_signed && code < 0) code = static_cast<std::int16_t>(-code);
  }
  return coded;
}

// 8 x 8 bits, 6-bit ADCs, unsigned inputs, batches of 16 vectors.
void products(benchmark::State& state, Data data, SignMode sign, bool is_signed, SimdLevel level) {
  LayerSettings settings;
  settings.adc_bits = 6;
  settings.mapping.sign = sign;
  const Layer layer(matrix(data, is_signed), settings);
  std::mt19937_64 random(2);
  std::vector<std::uint8_t> a(1024 * 16);
  for (auto& x : a) x = static_cast<std::uint8_t>(data == Data::full ? 255 : random());
  GemvOptions options;
  options.signed_inputs = false;
  GemvResult result;
  for (auto _ : state) layer.gemv(a.data(), 16, options, result, level);
  state.counters["MAC/s"] = benchmark::Counter(16.0 * static_cast<double>(layer.map().macs),
                                               benchmark::Counter::kIsIterationInvariantRate);
  state.counters["clip_share"] = static_cast<double>(result.clips) / static_cast<double>(result.conversions);
}

void map_network(benchmark::State& state, const std::string& network, unsigned degree) {
  std::vector<WeightMatrix> weights = network_shape(network);
  for (WeightMatrix& w : weights) fill_synthetic(w, WeightLaw::gaussian, 0, 1);
  LayerSettings settings;
  settings.mapping.squeeze_degree = degree;
  settings.values = false;
  const auto quantizer = make_quantizer({});
  std::uint64_t crossbars = 0;
  double size = 0;
  for (auto _ : state)
    for (const WeightMatrix& w : weights) {
      const Layer layer(quantizer->quantize(w), settings);
      crossbars += layer.map().crossbars;
      size += static_cast<double>(w.values.size());
    }
  benchmark::DoNotOptimize(crossbars);
  state.counters["weights/s"] = benchmark::Counter(size, benchmark::Counter::kIsRate);
}

void add_products() {
  const struct {
    const char* name;
    Data data;
    SignMode sign;
    bool is_signed;
  } cases[] = {{"one_sign_set/uniform", Data::uniform, SignMode::magnitude, false},
               {"one_sign_set/full", Data::full, SignMode::magnitude, false},
               {"one_sign_set/sme", Data::sme, SignMode::magnitude, false},
               {"signed_cells/uniform", Data::uniform, SignMode::magnitude, true},
               {"differential/uniform", Data::uniform, SignMode::differential, true},
               {"differential/full", Data::full, SignMode::differential, true},
               {"differential/sme", Data::sme, SignMode::differential, true}};
  for (const auto& c : cases)
    for (const SimdLevel level : {SimdLevel::portable, SimdLevel::avx2, SimdLevel::avx512}) {
      if (level > workload::detect_simd_level() || kernels(level).name != std::string(workload::name(level)))
        continue;
      benchmark::RegisterBenchmark(
          (std::string("gemv/") + c.name + "/" + workload::name(level)).c_str(),
          [c, level](benchmark::State& state) { products(state, c.data, c.sign, c.is_signed, level); });
    }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  add_products();
  for (const unsigned degree : {0u, 3u})
    benchmark::RegisterBenchmark(
        ("map/resnet50/squeeze" + std::to_string(degree)).c_str(),
        [degree](benchmark::State& state) { map_network(state, "resnet50", degree); })
        ->Unit(benchmark::kMillisecond);
  benchmark::RunSpecifiedBenchmarks();
}
