// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Whole runs of the SME chip on one core: values, cycles and energy of the same products; and cycles alone.
// Rates are of CPU time. 8 x 8 bits, 6-bit ADCs.
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "models/sme/chip.h"
#include "models/sme/function/networks.h"
#include "models/sme/function/quantizer.h"
#include "models/sme/pass_planner.h"
#include "models/sme/tech.h"
#include "sim/core/failure.h"

namespace {

using namespace sme;
using workload::SimdLevel;

enum class Data {
  uniform,  // codes and inputs uniform: half of all bits are ones
  full,     // every bit a one: every conversion is clipped
  sme,      // Gaussian weights, quantised with S = 3
};

const char* name_of(Data data) {
  return data == Data::uniform ? "uniform" : data == Data::full ? "full" : "sme";
}

std::shared_ptr<const Layer> layer_of(std::uint32_t inputs, std::uint32_t outputs, Data data, SignMode sign) {
  WeightMatrix weights;
  weights.name = std::to_string(inputs) + "x" + std::to_string(outputs);
  weights.inputs = inputs;
  weights.outputs = outputs;
  fill_synthetic(weights, WeightLaw::gaussian, 1, 1);
  CodedMatrix coded = make_quantizer({})->quantize(weights);
  std::mt19937_64 random(1);
  for (std::int16_t& code : coded.codes) {
    if (data == Data::uniform) code = static_cast<std::int16_t>(static_cast<int>(random() % 511) - 255);
    if (data == Data::full) code = 255;
    if (sign == SignMode::magnitude && code < 0) code = static_cast<std::int16_t>(-code);
  }
  LayerSettings settings;
  settings.adc_bits = 6;
  settings.mapping.sign = sign;
  return std::make_shared<Layer>(std::move(coded), settings);
}

// Layers of a chip, one after the other, again in every iteration.
class Run final : public PassSource {
 public:
  Run(const std::string& name, Data data, SignMode sign) : stats_(name) {
    ChipConfig config;
    config.placement = PlacementKind::per_tile;
    // Shapes of ResNet-50: 3 x 3 and 1 x 1 convolutions of three stages.
    const std::vector<std::shared_ptr<const Layer>> layers = {
        layer_of(576, 64, data, sign), layer_of(1152, 128, data, sign), layer_of(512, 1024, data, sign),
        layer_of(2304, 256, data, sign)};
    chip_ = std::make_unique<Chip>(name.c_str(), config, layers, failure_, stats_, recorder_);
    chip_->bind(*this);
    cost_ = cost_table({}, config, 128, 128, 6, 100);
    std::mt19937_64 random(2);
    for (auto& x : activations_) x = static_cast<std::uint8_t>(data == Data::full ? 255 : random());
  }
  void run(benchmark::State& state, bool values, SimdLevel level) {
    values_ = values;
    level_ = level;
    std::uint64_t macs = 0, jobs = 0;
    for (std::uint32_t l = 0; l < chip_->maps().size(); ++l) macs += chip_->maps()[l]->macs * kProducts;
    const std::uint64_t before = tile_products();
    double energy = 0;
    for (auto _ : state) {
      PassPlanner planner(*chip_);
      for (std::uint32_t l = 0; l < chip_->maps().size(); ++l)
        planner.plan(l, 0, kProducts, l, true, passes_);
      chip_->wake();
      sc_core::sc_start();
      for (std::uint32_t l = 0; l < chip_->maps().size(); ++l) {
        for (const LayerWork* work : chip_->works(l)) energy += cost_.energy_j(chip_->counted(*work));
      }
    }
    failure_.rethrow();
    benchmark::DoNotOptimize(energy);
    jobs = tile_products() - before;
    state.counters["MAC/s"] =
        benchmark::Counter(static_cast<double>(macs), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["tiles/s"] = benchmark::Counter(static_cast<double>(jobs), benchmark::Counter::kIsRate);
    if (values) {
      state.counters["clip_share"] =
          static_cast<double>(result_.clips) / static_cast<double>(result_.conversions);
    }
    result_.clear();
  }

  bool next(Pass& pass) override {
    if (passes_.empty()) return false;
    pass = passes_.front();
    passes_.pop();
    return true;
  }
  void begun(const Pass&, sim::Cycle) override {}
  void position_done(const Pass&, std::uint64_t, sim::Cycle) override {}
  void done(const Pass& pass, sim::Cycle) override {
    if (!values_ || pass.work == nullptr) return;
    GemvOptions options;
    options.signed_inputs = false;
    chip_->layer(pass.work->layer).gemv(activations_.data(), kProducts, options, result_, level_);
  }

 private:
  std::uint64_t tile_products() const {
    std::uint64_t sum = 0;
    for (unsigned b = 0; b < chip_->config().banks; ++b)
      sum += chip_->bank(b).core().stats().products.value();
    return sum;
  }

  static constexpr std::uint64_t kProducts = 32;
  sim::Failure failure_;
  sim::stats::Group stats_;
  sim::record::Recorder recorder_;
  std::unique_ptr<Chip> chip_;
  CostTable cost_;
  Ring<Pass> passes_;
  std::vector<std::uint8_t> activations_ = std::vector<std::uint8_t>(kProducts * 2304);
  GemvResult result_;
  bool values_ = false;
  SimdLevel level_ = SimdLevel::portable;
};

}  // namespace

int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::vector<std::unique_ptr<Run>> runs;
  for (const SignMode sign : {SignMode::magnitude, SignMode::differential}) {
    for (const Data data : {Data::uniform, Data::full, Data::sme}) {
      const std::string suffix =
          std::string(sign == SignMode::magnitude ? "one_sign_set/" : "differential/") + name_of(data);
      runs.push_back(std::make_unique<Run>("r" + std::to_string(runs.size()), data, sign));
      Run& run = *runs.back();
      for (const SimdLevel level : {SimdLevel::portable, SimdLevel::avx2, SimdLevel::avx512}) {
        if (level > workload::detect_simd_level()) continue;
        benchmark::RegisterBenchmark(("whole/" + suffix + "/" + workload::name(level)).c_str(),
                                     [&run, level](benchmark::State& state) { run.run(state, true, level); });
      }
      benchmark::RegisterBenchmark(("cycles_only/" + suffix + "/-").c_str(), [&run](benchmark::State& state) {
        run.run(state, false, SimdLevel::portable);
      });
    }
  }
  sc_core::sc_start();  // elaborate; nothing is planned yet
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
