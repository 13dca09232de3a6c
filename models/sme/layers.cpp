// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/layers.h"

#include <utility>

#include "models/sme/function/networks.h"
#include "sim/core/error.h"
#include "traces/io/reader.h"
#include "traces/io/shape.h"
#include "traces/io/validate.h"

namespace sme {
namespace {

// From the weights file, or drawn in the network's shape. Matrix by matrix, so that one at a time is in
// memory.
LoadedLayers load_network(const Settings& s) {
  LoadedLayers loaded;
  const auto quantizer = make_quantizer(s.quantizer.settings());
  std::vector<WeightMatrix> matrices;
  if (!s.workload.weights.empty()) {
    WeightsFile file = read_weights(s.workload.weights, s.workload.orientation);
    matrices = std::move(file.matrices);
    loaded.passed_over = file.passed_over;
    loaded.origin = s.workload.weights;
    if (!s.workload.network.empty()) adopt_shape(matrices, s.workload.network, s.workload.weights);
  } else {
    matrices = network_shape(s.workload.shapes());
    loaded.synthetic = true;
    loaded.origin = "synthetic";
  }
  for (WeightMatrix& matrix : matrices) {
    if (loaded.synthetic) fill_synthetic(matrix, s.workload.law, s.workload.sigma, s.workload.seed);
    CodedMatrix coded = quantizer->quantize(matrix);
    matrix.values = {};
    loaded.layers.push_back(std::make_shared<Layer>(std::move(coded), s.layer_settings()));
  }
  return loaded;
}

std::string matrix_name(const TraceKey& key, const trace::Header& header) {
  if (key.matrix == tricycle::trace::LM_HEAD || key.layer >= header.model().layers()) {
    return trace::matrix_name(key.matrix);
  }
  return "layer" + std::to_string(key.layer) + "." + trace::matrix_name(key.matrix);
}

LoadedLayers load_trace(const Settings& s) {
  trace::Reader reader(s.workload.trace);
  if (!reader.header().content().weights() && !reader.header().content().tile_digests()) {
    throw sim::Error(sim::Exit::input,
                     s.workload.trace +
                         ": the trace has neither weights nor bit statistics of them, which sme maps; "
                         "write one with `tricycle-workload run ... --weights codes` (or digest)");
  }
  trace::Validator validator(reader.header(), reader.name(),
                             [&](const std::string& problem) { reader.refuse(problem); });
  TraceWeights weights;
  while (reader.next()) {
    if (reader.kind() == trace::Kind::token) break;  // weights lie before the first token
    validator.check(reader.record());
    weights.offer(reader);
  }
  LoadedLayers loaded;
  loaded.origin = s.workload.trace;
  for (TraceMatrix& m : weights.take(reader)) {
    LoadedLayers::Place place;
    const std::string name = matrix_name(m.key, reader.header());
    place.int8 = static_cast<std::uint32_t>(loaded.layers.size());
    if (m.has_codes()) {
      m.int8.name = name;
      loaded.layers.push_back(std::make_shared<Layer>(std::move(m.int8), s.layer_settings()));
    } else {
      m.statistics.name = name;
      loaded.layers.push_back(std::make_shared<Layer>(m.statistics, s.layer_settings()));
    }
    place.int4 = place.int8;
    place.int4_planes = 3;  // sign and the upper three magnitude bits
    if (!m.nested && !m.int4.codes.empty()) {
      m.int4.name = name + ".int4";
      place.int4 = static_cast<std::uint32_t>(loaded.layers.size());
      place.int4_planes = 0;
      place.group = m.group;
      loaded.layers.push_back(std::make_shared<Layer>(std::move(m.int4), s.layer_settings()));
    }
    loaded.places[m.key] = place;
  }
  return loaded;
}

}  // namespace

LoadedLayers load_layers(const Settings& settings) {
  return settings.replays() ? load_trace(settings) : load_network(settings);
}

}  // namespace sme
