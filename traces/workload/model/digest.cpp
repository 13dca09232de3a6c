// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cstring>

#include "traces/io/sha256.h"
#include "traces/workload/model/weights.h"

namespace workload {
namespace {

void add(trace::Sha256& hash, const std::vector<float>& values) {
  static_assert(sizeof(float) == 4, "weights are IEEE 754 binary32");
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the digest of weights is defined over little-endian f32"
#endif
  hash.update({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

}  // namespace

std::string digest_of(const Weights& w) {
  trace::Sha256 hash;
  add(hash, w.embedding.values);
  for (const LayerWeights& layer : w.layers) {
    add(hash, layer.input_norm);
    add(hash, layer.qkv_proj.values);
    add(hash, layer.o_proj.values);
    add(hash, layer.post_norm);
    add(hash, layer.gate_up_proj.values);
    add(hash, layer.down_proj.values);
  }
  add(hash, w.final_norm);
  if (!w.shape.tied_head) add(hash, w.lm_head.values);
  std::string hex;
  for (const unsigned char byte : hash.finish()) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace workload
