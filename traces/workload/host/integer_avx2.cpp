// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/integer_levels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "traces/workload/numeric/simd.h"

namespace workload::integer {
namespace {

WORKLOAD_AVX2 WORKLOAD_INLINE __m256i widen(const std::int8_t* p) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}

WORKLOAD_AVX2 WORKLOAD_INLINE std::int32_t add_up(__m256i v) {
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum);
}

// Products of two bytes and the sum of two of them fit 16 x 16 -> 32 bits for every code, -128 included.
template <unsigned kTokens>
WORKLOAD_AVX2 WORKLOAD_INLINE void some_tokens(const std::int8_t* w, const std::int8_t* a, std::size_t cols,
                                               std::int32_t* sums, std::size_t sum_stride) {
  __m256i acc[kTokens];
  for (unsigned t = 0; t < kTokens; ++t) acc[t] = _mm256_setzero_si256();
  std::size_t i = 0;
  for (; i + 16 <= cols; i += 16) {
    const __m256i weights = widen(w + i);
    for (unsigned t = 0; t < kTokens; ++t)
      acc[t] = _mm256_add_epi32(acc[t], _mm256_madd_epi16(weights, widen(a + t * cols + i)));
  }
  for (unsigned t = 0; t < kTokens; ++t) {
    std::int32_t sum = add_up(acc[t]);
    for (std::size_t k = i; k < cols; ++k) sum += w[k] * a[t * cols + k];
    sums[t * sum_stride] = sum;
  }
}

}  // namespace

WORKLOAD_AVX2 void int8_dots_avx2(const std::int8_t* w, const std::int8_t* a, std::size_t cols,
                                  std::size_t tokens, std::int32_t* sums, std::size_t sum_stride) {
  std::size_t t = 0;
  for (; t + 4 <= tokens; t += 4) some_tokens<4>(w, a + t * cols, cols, sums + t * sum_stride, sum_stride);
  for (; t < tokens; ++t) some_tokens<1>(w, a + t * cols, cols, sums + t * sum_stride, sum_stride);
}

WORKLOAD_AVX2 std::int32_t int4_dot_avx2(const Int4Row& row) {
  const __m256i low_bits = _mm256_set1_epi8(15);
  const __m256i eight = _mm256_set1_epi8(8);
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i acc = _mm256_setzero_si256();
  const std::uint8_t* codes = row.codes;
  const std::int8_t* a = row.a;
  for (std::size_t chunk = 0; chunk < row.chunks; ++chunk, codes += kInt4Chunk / 2, a += kInt4Chunk) {
    __m256i sums = _mm256_setzero_si256();  // 16 bits: at most 4 * 2 * 15 * 128 in magnitude
    for (unsigned half = 0; half < 2; ++half) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + 32 * half));
      const __m256i low = _mm256_xor_si256(_mm256_and_si256(bytes, low_bits), eight);
      const __m256i high = _mm256_xor_si256(_mm256_and_si256(_mm256_srli_epi16(bytes, 4), low_bits), eight);
      const __m256i even = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + 32 * half));
      const __m256i odd = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a + 64 + 32 * half));
      sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(low, even));
      sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(high, odd));
    }
    acc = _mm256_add_epi32(acc, _mm256_madd_epi16(sums, ones));
  }
  return add_up(acc);
}

}  // namespace workload::integer
#endif
