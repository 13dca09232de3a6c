// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "traces/workload/numeric/simd.h"

// What WORKLOAD_AVX512 has, and the population count.
#define SME_AVX512 \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vpopcntdq,f16c")))

namespace sme {
namespace {

template <unsigned kVectors>
SME_AVX512 WORKLOAD_INLINE void some_columns(const std::int16_t* weights, std::size_t pairs,
                                             std::size_t columns, const std::int16_t* a, std::int32_t* sums) {
  __m512i acc[kVectors];
  for (unsigned v = 0; v < kVectors; ++v) acc[v] = _mm512_setzero_si512();
  for (std::size_t pair = 0; pair < pairs; ++pair, weights += 2 * columns) {
    std::int32_t two;
    __builtin_memcpy(&two, a + 2 * pair, sizeof two);
    const __m512i inputs = _mm512_set1_epi32(two);
    for (unsigned v = 0; v < kVectors; ++v)
      acc[v] = _mm512_dpwssd_epi32(acc[v], _mm512_loadu_si512(weights + 32 * v), inputs);
  }
  for (unsigned v = 0; v < kVectors; ++v) _mm512_storeu_si512(sums + 16 * v, acc[v]);
}

struct Totals {
  __m512i excess;
  std::uint64_t clips;
};

// kTerms 1: one term of coefficient 1; else any. kWords 0: any.
template <bool kPlain, unsigned kWords>
SME_AVX512 WORKLOAD_INLINE Totals eight_columns(const std::uint64_t* bits, const HotColumns& columns,
                                                const ActiveRows& active, __m512i most) {
  const unsigned words = kWords != 0 ? kWords : columns.words;
  const unsigned terms = kPlain ? 1 : columns.terms;
  const __m512i least = _mm512_sub_epi64(_mm512_setzero_si512(), most);
  Totals totals{_mm512_setzero_si512(), 0};
  for (unsigned t = 0; t < active.cycles; ++t) {
    const std::uint64_t* rows = active.words + std::size_t{t} * words;
    __m512i sum = _mm512_setzero_si512();
    for (unsigned k = 0; k < terms; ++k) {
      __m512i ones = _mm512_setzero_si512();
      for (unsigned w = 0; w < words; ++w) {
        const __m512i b = _mm512_loadu_si512(bits + (std::size_t{k} * words + w) * kColumnGroup);
        const __m512i both = _mm512_and_si512(b, _mm512_set1_epi64(static_cast<long long>(rows[w])));
        ones = _mm512_add_epi64(ones, _mm512_popcnt_epi64(both));
      }
      sum = kPlain
                ? ones
                : _mm512_add_epi64(sum, _mm512_mullo_epi64(ones, _mm512_set1_epi64(columns.coefficient[k])));
    }
    const __mmask8 above = _mm512_cmpgt_epi64_mask(sum, most);
    const __mmask8 below = kPlain ? __mmask8{0} : _mm512_cmpgt_epi64_mask(least, sum);
    if ((above | below) == 0) continue;
    totals.clips += static_cast<unsigned>(__builtin_popcount(static_cast<unsigned>(above | below)));
    const __m512i limit = kPlain ? most : _mm512_mask_mov_epi64(most, below, least);
    const __m512i over = _mm512_maskz_sub_epi64(static_cast<__mmask8>(above | below), sum, limit);
    const __m512i part = _mm512_maskz_sll_epi64(0xff, over, _mm_cvtsi32_si128(active.shift[t]));
    totals.excess =
        active.negative[t] ? _mm512_sub_epi64(totals.excess, part) : _mm512_add_epi64(totals.excess, part);
  }
  return totals;
}

}  // namespace

SME_AVX512 void tile_product_avx512(const std::int16_t* weights, std::size_t pairs, std::size_t columns,
                                    const std::int16_t* a, std::int32_t* sums) {
  std::size_t c = 0;
  for (; c + 128 <= columns; c += 128) some_columns<8>(weights + 2 * c, pairs, columns, a, sums + c);
  for (; c + 64 <= columns; c += 64) some_columns<4>(weights + 2 * c, pairs, columns, a, sums + c);
  for (; c < columns; c += 16) some_columns<1>(weights + 2 * c, pairs, columns, a, sums + c);
}

SME_AVX512 std::uint64_t clipped_part_avx512(const HotColumns& columns, const ActiveRows& active,
                                             std::int32_t most, std::int64_t* excess) {
  const bool plain = columns.terms == 1;
  const __m512i limit = _mm512_set1_epi64(most);
  std::uint64_t clips = 0;
  const std::size_t block = std::size_t{columns.terms} * columns.words * kColumnGroup;
  for (std::size_t group = 0; group < columns.groups; ++group) {
    const std::uint64_t* bits = columns.bits + group * block;
    const Totals totals = !plain               ? eight_columns<false, 0>(bits, columns, active, limit)
                          : columns.words == 2 ? eight_columns<true, 2>(bits, columns, active, limit)
                                               : eight_columns<true, 0>(bits, columns, active, limit);
    _mm512_storeu_si512(excess + kColumnGroup * group, totals.excess);
    clips += totals.clips;
  }
  return clips;
}

}  // namespace sme
#endif
