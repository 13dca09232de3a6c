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
    loaded.macs.push_back(loaded.layers.back()->map().macs);
  }
  return loaded;
}

std::string matrix_name(const TraceKey& key, const trace::Header& header) {
  if (key.matrix == tricycle::trace::LM_HEAD || key.layer >= header.model().layers()) {
    return trace::matrix_name(key.matrix);
  }
  return "layer" + std::to_string(key.layer) + "." + trace::matrix_name(key.matrix);
}

std::uint64_t drawn(std::uint64_t x) {  // SplitMix64
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// The codebooks of a decoder layer's keys (or values): one block of sub-vector x centroids (or the reverse)
// for each kv head and sub-vector, on the diagonal. The trace does not have them, so their codes are drawn:
// no values.
std::shared_ptr<const Layer> codebooks(const trace::Header& header, std::uint32_t layer, bool keys,
                                       const Settings& s) {
  const auto& model = header.model();
  const std::uint32_t blocks = model.kv_heads() * header.kv().sub_vectors();
  const std::uint32_t length = model.head_dim() / header.kv().sub_vectors();
  const std::uint32_t centroids = 1u << header.kv().code_bits();
  CodedMatrix m;
  m.name = "layer" + std::to_string(layer) + (keys ? ".key_codebooks" : ".value_codebooks");
  m.planes = 7;
  m.scales = {1.0f};
  const std::uint32_t rows = keys ? length : centroids, cols = keys ? centroids : length;
  m.inputs = blocks * rows;
  m.outputs = blocks * cols;
  if (std::uint64_t{m.inputs} * m.outputs > std::uint64_t{1} << 28) {
    throw sim::Error(sim::Exit::input, s.workload.trace + ": attention.crossbar: codebooks of " +
                                           std::to_string(m.inputs) + " x " + std::to_string(m.outputs) +
                                           " are too large to be drawn; set attention.crossbar=false");
  }
  m.codes.assign(std::size_t{m.inputs} * m.outputs, 0);
  for (std::uint32_t b = 0; b < blocks; ++b) {
    for (std::uint32_t r = 0; r < rows; ++r) {
      for (std::uint32_t c = 0; c < cols; ++c) {
        const std::uint64_t at = (std::uint64_t{b} * rows + r) * m.outputs + std::uint64_t{b} * cols + c;
        m.codes[at] = static_cast<std::int16_t>(
            static_cast<int>(drawn(s.workload.seed + 1000003u * (2 * layer + (keys ? 0 : 1)) + at) % 255) -
            127);
      }
    }
  }
  LayerSettings settings = s.layer_settings();
  settings.values = false;
  return std::make_shared<Layer>(std::move(m), settings);
}

void load_codebooks(const trace::Header& header, const Settings& s, LoadedLayers& loaded) {
  if (header.kv().format() != "pq" || header.kv().sub_vectors() == 0) {
    throw sim::Error(
        sim::Exit::input,
        s.workload.trace + ": attention.crossbar needs a product-quantised cache, the trace's is " +
            header.kv().format() +
            "; set attention.crossbar=false, or write one with `tricycle-workload run ... --kv pq`");
  }
  const auto& model = header.model();
  for (std::uint32_t l = 0; l < model.layers(); ++l) {
    LoadedLayers::Codebooks books;
    for (const bool keys : {true, false}) {
      (keys ? books.keys : books.values) = static_cast<std::uint32_t>(loaded.layers.size());
      loaded.layers.push_back(codebooks(header, l, keys, s));
      loaded.macs.push_back(std::uint64_t{model.kv_heads()} * model.head_dim() << header.kv().code_bits());
    }
    loaded.codebooks.push_back(books);
  }
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
  for (const auto& layer : loaded.layers) loaded.macs.push_back(layer->map().macs);
  if (s.attention.crossbar) load_codebooks(reader.header(), s, loaded);
  return loaded;
}

}  // namespace

LoadedLayers load_layers(const Settings& settings) {
  return settings.replays() ? load_trace(settings) : load_network(settings);
}

}  // namespace sme
