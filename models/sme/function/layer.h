// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/sme/function/devices.h"
#include "models/sme/function/layer_map.h"
#include "models/sme/function/mapping.h"
#include "traces/workload/numeric/cpu.h"

namespace sme {

struct LayerSettings {
  MappingSettings mapping;
  unsigned adc_bits = 0;    // 1..16; 0: as many as an exact sum needs
  unsigned input_bits = 8;  // Ma, 1..8
  DeviceEffects devices;
  bool values = true;  // false: map only, the codes are dropped
};

struct GemvOptions {
  bool signed_inputs =
      true;  // two's complement of input_bits (sign-extended in the bit-serial stream), or unsigned
  unsigned planes_driven = 0;  // the first so many magnitude planes; 0: all. Codes are cut towards zero
  std::uint32_t group =
      0;  // inputs whose sums are kept apart (multiple or divisor of crossbar rows); 0: all inputs
  bool compare = true;             // give `exact` and the errors
  std::uint64_t noise_stream = 0;  // number of the first vector among all: what read noise is drawn by
};

// Of a batch of products; sums add up over calls until clear().
struct GemvResult {
  // Per vector, output and group of inputs: sum of code * input as the crossbars give it, in units of the
  // last driven plane (multiply by the output's scale, the input's scale and 2^(planes - driven)).
  // [vector][output][group]
  std::vector<std::int64_t> y;
  // The same from the codes before squeezing, without ADCs: the oracle.
  std::vector<std::int64_t> exact;
  std::uint64_t conversions = 0;  // of ADCs
  std::uint64_t clips = 0;        // of those, above the largest code
  std::uint64_t driven_ones =
      0;                      // ones of the bit-serial streams, by tile and input cycle: rows that conduct
  std::uint64_t outputs = 0;  // compared
  std::int64_t max_abs_error = 0;
  double sum_abs_error = 0;
  double sum_abs_exact = 0;

  void clear();
};

// A mapped matrix: its map, and its values bit-true: bit-serial inputs, one bit plane (MLC: two) a crossbar,
// every column's sum clipped at 2^adc_bits - 1 and counted where it is, shifted and added. Results are the
// same at every SimdLevel.
class Layer {
 public:
  // Throws sim::Error (usage) for settings out of range.
  Layer(CodedMatrix matrix, const LayerSettings& settings);
  // Counts only.
  Layer(const TileStatistics& statistics, const LayerSettings& settings);
  ~Layer();
  Layer(Layer&&) noexcept;
  Layer& operator=(Layer&&) noexcept;

  const LayerMap& map() const { return map_; }
  const LayerSettings& settings() const { return settings_; }
  bool has_values() const { return map_.values; }
  // One, or one an output; empty without codes.
  const std::vector<float>& scales() const { return scales_; }
  double quantization_error() const { return rms_error_; }
  unsigned adc_bits() const { return adc_bits_; }  // resolved
  std::size_t bytes() const;                       // held for values

  // `count` products at once; activations[count][map().inputs] as bytes (int8 or uint8, see signed_inputs),
  // each within input_bits. The layer must have values. Throws sim::Error (usage) for options out of range.
  void gemv(const std::uint8_t* activations, std::size_t count, const GemvOptions& options,
            GemvResult& result, workload::SimdLevel level) const;
  void gemv(const std::uint8_t* activations, std::size_t count, const GemvOptions& options,
            GemvResult& result) const {
    gemv(activations, count, options, result, workload::detect_simd_level());
  }
  void gemv(const std::int8_t* activations, std::size_t count, const GemvOptions& options,
            GemvResult& result) const {
    gemv(reinterpret_cast<const std::uint8_t*>(activations), count, options, result);
  }
  // The oracle alone: exact[count][outputs][groups].
  void exact(const std::uint8_t* activations, std::size_t count, const GemvOptions& options,
             std::vector<std::int64_t>& exact) const;

 private:
  struct Values;
  LayerSettings settings_;
  LayerMap map_;
  unsigned adc_bits_ = 0;
  std::vector<float> scales_;
  double rms_error_ = 0;
  std::unique_ptr<Values> values_;
};

}  // namespace sme
