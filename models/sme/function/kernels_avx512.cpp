// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/kernels_any.h"

#if defined(__x86_64__)
#include <immintrin.h>

// What WORKLOAD_AVX512 has, and population counts of bytes.
#if !defined(SME_AVX512)  // a test emulates the instructions
#define SME_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bitalg,f16c")))
#endif

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

constexpr unsigned kTogether = 8;  // cycles whose sums are kept in registers

// Active rows of a batch of cycles, spread over the columns of a group: [pair of row bytes][cycle][64].
struct Masks {
  alignas(64) std::uint8_t of[(kByteRows + 1) / 2][kTogether][2 * kColumnGroup];
};

SME_AVX512 WORKLOAD_INLINE bool all_zero(__m256i x) {
  return _mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_setzero_si256())) == -1;
}

SME_AVX512 WORKLOAD_INLINE unsigned add_bytes_excess(__m256i over, unsigned shift, bool negative,
                                                     std::int32_t* excess) {
  alignas(32) std::uint8_t bytes[kColumnGroup];
  _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), over);
  for (unsigned c = 0; c < kColumnGroup; c += 8) {
    const __m256i wide =
        _mm256_sll_epi32(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes + c))),
                         _mm_cvtsi32_si128(static_cast<int>(shift)));
    __m256i* to = reinterpret_cast<__m256i*>(excess + c);
    const __m256i had = _mm256_loadu_si256(to);
    _mm256_storeu_si256(to, negative ? _mm256_sub_epi32(had, wide) : _mm256_add_epi32(had, wide));
  }
  const __m256i none = _mm256_cmpeq_epi8(over, _mm256_setzero_si256());
  return kColumnGroup -
         static_cast<unsigned>(__builtin_popcount(static_cast<unsigned>(_mm256_movemask_epi8(none))));
}

// Sums that a byte holds; two row bytes of a group at a time.
template <unsigned kCycles>
SME_AVX512 WORKLOAD_INLINE void byte_sums(const std::uint8_t* bits, const Masks& masks, unsigned bytes,
                                          __m256i* sums) {
  __m512i both[kCycles];
  for (unsigned t = 0; t < kCycles; ++t) both[t] = _mm512_setzero_si512();
  for (unsigned i = 0; i < bytes; i += 2) {
    const __m512i b = _mm512_loadu_si512(bits + i * kColumnGroup);
    for (unsigned t = 0; t < kCycles; ++t)
      both[t] = _mm512_add_epi8(
          both[t], _mm512_popcnt_epi8(_mm512_and_si512(b, _mm512_load_si512(masks.of[i / 2][t]))));
  }
  for (unsigned t = 0; t < kCycles; ++t)
    sums[t] = _mm256_add_epi8(_mm512_maskz_extracti64x4_epi64(0xff, both[t], 0),
                              _mm512_maskz_extracti64x4_epi64(0xff, both[t], 1));
}

// kSigned: the second term comes off the first.
template <bool kSigned, unsigned kCycles>
SME_AVX512 WORKLOAD_INLINE unsigned byte_group(const std::uint8_t* bits, const Masks& masks,
                                               const ActiveRows& active, unsigned first, __m256i most,
                                               std::int32_t* excess) {
  __m256i sums[kCycles], minus[kCycles];
  byte_sums<kCycles>(bits, masks, active.bytes, sums);
  if (kSigned)
    byte_sums<kCycles>(bits + std::size_t{active.bytes} * kColumnGroup, masks, active.bytes, minus);
  unsigned clips = 0;
  for (unsigned t = 0; t < kCycles; ++t) {
    const unsigned shift = active.shift[first + t];
    const bool negative = active.negative[first + t];
    const __m256i plus = kSigned ? _mm256_subs_epu8(sums[t], minus[t]) : sums[t];
    const __m256i over = _mm256_subs_epu8(plus, most);
    if (!all_zero(over)) clips += add_bytes_excess(over, shift, negative, excess);
    if (!kSigned) continue;
    const __m256i under = _mm256_subs_epu8(_mm256_subs_epu8(minus[t], sums[t]), most);
    if (!all_zero(under)) clips += add_bytes_excess(under, shift, !negative, excess);
  }
  return clips;
}

template <bool kSigned>
SME_AVX512 WORKLOAD_INLINE unsigned byte_group(unsigned cycles, const std::uint8_t* bits, const Masks& masks,
                                               const ActiveRows& active, unsigned first, __m256i most,
                                               std::int32_t* excess) {
  switch (cycles) {
    case 1:
      return byte_group<kSigned, 1>(bits, masks, active, first, most, excess);
    case 2:
      return byte_group<kSigned, 2>(bits, masks, active, first, most, excess);
    case 3:
      return byte_group<kSigned, 3>(bits, masks, active, first, most, excess);
    case 4:
      return byte_group<kSigned, 4>(bits, masks, active, first, most, excess);
    case 5:
      return byte_group<kSigned, 5>(bits, masks, active, first, most, excess);
    case 6:
      return byte_group<kSigned, 6>(bits, masks, active, first, most, excess);
    case 7:
      return byte_group<kSigned, 7>(bits, masks, active, first, most, excess);
    default:
      return byte_group<kSigned, 8>(bits, masks, active, first, most, excess);
  }
}

}  // namespace

SME_AVX512 void tile_product_avx512(const std::int16_t* weights, std::size_t pairs, std::size_t columns,
                                    const std::int16_t* a, std::int32_t* sums) {
  std::size_t c = 0;
  for (; c + 128 <= columns; c += 128) some_columns<8>(weights + 2 * c, pairs, columns, a, sums + c);
  for (; c + 64 <= columns; c += 64) some_columns<4>(weights + 2 * c, pairs, columns, a, sums + c);
  for (; c < columns; c += 16) some_columns<1>(weights + 2 * c, pairs, columns, a, sums + c);
}

SME_AVX512 void clipped_part_avx512(const HotColumns* crossbars, std::size_t count, const ActiveRows& active,
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
  Masks masks;
  for (unsigned first = 0; first < active.cycles; first += kTogether) {
    const unsigned cycles = std::min(kTogether, active.cycles - first);
    for (unsigned b = 0; b < active.bytes; ++b)
      for (unsigned t = 0; t < cycles; ++t) {
        const __m256i rows = _mm256_set1_epi8(static_cast<char>(active.rows[(first + t) * active.bytes + b]));
        _mm256_store_si256(reinterpret_cast<__m256i*>(masks.of[b / 2][t] + b % 2 * kColumnGroup), rows);
      }
    to = excess;
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t group = 0; group < crossbars[i].groups; ++group, to += kColumnGroup) {
        if (!bytes_do(crossbars[i])) continue;
        const std::uint8_t* bits =
            crossbars[i].bits + group * crossbars[i].terms * active.bytes * kColumnGroup;
        clips[i] += crossbars[i].terms == 1 ? byte_group<false>(cycles, bits, masks, active, first, limit, to)
                                            : byte_group<true>(cycles, bits, masks, active, first, limit, to);
      }
  }
}

}  // namespace sme
#endif
