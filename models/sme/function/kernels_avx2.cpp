// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "traces/workload/numeric/simd.h"

namespace sme {
namespace {

template <unsigned kVectors>
WORKLOAD_AVX2 WORKLOAD_INLINE void some_columns(const std::int16_t* weights, std::size_t pairs,
                                                std::size_t columns, const std::int16_t* a,
                                                std::int32_t* sums) {
  __m256i acc[kVectors];
  for (unsigned v = 0; v < kVectors; ++v) acc[v] = _mm256_setzero_si256();
  for (std::size_t pair = 0; pair < pairs; ++pair, weights += 2 * columns) {
    std::int32_t two;
    __builtin_memcpy(&two, a + 2 * pair, sizeof two);
    const __m256i inputs = _mm256_set1_epi32(two);
    for (unsigned v = 0; v < kVectors; ++v) {
      const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + 16 * v));
      acc[v] = _mm256_add_epi32(acc[v], _mm256_madd_epi16(w, inputs));
    }
  }
  for (unsigned v = 0; v < kVectors; ++v)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + 8 * v), acc[v]);
}

WORKLOAD_AVX2 WORKLOAD_INLINE __m256i byte_ones(__m256i x) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2,
                                         3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(15);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
                         _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
}

// Ones of four columns in 64-bit lanes.
template <unsigned kWords>
WORKLOAD_AVX2 WORKLOAD_INLINE __m256i column_ones(const std::uint64_t* bits, const std::uint64_t* rows,
                                                  unsigned words) {
  __m256i ones = _mm256_setzero_si256();
  for (unsigned w = 0; w < (kWords != 0 ? kWords : words); ++w) {
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bits + w * kColumnGroup));
    ones = _mm256_add_epi8(
        ones, byte_ones(_mm256_and_si256(b, _mm256_set1_epi64x(static_cast<long long>(rows[w])))));
  }
  return _mm256_sad_epu8(ones, _mm256_setzero_si256());
}

struct Totals {
  __m256i excess, clips;
};

// One term of coefficient 1: sums are never negative and fit 16 bits.
template <unsigned kWords>
WORKLOAD_AVX2 WORKLOAD_INLINE Totals plain_columns(const std::uint64_t* bits, unsigned words,
                                                   const ActiveRows& active, __m256i most) {
  Totals totals{_mm256_setzero_si256(), _mm256_setzero_si256()};
  for (unsigned t = 0; t < active.cycles; ++t) {
    const __m256i sum = column_ones<kWords>(bits, active.words + std::size_t{t} * words, words);
    const __m256i over = _mm256_subs_epu16(sum, most);
    totals.clips = _mm256_sub_epi64(totals.clips, _mm256_cmpgt_epi32(over, _mm256_setzero_si256()));
    const __m256i part = _mm256_slli_epi64(over, active.shift[t]);
    totals.excess =
        active.negative[t] ? _mm256_sub_epi64(totals.excess, part) : _mm256_add_epi64(totals.excess, part);
  }
  return totals;
}

WORKLOAD_AVX2 WORKLOAD_INLINE Totals any_columns(const std::uint64_t* bits, const HotColumns& columns,
                                                 const ActiveRows& active, __m256i most) {
  const __m256i zero = _mm256_setzero_si256();
  const std::size_t block = std::size_t{columns.words} * kColumnGroup;
  Totals totals{zero, zero};
  for (unsigned t = 0; t < active.cycles; ++t) {
    __m256i sum = zero;
    for (unsigned k = 0; k < columns.terms; ++k) {
      const __m256i ones =
          column_ones<0>(bits + k * block, active.words + std::size_t{t} * columns.words, columns.words);
      sum = _mm256_add_epi64(sum, _mm256_mul_epi32(ones, _mm256_set1_epi64x(columns.coefficient[k])));
    }
    const __m256i above = _mm256_sub_epi64(sum, most), below = _mm256_add_epi64(sum, most);
    const __m256i is_above = _mm256_cmpgt_epi64(above, zero), is_below = _mm256_cmpgt_epi64(zero, below);
    const __m256i over =
        _mm256_or_si256(_mm256_and_si256(above, is_above), _mm256_and_si256(below, is_below));
    totals.clips = _mm256_sub_epi64(totals.clips, _mm256_or_si256(is_above, is_below));
    const __m256i part = _mm256_slli_epi64(over, active.shift[t]);
    totals.excess =
        active.negative[t] ? _mm256_sub_epi64(totals.excess, part) : _mm256_add_epi64(totals.excess, part);
  }
  return totals;
}

WORKLOAD_AVX2 WORKLOAD_INLINE std::uint64_t add_up(__m256i v, std::uint64_t mask) {
  std::uint64_t lanes[4];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), v);
  return (lanes[0] & mask) + (lanes[1] & mask) + (lanes[2] & mask) + (lanes[3] & mask);
}

}  // namespace

WORKLOAD_AVX2 void tile_product_avx2(const std::int16_t* weights, std::size_t pairs, std::size_t columns,
                                     const std::int16_t* a, std::int32_t* sums) {
  std::size_t c = 0;
  for (; c + 64 <= columns; c += 64) some_columns<8>(weights + 2 * c, pairs, columns, a, sums + c);
  for (; c + 32 <= columns; c += 32) some_columns<4>(weights + 2 * c, pairs, columns, a, sums + c);
  for (; c < columns; c += 16) some_columns<2>(weights + 2 * c, pairs, columns, a, sums + c);
}

WORKLOAD_AVX2 std::uint64_t clipped_part_avx2(const HotColumns& columns, const ActiveRows& active,
                                              std::int32_t most, std::int64_t* excess) {
  const bool plain = columns.terms == 1;
  const __m256i limit = _mm256_set1_epi64x(most);
  __m256i clips = _mm256_setzero_si256();
  const std::size_t block = std::size_t{columns.terms} * columns.words * kColumnGroup;
  for (std::size_t half = 0; half < 2 * columns.groups; ++half) {
    const std::uint64_t* bits = columns.bits + half / 2 * block + half % 2 * 4;
    const Totals totals = !plain               ? any_columns(bits, columns, active, limit)
                          : columns.words == 2 ? plain_columns<2>(bits, 2, active, limit)
                                               : plain_columns<0>(bits, columns.words, active, limit);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(excess + 4 * half), totals.excess);
    clips = _mm256_add_epi64(clips, totals.clips);
  }
  // The comparison of 32-bit lanes leaves the upper halves at 0; 32 bits hold any count of a tile.
  return add_up(clips, 0xffffffff);
}

}  // namespace sme
#endif
