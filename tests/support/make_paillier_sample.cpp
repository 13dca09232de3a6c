// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// make_paillier_sample FILE: writes the trace that is committed as traces/samples/paillier.tct: encrypted
// layers of one token, with INT8 weights in layer 0 and INT4 weights in layer 1. The weights are seeded
// numbers.
#include <cstdint>
#include <cstdio>
#include <string>

#include "traces/io/shape.h"
#include "traces/io/writer.h"
#include "traces/workload/encrypt/layer_sampler.h"

namespace {

constexpr unsigned kSeed = 1;

trace::Header header() {
  trace::Header header;
  header.set_generator("tricycle encrypted sample");
  header.set_backend("host");
  header.set_device("none");
  header.set_seed(kSeed);
  header.set_precision("flexquant");
  header.set_synthetic_weights(true);
  trace::Model& model = *header.mutable_model();
  model.set_name("seeded");
  model.set_layers(2);
  model.set_hidden(512);
  model.set_intermediate(1024);
  model.set_heads(4);
  model.set_kv_heads(2);
  model.set_head_dim(128);
  model.set_vocab(256);
  model.set_context(1024);
  trace::FlexQuant& flex = *header.mutable_flexquant();
  flex.add_layer_order(1);
  flex.add_layer_order(0);
  flex.add_thresholds(8);
  flex.add_thresholds(4);
  header.mutable_kv()->set_format("fp16");
  header.mutable_content()->set_encrypted(true);
  return header;
}

trace::Record token() {
  trace::Record record;
  trace::Token& token = *record.mutable_token();
  token.set_position(1);
  token.set_layer_bits(std::string("\x08\x04"));
  return record;
}

// The sum of four numbers is about normal, as weights are: most codes are small and have few bits.
int code(std::uint64_t row, std::uint64_t col, unsigned layer, int most) {
  std::uint64_t x = (row * 1000003 + col) * 31 + layer;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  int sum = 0;
  for (unsigned i = 0; i < 4; ++i) sum += static_cast<int>(x >> (8 + 8 * i) & 255) - 128;
  return sum * most / 512;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_paillier_sample FILE\n", stderr);
    return 2;
  }
  const trace::Header head = header();
  const workload::LayerSampler sampler({workload::crypto_modulus("paillier2048"), 16, 4, kSeed});
  trace::Writer writer(argv[1], head);
  writer.write(sampler.modulus().record(workload::LayerSampler::kModulusId));
  writer.write(token());
  for (unsigned layer = 0; layer < 2; ++layer) {
    for (const trace::Matrix matrix : {tricycle::trace::O_PROJ, tricycle::trace::DOWN_PROJ}) {
      const trace::MatrixShape shape = trace::matrix_shape(head.model(), matrix);
      const unsigned bits = layer == 0 ? 8 : 4;
      writer.write(sampler.part(
          {0, layer, matrix, shape.rows, shape.cols, bits},
          [&](std::uint64_t row, std::uint64_t col) { return code(row, col, layer, bits == 8 ? 127 : 7); }));
    }
  }
  writer.finish();
  return 0;
}
