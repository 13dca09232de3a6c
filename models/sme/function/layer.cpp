// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/layer.h"

#include <string>

#include "models/sme/function/layer_values.h"
#include "sim/core/error.h"

namespace sme {
namespace {

void check(const LayerSettings& settings) {
  const auto range = [](const char* key, unsigned value, unsigned low, unsigned high) {
    if (value < low || value > high)
      throw sim::Error(sim::Exit::usage, std::string(key) + ": " + std::to_string(value) + " is outside [" +
                                             std::to_string(low) + ", " + std::to_string(high) + "]");
  };
  range("adc.bits", settings.adc_bits, 0, 16);
  range("input_bits", settings.input_bits, 1, 8);
  check(settings.devices);
}

}  // namespace

void GemvResult::clear() { *this = GemvResult{}; }

Layer::Layer(CodedMatrix matrix, const LayerSettings& settings)
    : settings_(settings), scales_(matrix.scales), rms_error_(matrix.rms_error) {
  check(settings);
  map_ = map_layer(matrix, settings.mapping);
  adc_bits_ = settings.adc_bits != 0 ? settings.adc_bits : exact_adc_bits(settings.mapping.crossbar);
  const bool diagonal = matrix.kind == MatrixKind::depthwise;
  map_.values = settings.values && !(diagonal && settings.mapping.depthwise == Depthwise::as_given);
  if (!map_.values) return;
  values_ = std::make_unique<Values>();
  values_->matrix = std::move(matrix);
  values_->diagonal = diagonal;
}

Layer::Layer(const TileStatistics& statistics, const LayerSettings& settings) : settings_(settings) {
  check(settings);
  map_ = map_layer(statistics, settings.mapping);
  adc_bits_ = settings.adc_bits != 0 ? settings.adc_bits : exact_adc_bits(settings.mapping.crossbar);
}

Layer::~Layer() = default;
Layer::Layer(Layer&&) noexcept = default;
Layer& Layer::operator=(Layer&&) noexcept = default;

std::size_t Layer::bytes() const {
  if (!values_) return 0;
  std::size_t sum = 2 * values_->matrix.codes.size();
  for (const auto& tiles : values_->driven) sum += tiles ? tiles->bytes() : 0;
  return sum;
}

}  // namespace sme
