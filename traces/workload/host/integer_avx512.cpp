// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/integer_levels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "traces/workload/numeric/simd.h"

namespace workload::integer {
namespace {

// Masks that take everything: g++ 12 warns about its own header where the plain forms are used.
WORKLOAD_AVX512 WORKLOAD_INLINE std::int32_t add_up(__m512i v) {
  const __m256i eight = _mm256_add_epi32(_mm512_maskz_extracti64x4_epi64(0xff, v, 0),
                                         _mm512_maskz_extracti64x4_epi64(0xff, v, 1));
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum);
}

// VNNI multiplies unsigned by signed bytes: activations go in as a + 128, and 128 times the sum of the
// weights comes off at the end. The 32-bit sums may wrap on the way; modulo 2^32 the result is exact.
template <unsigned kTokens>
WORKLOAD_AVX512 WORKLOAD_INLINE void some_tokens(const std::int8_t* w, const std::int8_t* a, std::size_t cols,
                                                 std::int32_t* sums, std::size_t sum_stride) {
  const __m512i offset = _mm512_set1_epi8(-128);
  __m512i acc[kTokens];
  for (unsigned t = 0; t < kTokens; ++t) acc[t] = _mm512_setzero_si512();
  __m512i weight_sum = _mm512_setzero_si512();
  for (std::size_t i = 0; i < cols; i += 64) {
    const __mmask64 mask = cols - i >= 64 ? ~0ULL : (1ULL << (cols - i)) - 1;
    const __m512i weights = _mm512_maskz_loadu_epi8(mask, w + i);
    weight_sum = _mm512_dpbusd_epi32(weight_sum, offset, weights);  // the byte -128 is 128 unsigned
    for (unsigned t = 0; t < kTokens; ++t) {
      const __m512i activations = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, a + t * cols + i), offset);
      acc[t] = _mm512_dpbusd_epi32(acc[t], activations, weights);
    }
  }
  for (unsigned t = 0; t < kTokens; ++t) sums[t * sum_stride] = add_up(_mm512_sub_epi32(acc[t], weight_sum));
}

}  // namespace

WORKLOAD_AVX512 void int8_dots_avx512(const std::int8_t* w, const std::int8_t* a, std::size_t cols,
                                      std::size_t tokens, std::int32_t* sums, std::size_t sum_stride) {
  std::size_t t = 0;
  for (; t + 4 <= tokens; t += 4) some_tokens<4>(w, a + t * cols, cols, sums + t * sum_stride, sum_stride);
  for (; t < tokens; ++t) some_tokens<1>(w, a + t * cols, cols, sums + t * sum_stride, sum_stride);
}

WORKLOAD_AVX512 std::int32_t int4_dot_avx512(const Int4Row& row) {
  const __m512i low_bits = _mm512_set1_epi8(15);
  const __m512i eight = _mm512_set1_epi8(8);
  __m512i acc = _mm512_setzero_si512();
  for (std::size_t chunk = 0; chunk < row.chunks; ++chunk) {
    const __m512i bytes = _mm512_loadu_si512(row.codes + chunk * kInt4Chunk / 2);
    const __m512i low = _mm512_xor_si512(_mm512_and_si512(bytes, low_bits), eight);
    const __m512i high = _mm512_xor_si512(_mm512_and_si512(_mm512_srli_epi16(bytes, 4), low_bits), eight);
    const std::int8_t* a = row.a + chunk * kInt4Chunk;
    acc = _mm512_dpbusd_epi32(acc, low, _mm512_loadu_si512(a));
    acc = _mm512_dpbusd_epi32(acc, high, _mm512_loadu_si512(a + kInt4Chunk / 2));
  }
  return add_up(acc);
}

}  // namespace workload::integer
#endif
