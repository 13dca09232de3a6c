// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/network_source.h"

#include <algorithm>
#include <cmath>

namespace sme {
namespace {

std::uint64_t mixed(std::uint64_t x) {  // SplitMix64's finaliser
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// x with erf(x / sqrt 2) = 2 p - 1, by bisection.
double normal_quantile(double p) {
  double low = -10, high = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

DrawnInputs::DrawnInputs(const InputSection& inputs, std::uint64_t seed) : seed_(seed) {
  const double range = inputs.is_signed ? std::ldexp(1.0, static_cast<int>(inputs.bits) - 1)
                                        : std::ldexp(1.0, static_cast<int>(inputs.bits));
  const double least = inputs.is_signed ? -range : 0;
  for (std::size_t i = 0; i < quantile_.size(); ++i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(quantile_.size());
    const double x =
        std::clamp(std::floor(normal_quantile(p) * inputs.sigma * range + 0.5), least, range - 1);
    quantile_[i] = static_cast<std::uint8_t>(static_cast<int>(x));
  }
}

void DrawnInputs::fill(std::uint32_t layer, std::uint64_t product, std::uint8_t* to,
                       std::uint32_t count) const {
  std::uint64_t state = mixed(mixed(seed_ + 0x9e3779b97f4a7c15u * (layer + 1)) + product);
  for (std::uint32_t i = 0; i < count;) {
    state += 0x9e3779b97f4a7c15u;
    std::uint64_t bits = mixed(state);
    for (unsigned k = 0; k < 5 && i < count; ++k, bits >>= 12) to[i++] = quantile_[bits & 4095];
  }
}

NetworkSource::NetworkSource(Chip& chip, const Settings& settings)
    : RunSource(chip),
      settings_(settings),
      count_(settings.workload.count.value_or(1)),
      positions_(settings.workload.positions.value_or(~std::uint64_t{0})),
      values_(settings.fidelity.value == ValueFidelity::none
                  ? 0
                  : settings.workload.values.value_or(~std::uint64_t{0})),
      drawn_(settings.inputs, settings.workload.seed),
      progress_(chip.maps().size()) {
  for (std::uint32_t l = 0; l < chip.maps().size(); ++l) total_ += simulated(l) * count_;
}

std::uint64_t NetworkSource::simulated(std::uint32_t layer) const {
  return std::min(positions_, chip_.maps()[layer]->positions);
}

bool NetworkSource::plan(Ring<Pass>& passes) {
  if (inference_ == count_) return false;
  for (std::uint32_t l = 0; l < chip_.maps().size(); ++l) {
    planner_.plan(l, 0, simulated(l), inference_, l > 0, passes);
  }
  ++inference_;
  return true;
}

void NetworkSource::product_done(const Pass& pass) {
  const std::uint32_t layer = pass.work->layer;
  Progress& progress = progress_[layer];
  if (!chip_.layer(layer).has_values() || progress.done >= std::min(values_, pass.positions)) return;
  if (++progress.done - progress.computed == kBatch) compute(layer, pass.tag);
}

// Values depend on the number of the product only, so they are computed in batches, behind the last one done.
void NetworkSource::compute(std::uint32_t layer, std::uint64_t inference) {
  Progress& progress = progress_[layer];
  const Layer& mapped = chip_.layer(layer);
  const std::uint64_t first = inference * mapped.map().positions + progress.computed;
  const std::uint64_t count = progress.done - progress.computed;
  if (count == 0) return;
  const std::uint32_t length = mapped.map().inputs;
  activations_.resize(count * length);
  for (std::uint64_t i = 0; i < count; ++i)
    drawn_.fill(layer, first + i, activations_.data() + i * length, length);
  GemvOptions options;
  options.signed_inputs = settings_.inputs.is_signed;
  options.noise_stream = first;
  result_.clear();
  mapped.gemv(activations_.data(), count, options, result_);
  layers_[layer].take(result_, count);
  progress.computed = progress.done;
}

void NetworkSource::pass_done(const Pass& pass, sim::Cycle) {
  if (pass.work == nullptr || !pass.last) return;
  compute(pass.work->layer, pass.tag);
  progress_[pass.work->layer] = Progress{};
}

}  // namespace sme
