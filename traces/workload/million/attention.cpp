// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/attention.h"

#include <algorithm>
#include <limits>

#include "traces/workload/numeric/exp.h"
#include "traces/workload/numeric/simd.h"

namespace million {
namespace {

using workload::F32x16;
using workload::kLanes;
using workload::SimdLevel;

// Products of a query with all centroids, before rounding: table[m][c].
template <unsigned kBytes>
WORKLOAD_INLINE void table_body(const PqShape& shape, const float* centroids, std::size_t padded,
                                const float* q, float* row) {
  using F32 = typename workload::Vector<kBytes>::F32;
  const unsigned sub_dim = shape.sub_dim();
  for (std::size_t c = 0; c < padded; c += kBytes / 4) {
    F32 sum = {};
    for (unsigned k = 0; k < sub_dim; ++k)
      sum = sum + q[k] * *reinterpret_cast<const F32*>(centroids + k * padded + c);
    sum = sum > workload::kFloat16Max ? F32{} + workload::kFloat16Max : sum;
    sum = sum < -workload::kFloat16Max ? F32{} - workload::kFloat16Max : sum;
    *reinterpret_cast<F32*>(row + c) = sum;
  }
}

struct PlainRows {
  const float* rows;
  std::size_t stride;
  std::size_t count;
  unsigned dim;
};

// kRows dot products at once, so that their chains of additions overlap.
template <unsigned kRows>
WORKLOAD_INLINE void some_scores(const PlainRows& in, const float* q, float scale, std::size_t first,
                                 float* scores) {
  F32x16 sums[kRows] = {};
  const float* rows = in.rows + first * in.stride;
  const unsigned whole = in.dim - in.dim % kLanes;
  for (unsigned k = 0; k < whole; k += kLanes) {
    const F32x16& x = *reinterpret_cast<const F32x16*>(q + k);
    for (unsigned r = 0; r < kRows; ++r)
      sums[r] = sums[r] + x * *reinterpret_cast<const F32x16*>(rows + r * in.stride + k);
  }
  for (unsigned r = 0; r < kRows; ++r) {
    F32x16 sum = sums[r];
    for (unsigned k = whole; k < in.dim; ++k) sum[k % kLanes] += q[k] * rows[r * in.stride + k];
    for (unsigned half = kLanes / 2; half > 0; half /= 2)
      for (unsigned lane = 0; lane < half; ++lane) sum[lane] += sum[lane + half];
    scores[first + r] = sum[0] * scale;
  }
}

WORKLOAD_INLINE void plain_scores_body(const PlainRows& in, const float* q, float scale, float* scores) {
  std::size_t i = 0;
  for (; i + 4 <= in.count; i += 4) some_scores<4>(in, q, scale, i, scores);
  for (; i < in.count; ++i) some_scores<1>(in, q, scale, i, scores);
}

// kVectors vectors of outputs stay in registers while all tokens go by.
template <unsigned kVectors>
WORKLOAD_INLINE void some_outputs(const PlainRows& in, const float* p, unsigned first, float* acc) {
  F32x16 sums[kVectors];
  for (unsigned v = 0; v < kVectors; ++v)
    sums[v] = *reinterpret_cast<const F32x16*>(acc + first + v * kLanes);
  for (std::size_t i = 0; i < in.count; ++i) {
    const float* row = in.rows + i * in.stride + first;
    for (unsigned v = 0; v < kVectors; ++v)
      sums[v] = sums[v] + p[i] * *reinterpret_cast<const F32x16*>(row + v * kLanes);
  }
  for (unsigned v = 0; v < kVectors; ++v) *reinterpret_cast<F32x16*>(acc + first + v * kLanes) = sums[v];
}

WORKLOAD_INLINE void plain_accumulate_body(const PlainRows& in, const float* p, float* acc) {
  unsigned k = 0;
  for (; k + 4 * kLanes <= in.dim; k += 4 * kLanes) some_outputs<4>(in, p, k, acc);
  for (; k + kLanes <= in.dim; k += kLanes) some_outputs<1>(in, p, k, acc);
  for (; k < in.dim; ++k)
    for (std::size_t i = 0; i < in.count; ++i) acc[k] += p[i] * in.rows[i * in.stride + k];
}

struct CodedKeys {
  const float* table;
  const Code* codes;  // of the first group
  std::size_t groups;
  unsigned sub_vectors;
  unsigned centroids;
};

WORKLOAD_INLINE void pq_scores_body(const CodedKeys& in, float scale, float* scores) {
  for (std::size_t g = 0; g < in.groups; ++g) {
    const Code* codes = in.codes + g * in.sub_vectors * kKeyLanes;
    const float* table = in.table;
    float sums[kKeyLanes] = {};
    for (unsigned m = 0; m < in.sub_vectors; ++m, codes += kKeyLanes, table += in.centroids)
      for (unsigned lane = 0; lane < kKeyLanes; ++lane) sums[lane] += table[codes[lane]];
    for (unsigned lane = 0; lane < kKeyLanes; ++lane) scores[g * kKeyLanes + lane] = sums[lane] * scale;
  }
}

struct CodedValues {
  const float* centroids;  // [M][C][sub_dim]
  const Code* codes;
  std::size_t count;
  unsigned sub_vectors;
  unsigned centroid_count;
  unsigned sub_dim;
};

// Pairs of components moved together; the values are never looked at as doubles.
typedef double Pairs __attribute__((vector_size(64), aligned(4), may_alias));
typedef double Pair __attribute__((aligned(4), may_alias));

// 16 outputs at a time stay in a register while all tokens go by; their centroids stay in the nearest cache.
template <unsigned kSubDim>
WORKLOAD_INLINE void pq_accumulate_wide(const CodedValues& in, const float* p, float* acc) {
  constexpr unsigned kParts = kLanes / kSubDim;  // sub-vectors of 16 outputs
  const std::size_t step = std::size_t{in.centroid_count} * kSubDim;
  for (unsigned m = 0; m < in.sub_vectors; m += kParts) {
    const float* book = in.centroids + m * step;
    F32x16& out = *reinterpret_cast<F32x16*>(acc + std::size_t{m} * kSubDim);
    F32x16 sum = out;
    for (std::size_t i = 0; i < in.count; ++i) {
      const Code* codes = in.codes + i * in.sub_vectors + m;
      Pairs pairs;
      for (unsigned at = 0; at < kLanes / 2; ++at) {
        const unsigned part = 2 * at / kSubDim;
        pairs[at] = *reinterpret_cast<const Pair*>(book + part * step + std::size_t{codes[part]} * kSubDim +
                                                   2 * at % kSubDim);
      }
      sum = sum + p[i] * *reinterpret_cast<const F32x16*>(&pairs);
    }
    out = sum;
  }
}

WORKLOAD_INLINE void pq_accumulate_narrow(const CodedValues& in, const float* p, float* acc) {
  const std::size_t step = std::size_t{in.centroid_count} * in.sub_dim;
  for (std::size_t i = 0; i < in.count; ++i) {
    const Code* codes = in.codes + i * in.sub_vectors;
    const float* book = in.centroids;
    float* out = acc;
    for (unsigned m = 0; m < in.sub_vectors; ++m, book += step, out += in.sub_dim) {
      const float* centroid = book + std::size_t{codes[m]} * in.sub_dim;
      for (unsigned k = 0; k < in.sub_dim; ++k) out[k] += p[i] * centroid[k];
    }
  }
}

WORKLOAD_INLINE void pq_accumulate_any(const CodedValues& in, const float* p, float* acc) {
  const bool whole = in.sub_vectors * in.sub_dim % kLanes == 0;
  if (whole && in.sub_dim == 2)
    pq_accumulate_wide<2>(in, p, acc);
  else if (whole && in.sub_dim == 4)
    pq_accumulate_wide<4>(in, p, acc);
  else
    pq_accumulate_narrow(in, p, acc);
}

#define WORKLOAD_THREE_LEVELS(name, body, parameters, arguments) \
  void name##_portable parameters { body arguments; }            \
  WORKLOAD_AVX2 void name##_avx2 parameters { body arguments; }  \
  WORKLOAD_AVX512 void name##_avx512 parameters { body arguments; }

void table_portable(const PqShape& shape, const float* centroids, std::size_t padded, const float* q,
                    float* row) {
  table_body<16>(shape, centroids, padded, q, row);
}
WORKLOAD_AVX2 void table_avx2(const PqShape& shape, const float* centroids, std::size_t padded,
                              const float* q, float* row) {
  table_body<32>(shape, centroids, padded, q, row);
}
WORKLOAD_AVX512 void table_avx512(const PqShape& shape, const float* centroids, std::size_t padded,
                                  const float* q, float* row) {
  table_body<64>(shape, centroids, padded, q, row);
}
WORKLOAD_THREE_LEVELS(plain_scores, plain_scores_body,
                      (const PlainRows& in, const float* q, float scale, float* scores),
                      (in, q, scale, scores))
WORKLOAD_THREE_LEVELS(plain_accumulate, plain_accumulate_body,
                      (const PlainRows& in, const float* p, float* acc), (in, p, acc))
WORKLOAD_THREE_LEVELS(pq_scores, pq_scores_body, (const CodedKeys& in, float scale, float* scores),
                      (in, scale, scores))
WORKLOAD_THREE_LEVELS(pq_accumulate, pq_accumulate_any, (const CodedValues& in, const float* p, float* acc),
                      (in, p, acc))
#undef WORKLOAD_THREE_LEVELS

template <class Kernel>
Kernel* pick(SimdLevel level, Kernel* portable, Kernel* avx2, Kernel* avx512) {
  return level == SimdLevel::avx512 ? avx512 : level == SimdLevel::avx2 ? avx2 : portable;
}

}  // namespace

void build_table(const Codebook& keys, const float* q, float* table, SimdLevel level) {
  const PqShape& shape = keys.shape();
  const std::size_t padded = keys.padded();
  float row[4096];
  Float16 rounded[4096];
  for (unsigned m = 0; m < shape.sub_vectors; ++m) {
    pick(level, table_portable, table_avx2, table_avx512)(shape,
                                                          keys.by_component() + m * padded * shape.sub_dim(),
                                                          padded, q + std::size_t{m} * shape.sub_dim(), row);
    workload::to_float16(row, shape.centroids(), rounded, level);
    workload::to_float(rounded, shape.centroids(), table + std::size_t{m} * shape.centroids(), level);
  }
}

void pq_scores(const PqShape& shape, const float* table, const Code* key_codes, std::size_t first,
               std::size_t count, float scale, float* scores, SimdLevel level) {
  const CodedKeys in{table, key_codes + key_code_index(first, 0, shape.sub_vectors),
                     (count + kKeyLanes - 1) / kKeyLanes, shape.sub_vectors, shape.centroids()};
  pick(level, pq_scores_portable, pq_scores_avx2, pq_scores_avx512)(in, scale, scores);
}

void pq_accumulate(const Codebook& values, const Code* value_codes, std::size_t count, const float* p,
                   float* acc, SimdLevel level) {
  const PqShape& shape = values.shape();
  const CodedValues in{values.by_centroid(), value_codes,       count,
                       shape.sub_vectors,    shape.centroids(), shape.sub_dim()};
  pick(level, pq_accumulate_portable, pq_accumulate_avx2, pq_accumulate_avx512)(in, p, acc);
}

void plain_scores(const float* q, const float* rows, std::size_t stride, std::size_t count, unsigned dim,
                  float scale, float* scores, SimdLevel level) {
  pick(level, plain_scores_portable, plain_scores_avx2, plain_scores_avx512)({rows, stride, count, dim}, q,
                                                                             scale, scores);
}

void plain_accumulate(const float* rows, std::size_t stride, std::size_t count, unsigned dim, const float* p,
                      float* acc, SimdLevel level) {
  pick(level, plain_accumulate_portable, plain_accumulate_avx2, plain_accumulate_avx512)(
      {rows, stride, count, dim}, p, acc);
}

Partial empty_partial() { return {-std::numeric_limits<float>::infinity(), 0}; }

void softmax_tile(Partial& partial, float* scores, std::size_t count, float* acc, unsigned dim) {
  float largest = partial.max;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, scores[i]);
  if (count == 0) return;
  if (largest > partial.max) {
    // The first tile has max -infinity: exp gives 0, and sum and acc are 0 anyway.
    const float factor = workload::exp_f32(partial.max - largest);
    for (unsigned k = 0; k < dim; ++k) acc[k] *= factor;
    partial.sum *= factor;
    partial.max = largest;
  }
  for (std::size_t i = 0; i < count; ++i) scores[i] -= largest;
  workload::exp_f32(scores, count, scores);
  for (std::size_t i = 0; i < count; ++i) partial.sum += scores[i];
}

void merge(const Partial* partials, const float* accs, std::size_t count, unsigned dim, float* out) {
  std::fill_n(out, dim, 0.0F);
  float largest = -std::numeric_limits<float>::infinity();
  for (std::size_t s = 0; s < count; ++s)
    if (partials[s].sum > 0) largest = std::max(largest, partials[s].max);
  float sum = 0;
  for (std::size_t s = 0; s < count; ++s) {
    if (!(partials[s].sum > 0)) continue;
    const float weight = workload::exp_f32(partials[s].max - largest);
    sum += weight * partials[s].sum;
    for (unsigned k = 0; k < dim; ++k) out[k] += weight * accs[s * dim + k];
  }
  if (!(sum > 0)) return;
  for (unsigned k = 0; k < dim; ++k) out[k] /= sum;
}

}  // namespace million
