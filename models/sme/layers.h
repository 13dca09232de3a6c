// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/sme/settings.h"
#include "models/sme/weights/trace_weights.h"

namespace sme {

// What a configuration maps onto the chip.
struct LoadedLayers {
  std::vector<std::shared_ptr<const Layer>> layers;
  std::string origin;           // where the weights come from, for people
  bool synthetic = false;       // weights drawn
  std::size_t passed_over = 0;  // 1-D tensors of the weights file
  // workload.trace: place of a matrix in `layers`, and of its INT4 codes where they are not nested.
  struct Place {
    std::uint32_t int8 = 0;
    std::uint32_t int4 = 0;
    unsigned int4_planes = 0;  // driven for INT4; 0: all of layer int4
    std::uint32_t group = 0;   // inputs whose sums are kept apart (INT4 only)
  };
  std::map<TraceKey, Place> places;
  // Multiply-accumulates of one product, by layer.
  std::vector<std::uint64_t> macs;
  // attention.crossbar: layers of queries x codebooks, by decoder layer: keys, values.
  struct Codebooks {
    std::uint32_t keys = 0, values = 0;
  };
  std::vector<Codebooks> codebooks;
};

// Reads or draws the weights, quantises and maps them. Throws sim::Error (input) for files that cannot be
// read or contradict the network, (usage) for settings that cannot be.
LoadedLayers load_layers(const Settings& settings);

}  // namespace sme
