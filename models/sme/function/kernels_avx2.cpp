// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/kernels_any.h"

#if defined(__x86_64__)
#include <immintrin.h>

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

constexpr unsigned kTogether = 8;  // cycles whose sums are kept in registers

// ones_of[n & mask] for every nibble n, for the sixteen masks.
alignas(16) constexpr std::uint8_t kMaskedOnes[16][16] = {
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1},
    {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1}, {0, 1, 1, 2, 0, 1, 1, 2, 0, 1, 1, 2, 0, 1, 1, 2},
    {0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1}, {0, 1, 0, 1, 1, 2, 1, 2, 0, 1, 0, 1, 1, 2, 1, 2},
    {0, 0, 1, 1, 1, 1, 2, 2, 0, 0, 1, 1, 1, 1, 2, 2}, {0, 1, 1, 2, 1, 2, 2, 3, 0, 1, 1, 2, 1, 2, 2, 3},
    {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}, {0, 1, 0, 1, 0, 1, 0, 1, 1, 2, 1, 2, 1, 2, 1, 2},
    {0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 2, 2, 1, 1, 2, 2}, {0, 1, 1, 2, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3},
    {0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2}, {0, 1, 0, 1, 1, 2, 1, 2, 1, 2, 1, 2, 2, 3, 2, 3},
    {0, 0, 1, 1, 1, 1, 2, 2, 1, 1, 2, 2, 2, 2, 3, 3}, {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4}};

// Tables of a batch of cycles: [row byte][cycle][low nibble, high nibble].
struct Tables {
  alignas(16) std::uint8_t of[kByteRows][kTogether][2][16];
};

WORKLOAD_AVX2 WORKLOAD_INLINE __m256i table(const std::uint8_t* sixteen) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(sixteen)));
}

WORKLOAD_AVX2 WORKLOAD_INLINE unsigned add_bytes_excess(__m256i over, unsigned shift, bool negative,
                                                        std::int32_t* excess) {
  alignas(32) std::uint8_t bytes[kColumnGroup];
  _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), over);
  for (unsigned c = 0; c < kColumnGroup; c += 8) {
    const __m256i wide =
        _mm256_slli_epi32(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes + c))),
                          static_cast<int>(shift));
    __m256i* to = reinterpret_cast<__m256i*>(excess + c);
    const __m256i had = _mm256_loadu_si256(to);
    _mm256_storeu_si256(to, negative ? _mm256_sub_epi32(had, wide) : _mm256_add_epi32(had, wide));
  }
  const __m256i none = _mm256_cmpeq_epi8(over, _mm256_setzero_si256());
  return kColumnGroup -
         static_cast<unsigned>(__builtin_popcount(static_cast<unsigned>(_mm256_movemask_epi8(none))));
}

// Sums that a byte holds: the ones of eight rows by two look-ups, whose tables have the active rows in them.
template <unsigned kCycles>
WORKLOAD_AVX2 WORKLOAD_INLINE void byte_sums(const std::uint8_t* bits, const Tables& tables, unsigned bytes,
                                             __m256i* sums) {
  const __m256i low_bits = _mm256_set1_epi8(15);
  for (unsigned t = 0; t < kCycles; ++t) sums[t] = _mm256_setzero_si256();
  for (unsigned i = 0; i < bytes; ++i) {
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bits + i * kColumnGroup));
    const __m256i low = _mm256_and_si256(b, low_bits);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(b, 4), low_bits);
    for (unsigned t = 0; t < kCycles; ++t) {
      sums[t] = _mm256_add_epi8(sums[t], _mm256_shuffle_epi8(table(tables.of[i][t][0]), low));
      sums[t] = _mm256_add_epi8(sums[t], _mm256_shuffle_epi8(table(tables.of[i][t][1]), high));
    }
  }
}

// kSigned: the second term comes off the first.
template <bool kSigned, unsigned kCycles>
WORKLOAD_AVX2 WORKLOAD_INLINE unsigned byte_group(const std::uint8_t* bits, const Tables& tables,
                                                  const ActiveRows& active, unsigned first, __m256i most,
                                                  std::int32_t* excess) {
  __m256i sums[kCycles], minus[kCycles];
  byte_sums<kCycles>(bits, tables, active.bytes, sums);
  if (kSigned)
    byte_sums<kCycles>(bits + std::size_t{active.bytes} * kColumnGroup, tables, active.bytes, minus);
  unsigned clips = 0;
  for (unsigned t = 0; t < kCycles; ++t) {
    const unsigned shift = active.shift[first + t];
    const bool negative = active.negative[first + t];
    const __m256i plus = kSigned ? _mm256_subs_epu8(sums[t], minus[t]) : sums[t];
    const __m256i over = _mm256_subs_epu8(plus, most);
    if (!_mm256_testz_si256(over, over)) clips += add_bytes_excess(over, shift, negative, excess);
    if (!kSigned) continue;
    const __m256i under = _mm256_subs_epu8(_mm256_subs_epu8(minus[t], sums[t]), most);
    if (!_mm256_testz_si256(under, under)) clips += add_bytes_excess(under, shift, !negative, excess);
  }
  return clips;
}

template <bool kSigned>
WORKLOAD_AVX2 WORKLOAD_INLINE unsigned byte_group(unsigned cycles, const std::uint8_t* bits,
                                                  const Tables& tables, const ActiveRows& active,
                                                  unsigned first, __m256i most, std::int32_t* excess) {
  switch (cycles) {
    case 1:
      return byte_group<kSigned, 1>(bits, tables, active, first, most, excess);
    case 2:
      return byte_group<kSigned, 2>(bits, tables, active, first, most, excess);
    case 3:
      return byte_group<kSigned, 3>(bits, tables, active, first, most, excess);
    case 4:
      return byte_group<kSigned, 4>(bits, tables, active, first, most, excess);
    case 5:
      return byte_group<kSigned, 5>(bits, tables, active, first, most, excess);
    case 6:
      return byte_group<kSigned, 6>(bits, tables, active, first, most, excess);
    case 7:
      return byte_group<kSigned, 7>(bits, tables, active, first, most, excess);
    default:
      return byte_group<kSigned, 8>(bits, tables, active, first, most, excess);
  }
}

}  // namespace

WORKLOAD_AVX2 void tile_product_avx2(const std::int16_t* weights, std::size_t pairs, std::size_t columns,
                                     const std::int16_t* a, std::int32_t* sums) {
  std::size_t c = 0;
  for (; c + 64 <= columns; c += 64) some_columns<8>(weights + 2 * c, pairs, columns, a, sums + c);
  for (; c + 32 <= columns; c += 32) some_columns<4>(weights + 2 * c, pairs, columns, a, sums + c);
  for (; c < columns; c += 16) some_columns<2>(weights + 2 * c, pairs, columns, a, sums + c);
}

WORKLOAD_AVX2 void clipped_part_avx2(const HotColumns* crossbars, std::size_t count, const ActiveRows& active,
                                     std::int32_t most, std::int32_t* excess, std::uint64_t* clips) {
  const bool bytes_hold = active.bytes <= kByteRows && most <= 255;
  std::int32_t* to = excess;
  for (std::size_t i = 0; i < count; to += crossbars[i++].groups * kColumnGroup) {
    clips[i] = 0;
    if (bytes_hold && bytes_do(crossbars[i])) {
      std::fill(to, to + crossbars[i].groups * kColumnGroup, 0);
    } else {
      clips[i] = any_clipped(crossbars[i], active, most, to);
    }
  }
  if (!bytes_hold) return;
  const __m256i limit = _mm256_set1_epi8(static_cast<char>(most));
  Tables tables;
  for (unsigned first = 0; first < active.cycles; first += kTogether) {
    const unsigned cycles = std::min(kTogether, active.cycles - first);
    for (unsigned b = 0; b < active.bytes; ++b)
      for (unsigned t = 0; t < cycles; ++t) {
        const std::uint8_t rows = active.rows[(first + t) * active.bytes + b];
        __builtin_memcpy(tables.of[b][t][0], kMaskedOnes[rows & 15], 16);
        __builtin_memcpy(tables.of[b][t][1], kMaskedOnes[rows >> 4], 16);
      }
    to = excess;
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t group = 0; group < crossbars[i].groups; ++group, to += kColumnGroup) {
        if (!bytes_do(crossbars[i])) continue;
        const std::uint8_t* bits =
            crossbars[i].bits + group * crossbars[i].terms * active.bytes * kColumnGroup;
        clips[i] += crossbars[i].terms == 1
                        ? byte_group<false>(cycles, bits, tables, active, first, limit, to)
                        : byte_group<true>(cycles, bits, tables, active, first, limit, to);
      }
  }
}

}  // namespace sme
#endif
