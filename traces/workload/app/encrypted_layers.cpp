// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/encrypted_layers.h"

namespace workload {
namespace {

EncryptOptions options_of(const RunOptions& o) {
  EncryptOptions e;
  e.modulus = crypto_modulus(o.encrypt);
  e.inputs = o.encrypt_inputs;
  e.outputs = o.encrypt_outputs;
  e.seed = o.seed;
  return e;
}

}  // namespace

EncryptedLayers::EncryptedLayers(const RunOptions& options)
    : sampler_(options_of(options)), every_(options.encrypt_every) {}

void EncryptedLayers::add_token(std::uint32_t token, const QuantisedOps& ops, TraceEmitter& emitter) {
  const auto layers = static_cast<unsigned>(ops.layer_bits().size());
  const auto add = [&](unsigned layer, MatrixKind matrix) {
    const flexquant::Int8Matrix& w8 = ops.int8(layer, matrix);
    const flexquant::Int4Matrix& w4 = ops.int4(layer, matrix);
    const bool four = layer < layers && ops.layer_bits()[layer] == 4;
    LayerSampler::Place place;
    place.token = token;
    place.layer = layer;
    place.matrix = static_cast<trace::Matrix>(matrix);
    place.rows = w8.rows;
    place.cols = w8.cols;
    place.weight_bits = four ? 4 : 8;
    emitter.add(sampler_.part(place, [&](std::uint64_t row, std::uint64_t col) {
      return four ? w4.code(row, col) : static_cast<int>(w8.codes[row * w8.cols + col]);
    }));
  };
  const bool all = token % every_ == 0;
  for (unsigned l = 0; l < layers; ++l) {
    if (!recorded_.emplace(l, ops.layer_bits()[l]).second && !all) continue;
    for (const MatrixKind m :
         {MatrixKind::qkv_proj, MatrixKind::o_proj, MatrixKind::gate_up_proj, MatrixKind::down_proj}) {
      add(l, m);
    }
  }
  if (all) add(layers, MatrixKind::lm_head);
}

}  // namespace workload
