// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "tests/support/trace_samples.h"

#include <cstdint>
#include <utility>

#include "traces/io/shape.h"

namespace test_support {
namespace {

using trace::Record;

// Numbers without meaning: one linear congruential generator, so that the file never changes.
class Numbers {
 public:
  std::uint32_t below(std::uint32_t bound) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state_ >> 33) % bound;
  }
  /// Codes of -most .. most.
  std::string codes(std::size_t count, int most) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += static_cast<char>(static_cast<int>(below(2 * most + 1)) - most);
    }
    return text;
  }
  std::string nibbles(std::size_t count) {
    const std::string low = codes(count, 7), high = codes(count, 7);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += static_cast<char>((low[i] & 15) | (high[i] & 15) << 4);
    return text;
  }

 private:
  std::uint64_t state_ = 1;
};

constexpr trace::Matrix kMatrices[] = {tricycle::trace::QKV_PROJ, tricycle::trace::O_PROJ,
                                       tricycle::trace::GATE_UP_PROJ, tricycle::trace::DOWN_PROJ};

void add_tensor(std::vector<Record>& list, Numbers& numbers, unsigned layer, trace::Matrix matrix,
                std::uint32_t first, std::uint32_t rows) {
  const trace::MatrixShape shape = trace::matrix_shape(sample_header().model(), matrix);
  trace::Tensor& t = *list.emplace_back().mutable_tensor();
  t.set_layer(layer);
  t.set_matrix(matrix);
  t.set_total_rows(static_cast<std::uint32_t>(shape.rows));
  t.set_first_row(first);
  t.set_rows(rows);
  t.set_cols(static_cast<std::uint32_t>(shape.cols));
  t.set_int8_codes(numbers.codes(rows * shape.cols, 127));
  for (std::uint32_t i = 0; i < rows; ++i) t.add_int8_scales(0.0625f);
  t.set_int4(tricycle::trace::INT4_GROUP);
  t.set_group(4);
  t.set_int4_codes(numbers.nibbles(rows * shape.cols / 2));
  for (std::uint32_t i = 0; i < rows * shape.cols / 4; ++i) t.add_int4_scales(0.5f);
}

// Two tiles of 4 inputs x 16 outputs of the first qkv_proj.
void add_tile_digest(std::vector<Record>& list) {
  trace::TileDigest& d = *list.emplace_back().mutable_tile_digest();
  d.set_matrix(tricycle::trace::QKV_PROJ);
  d.set_rows(16);
  d.set_cols(8);
  d.set_tile_rows(4);
  d.set_tile_cols(16);
  d.set_tile_stride(1);
  d.set_planes(7);
  for (unsigned tile = 0; tile < 2; ++tile) {
    for (unsigned plane = 0; plane < 7; ++plane)
      d.mutable_ones()->append({static_cast<char>(9 + plane), '\0'});
    d.mutable_rows_by_leading_plane()->append({1, 2, 0, 0, 0, 0, 0, 1});
  }
}

void add_prefill(std::vector<Record>& list) {
  trace::Prefill& p = *list.emplace_back().mutable_prefill();
  p.set_tokens(4);
  p.set_layers(2);
  p.set_heads(2);
  p.set_kv_heads(1);
  p.set_head_dim(4);
  p.set_bytes_per_element(4);
  p.set_kv_bytes_per_token(2);
  p.set_time_ns(4000);
  p.set_perplexity(7.5);
  for (unsigned layer = 0; layer < 2; ++layer) {
    trace::PrefillBlock& block = *p.add_blocks();
    block.set_layer(layer);
    block.set_query_tokens(4);
    block.set_kv_tokens(4);
    block.set_causal(true);
    if (layer == 0) block.set_attention_ns(0);
  }
}

void add_modulus(std::vector<Record>& list) {
  trace::Modulus& m = *list.emplace_back().mutable_modulus();
  m.set_id(1);
  m.set_kind("prime");
  m.set_bits(16);
  m.set_value("\xff\xf1");  // 65521, the largest prime below 2^16
  m.set_source("the largest prime of 16 bits");
}

void add_layer(std::vector<Record>& list, Numbers& numbers, unsigned index, unsigned layer, unsigned bits) {
  for (const trace::Matrix matrix : kMatrices) {
    const trace::MatrixShape shape = trace::matrix_shape(sample_header().model(), matrix);
    trace::Gemv& g = *list.emplace_back().mutable_gemv();
    g.set_layer(layer);
    g.set_matrix(matrix);
    g.set_rows(static_cast<std::uint32_t>(shape.rows));
    g.set_cols(static_cast<std::uint32_t>(shape.cols));
    g.set_weight_bits(bits);
    g.set_activation_codes(numbers.codes(shape.cols, 127));
    g.set_activation_scale(0.25f);
    g.set_result_digest(numbers.below(1u << 31));
    g.set_time_ns(100 + numbers.below(10));
    if (matrix != tricycle::trace::QKV_PROJ) continue;
    trace::KvAppend& append = *list.emplace_back().mutable_kv_append();
    append.set_layer(layer);
    append.set_appended_tokens(1);
    append.set_residual_tokens(index % 2);
    append.set_plain_bytes(16);
    if (index % 2 == 0) {
      append.set_encoded_tokens(2);
      append.set_code_bytes(4);
      append.set_code_digest(numbers.below(1u << 31));
      append.set_time_ns(50);
    }
    trace::KvAttend& attend = *list.emplace_back().mutable_kv_attend();
    attend.set_layer(layer);
    attend.set_context_tokens(5 + index);
    attend.set_residual_tokens(index % 2);
    attend.set_sub_vectors(2);
    attend.set_code_bits(4);
    attend.set_code_bytes(8);
    attend.set_plain_bytes(16);
    attend.set_attend_ns(70);
  }
}

// y0 = 3 x0 - x1, y1 = 2 x1 over ciphertexts: c0^3 and c1, c1^2.
void add_mod_mul(std::vector<Record>& list) {
  trace::ModMul& part = *list.emplace_back().mutable_mod_mul();
  part.set_matrix(tricycle::trace::O_PROJ);
  part.set_modulus_id(1);
  part.set_inputs(2);
  part.set_first_output(4);
  part.set_outputs(2);
  part.set_population(16);
  part.set_weight_bits(8);
  for (const int weight : {3, -1, 0, 2}) part.add_weights(weight);
  for (const unsigned value : {0, 0, 2, 0, 1, 1}) part.add_operations(value);
  const std::pair<unsigned, bool> of[] = {{0, false}, {0, true}, {1, false}};
  const unsigned values[] = {3, 1, 4};
  for (unsigned i = 0; i < 3; ++i) {
    trace::ModMulOutput& result = *part.add_results();
    result.set_output(of[i].first);
    result.set_negative(of[i].second);
    result.set_value(values[i]);
  }
  part.set_operands(std::string("\x12\x34\xff\xf0", 4));
  part.set_operand_seed(7);
}

}  // namespace

trace::Header sample_header() {
  trace::Header header = small_header();
  header.set_generator("tricycle trace sample");
  header.set_seed(1);
  header.set_precision("flexquant");
  header.set_sampling("greedy");
  header.set_synthetic_weights(true);
  for (const unsigned id : {3, 1, 4, 1}) header.add_prompt_ids(id);
  trace::FlexQuant& flex = *header.mutable_flexquant();
  flex.add_layer_order(1);
  flex.add_layer_order(0);
  flex.add_thresholds(8);
  flex.add_thresholds(4);
  flex.set_hysteresis(0.125);
  flex.set_way_back(true);
  flex.set_window(2);
  flex.set_int4(tricycle::trace::INT4_GROUP);
  trace::Kv& kv = *header.mutable_kv();
  kv.set_format("pq");
  kv.set_sub_vectors(2);
  kv.set_code_bits(4);
  kv.set_residual_tokens(2);
  trace::Content& content = *header.mutable_content();
  content.set_weights(true);
  content.set_tile_digests(true);
  content.set_activations(true);
  content.set_results(true);
  content.set_measured_times(true);
  content.set_encrypted(true);
  content.set_prefill(true);
  return header;
}

std::vector<Record> sample_records() {
  Numbers numbers;
  std::vector<Record> list;
  for (unsigned layer = 0; layer < 2; ++layer) {
    add_tensor(list, numbers, layer, kMatrices[0], 0, 10);
    add_tensor(list, numbers, layer, kMatrices[0], 10, 6);
    add_tensor(list, numbers, layer, kMatrices[1], 0, 8);
    add_tensor(list, numbers, layer, kMatrices[2], 0, 32);
    add_tensor(list, numbers, layer, kMatrices[3], 0, 8);
  }
  add_tile_digest(list);
  add_prefill(list);
  add_modulus(list);
  for (unsigned index = 0; index < 3; ++index) {
    list.push_back(token(index));
    const std::string bits{8, static_cast<char>(index == 1 ? 4 : 8)};
    list.back().mutable_token()->set_layer_bits(bits);
    list.back().mutable_token()->set_time_ns(5000 + index);
    for (unsigned layer = 0; layer < 2; ++layer) {
      add_layer(list, numbers, index, layer, static_cast<unsigned>(bits[layer]));
    }
    if (index == 0) add_mod_mul(list);
  }
  return list;
}

void write_sample(const std::filesystem::path& file, const trace::WriterOptions& options) {
  trace::Writer writer(file, sample_header(), options);
  for (const Record& record : sample_records()) writer.write(record);
  writer.finish();
}

}  // namespace test_support
