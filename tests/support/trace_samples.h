// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "traces/io/records.h"
#include "traces/io/writer.h"

namespace test_support {

inline std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// A header of a model of two layers with hidden size 8.
inline trace::Header small_header() {
  trace::Header header;
  header.set_generator("test 1");
  header.set_backend("host");
  header.set_device("none");
  header.set_precision("int8");
  header.mutable_kv()->set_format("fp16");
  trace::Model& model = *header.mutable_model();
  model.set_name("small");
  model.set_layers(2);
  model.set_hidden(8);
  model.set_intermediate(16);
  model.set_heads(2);
  model.set_kv_heads(1);
  model.set_head_dim(4);
  model.set_vocab(32);
  model.set_context(64);
  return header;
}

inline trace::Record token(unsigned index) {
  trace::Record record;
  trace::Token& token = *record.mutable_token();
  token.set_index(index);
  token.set_id(index % 32);
  token.set_input_id((index + 31) % 32);
  token.set_position(4 + index);
  token.set_pple(2.5);
  token.set_pple_smoothed(2.25);
  token.set_running_perplexity(3.0);
  token.set_layer_bits(std::string(2, '\x08'));
  return record;
}

/// A trace with every kind of record that breaks no rule: small_header's model with FlexQuant, PQ and an
/// encrypted layer, three tokens. The numbers are made up, but for the sizes and the chain of the encrypted
/// layer.
trace::Header sample_header();
std::vector<trace::Record> sample_records();
void write_sample(const std::filesystem::path& file, const trace::WriterOptions& options = {});

}  // namespace test_support
