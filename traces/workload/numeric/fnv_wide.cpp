// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/numeric/fnv_wide.h"

#include <array>

#include "traces/workload/numeric/cpu.h"
#include "traces/workload/numeric/fnv.h"
#include "traces/workload/numeric/simd.h"

#if defined(__x86_64__)
#include <immintrin.h>

namespace workload {
namespace {

constexpr std::size_t kWords = 4;
constexpr std::size_t kPairs = kFnvBlock / 2;

constexpr std::uint64_t power(std::size_t exponent) {
  std::uint64_t p = 1;
  for (std::size_t i = 0; i < exponent; ++i) p *= kFnvPrime;
  return p;
}

// Of every pair of bytes in a block and every word: the words of the two powers, in all lanes.
struct alignas(32) Powers {
  std::array<std::int16_t, kPairs * kWords * kFnvLanes> word{};

  constexpr Powers() {
    for (std::size_t byte = 0; byte < kFnvBlock; ++byte) {
      std::uint64_t rest = power(kFnvBlock - byte);
      for (std::size_t w = 0; w < kWords; ++w) {
        const auto low = static_cast<std::int16_t>(static_cast<std::uint16_t>(rest));
        rest = (rest >> 16) + (low < 0 ? 1 : 0);  // the words are signed, so a negative one borrows
        for (std::size_t lane = byte % 2; lane < kFnvLanes; lane += 2) {
          word[((byte / 2) * kWords + w) * kFnvLanes + lane] = low;
        }
      }
    }
  }
};
constexpr Powers kPowers;

// Byte i of the lanes' next 32 bytes: in rows[i], i < 16, as its lower half, else as the upper half of
// rows[i - 16].
WORKLOAD_AVX2 WORKLOAD_INLINE void transpose(const unsigned char* const* at, std::size_t offset,
                                             __m256i* rows) {
  __m256i other[kFnvLanes];
  for (std::size_t k = 0; k < kFnvLanes; ++k) {
    rows[k] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at[k] + offset));
  }
  // Interleaving rows k and k + 8 four times over exchanges the numbers of row and byte.
  for (unsigned twice = 0; twice < 2; ++twice) {
    for (std::size_t k = 0; k < 8; ++k) {
      other[2 * k] = _mm256_unpacklo_epi8(rows[k], rows[k + 8]);
      other[2 * k + 1] = _mm256_unpackhi_epi8(rows[k], rows[k + 8]);
    }
    for (std::size_t k = 0; k < 8; ++k) {
      rows[2 * k] = _mm256_unpacklo_epi8(other[k], other[k + 8]);
      rows[2 * k + 1] = _mm256_unpackhi_epi8(other[k], other[k + 8]);
    }
  }
}

struct Sums {  // of d_i times a word of a power; `low` has lanes 0-3 and 8-11, `high` the others
  __m256i low[kWords], high[kWords];
};

WORKLOAD_AVX2 WORKLOAD_INLINE __m256i difference(__m128i bytes, __m256i& low_bits) {
  const __m256i mixed = _mm256_xor_si256(low_bits, _mm256_cvtepu8_epi16(bytes));
  const __m256i d = _mm256_sub_epi16(mixed, low_bits);
  low_bits = _mm256_mullo_epi16(mixed, _mm256_set1_epi16(static_cast<std::int16_t>(kFnvPrime & 0xffff)));
  return d;
}

WORKLOAD_AVX2 WORKLOAD_INLINE void add_pair(__m128i first, __m128i second, const std::int16_t* powers,
                                            __m256i& low_bits, Sums& sums) {
  const __m256i d0 = difference(first, low_bits);
  const __m256i d1 = difference(second, low_bits);
  const __m256i low = _mm256_unpacklo_epi16(d0, d1);
  const __m256i high = _mm256_unpackhi_epi16(d0, d1);
  for (std::size_t w = 0; w < kWords; ++w) {
    const __m256i p = _mm256_load_si256(reinterpret_cast<const __m256i*>(powers + w * kFnvLanes));
    sums.low[w] = _mm256_add_epi32(sums.low[w], _mm256_madd_epi16(low, p));
    sums.high[w] = _mm256_add_epi32(sums.high[w], _mm256_madd_epi16(high, p));
  }
}

WORKLOAD_AVX2 void blocks_avx2(std::uint64_t* hashes, const unsigned char* const* at, std::size_t blocks) {
  alignas(32) std::uint16_t start[kFnvLanes];
  for (std::size_t k = 0; k < kFnvLanes; ++k) start[k] = static_cast<std::uint16_t>(hashes[k]);
  __m256i low_bits = _mm256_load_si256(reinterpret_cast<const __m256i*>(start));
  for (std::size_t block = 0; block < blocks; ++block) {
    Sums sums;
    for (std::size_t w = 0; w < kWords; ++w) sums.low[w] = sums.high[w] = _mm256_setzero_si256();
    const std::int16_t* powers = kPowers.word.data();
    for (std::size_t offset = 0; offset < kFnvBlock; offset += 32) {
      __m256i rows[kFnvLanes];
      transpose(at, block * kFnvBlock + offset, rows);
      for (std::size_t i = 0; i < kFnvLanes; i += 2, powers += kWords * kFnvLanes) {
        add_pair(_mm256_castsi256_si128(rows[i]), _mm256_castsi256_si128(rows[i + 1]), powers, low_bits,
                 sums);
      }
      for (std::size_t i = 0; i < kFnvLanes; i += 2, powers += kWords * kFnvLanes) {
        add_pair(_mm256_extracti128_si256(rows[i], 1), _mm256_extracti128_si256(rows[i + 1], 1), powers,
                 low_bits, sums);
      }
    }
    // 64 pairs of at most 2 * 255 * 32768 fit 32 bits.
    alignas(32) std::int32_t sum[kWords][kFnvLanes];
    for (std::size_t w = 0; w < kWords; ++w) {
      const auto to = [&](std::size_t lane) { return reinterpret_cast<__m128i*>(&sum[w][lane]); };
      _mm_store_si128(to(0), _mm256_castsi256_si128(sums.low[w]));
      _mm_store_si128(to(4), _mm256_castsi256_si128(sums.high[w]));
      _mm_store_si128(to(8), _mm256_extracti128_si256(sums.low[w], 1));
      _mm_store_si128(to(12), _mm256_extracti128_si256(sums.high[w], 1));
    }
    constexpr std::uint64_t kWhole = power(kFnvBlock);
    for (std::size_t k = 0; k < kFnvLanes; ++k) {
      std::uint64_t h = hashes[k] * kWhole;
      for (std::size_t w = 0; w < kWords; ++w) {
        h += static_cast<std::uint64_t>(std::int64_t{sum[w][k]}) << 16 * w;
      }
      hashes[k] = h;
    }
  }
}

}  // namespace

bool fnv_wide_available() { return detect_simd_level() >= SimdLevel::avx2; }

void fnv_wide(std::uint64_t* hashes, const unsigned char* const* at, std::size_t blocks) {
  blocks_avx2(hashes, at, blocks);
}

}  // namespace workload

#else

namespace workload {

bool fnv_wide_available() { return false; }
void fnv_wide(std::uint64_t*, const unsigned char* const*, std::size_t) {}

}  // namespace workload

#endif
