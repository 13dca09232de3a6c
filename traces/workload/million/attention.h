// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

#include "traces/workload/million/codebook.h"
#include "traces/workload/million/encode.h"
#include "traces/workload/numeric/cpu.h"

// Attention of one query head, in pieces. A split of the context is walked in tiles of kTileTokens with an
// online softmax into a Partial; merge() joins the splits' partials. All arithmetic is f32 with a fixed
// order, the same at every SimdLevel.
namespace million {

constexpr unsigned kTileTokens = 64;
constexpr unsigned kKeyLanes = 16;  // neighbouring tokens whose key codes lie together

// Asymmetric distance look-up table: table[m][c] = q_m . centroid[m][c], added up over the components in
// order, kept within +-65504, rounded to fp16, and stored widened (every entry is an fp16 value). table: M *
// C floats.
void build_table(const Codebook& keys, const float* q, float* table, workload::SimdLevel level);

// Key codes are kept in groups of 16 tokens, [group][M][16]: where the code of a token and sub-vector lies.
inline std::size_t key_code_index(std::size_t token, unsigned m, unsigned sub_vectors) {
  return ((token / kKeyLanes) * sub_vectors + m) * kKeyLanes + token % kKeyLanes;
}

// scores[i] = (sum over m in order of table[m][code]) * scale for tokens first .. first + count - 1. `first`
// is a multiple of 16, `scores` has room for count rounded up to 16, and so do the codes.
void pq_scores(const PqShape& shape, const float* table, const Code* key_codes, std::size_t first,
               std::size_t count, float scale, float* scores, workload::SimdLevel level);

// acc[head_dim] += p[i] * decoded value i, tokens in order; value_codes [count][M].
void pq_accumulate(const Codebook& values, const Code* value_codes, std::size_t count, const float* p,
                   float* acc, workload::SimdLevel level);

// The same over plain rows [count][dim], `stride` floats apart. A dot product is added up in 16 lanes
// (component k in lane k mod 16), then lanes by halves: l += l + 8, l + 4, l + 2, l + 1.
void plain_scores(const float* q, const float* rows, std::size_t stride, std::size_t count, unsigned dim,
                  float scale, float* scores, workload::SimdLevel level);
void plain_accumulate(const float* rows, std::size_t stride, std::size_t count, unsigned dim, const float* p,
                      float* acc, workload::SimdLevel level);

// Of a split so far: largest score, sum of exp(score - max), and the values weighted the same way (acc,
// elsewhere). The log-sum-exp of the split is max + ln(sum). A split without tokens has max -infinity and sum
// 0.
struct Partial {
  float max;
  float sum;
};
Partial empty_partial();

// Takes `count` scores in: turns them into weights exp(score - max) in place and rescales sum and acc[dim] if
// max rises. The caller then accumulates the weighted values into acc.
void softmax_tile(Partial& partial, float* scores, std::size_t count, float* acc, unsigned dim);

// out = sum_s exp(max_s - max) acc_s / sum_s exp(max_s - max) sum_s over `count` partials in order, accs
// [count][dim]: the same as weighting every split's result by its log-sum-exp. Splits without tokens have no
// part. With no tokens at all, out is 0.
void merge(const Partial* partials, const float* accs, std::size_t count, unsigned dim, float* out);

}  // namespace million
