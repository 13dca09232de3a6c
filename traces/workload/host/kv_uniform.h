// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <vector>

#include "traces/workload/host/kv_block.h"

namespace workload {

// Uniform codes of `bits` bits with a zero point: x = code * scale + zero, code 0 .. 2^bits - 1.
//   zero = fp16(min), scale = fp16((max - min) / (2^bits - 1)), code = (x - zero) / scale rounded half to
//   even, kept within the range; scale 0 gives code 0.
// Values: one (scale, zero) for every token's vector of head_dim. Keys: the same (per token), or one for
// every channel over the tokens of a block (per channel, as KIVI does it; a block is the residual's 128
// tokens, or the prompt cut into 128s from its start, the last one shorter). Codes are counted as packed;
// scale and zero take 2 bytes each.
class UniformStore final : public CodedStore {
 public:
  enum class Keys { per_token, per_channel };
  UniformStore(const KvShape& shape, unsigned bits, Keys keys, SimdLevel level);

  EncodedBlock encode(std::size_t tokens, const float* k, const float* v) const override;
  void append(unsigned layer, const EncodedBlock& block) override;
  void clear(unsigned layer) override;
  std::size_t tokens(unsigned layer) const override { return layers_[layer].tokens; }
  std::uint64_t bytes(unsigned layer) const override;
  std::uint64_t bytes(const EncodedBlock& block) const override;
  double bytes_per_token() const override;
  unsigned sub_vectors() const override { return 0; }
  unsigned code_bits() const override { return bits_; }
  std::size_t table_size() const override { return 0; }
  void build_table(const float*, float*) const override {}

  void scores(unsigned layer, unsigned kv_head, const QueryHead& query, std::size_t first, std::size_t count,
              float scale, float* scores, float* scratch) const override;
  void accumulate(unsigned layer, unsigned kv_head, std::size_t first, std::size_t count, const float* p,
                  float* acc, float* scratch) const override;

 private:
  struct Layer {
    std::size_t tokens = 0;
    std::vector<million::Code> key_codes;  // [token][kv head][head_dim]
    std::vector<million::Code> value_codes;
    std::vector<float>
        key_scales;  // pairs; per token: [token][kv head], per channel: [block][kv head][head_dim]
    std::vector<float> value_scales;          // pairs [token][kv head]
    std::vector<std::size_t> block_of_token;  // per channel
  };
  std::size_t vector_size() const { return std::size_t{kv_heads_} * dim_; }
  std::uint64_t bytes(std::size_t tokens, std::size_t scales) const;
  void quantise(const float* x, std::size_t stride, std::size_t count, million::Code* codes,
                std::vector<float>& scales) const;
  void key_rows(const Layer& layer, unsigned kv_head, std::size_t first, std::size_t count,
                float* rows) const;

  unsigned kv_heads_;
  unsigned dim_;
  unsigned bits_;
  Keys keys_;
  SimdLevel level_;
  std::vector<Layer> layers_;
};

}  // namespace workload
