// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The AVX-512 kernels against the portable ones on any machine: SIMDe stands in for the instructions.
#include <immintrin.h>
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#define SME_AVX512
#define tile_product_avx512 tile_product_emulated
#define clipped_part_avx512 clipped_part_emulated
#include "models/sme/function/kernels_avx512.cpp"

// Behind the intrinsics.
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace sme;

TEST(SmeAvx512Emulated, TileProductEqualsThePortableOne) {
  std::mt19937_64 random(1);
  for (std::size_t columns = 16; columns <= 272; columns += 16)
    for (const std::size_t pairs : {1, 2, 31, 64}) {
      std::vector<std::int16_t> weights(2 * pairs * columns), a(2 * pairs);
      for (auto& w : weights) w = static_cast<std::int16_t>(static_cast<int>(random() % 8192) - 4096);
      for (auto& x : a) x = static_cast<std::int16_t>(static_cast<int>(random() % 512) - 256);
      std::vector<std::int32_t> expected(columns), sums(columns);
      tile_product_portable(weights.data(), pairs, columns, a.data(), expected.data());
      tile_product_emulated(weights.data(), pairs, columns, a.data(), sums.data());
      ASSERT_EQ(sums, expected);
    }
}

TEST(SmeAvx512Emulated, ClippedPartEqualsThePortableOne) {
  std::mt19937_64 random(2);
  for (unsigned i = 0; i < 200; ++i) {
    const unsigned bytes = 2 + 2 * static_cast<unsigned>(random() % (i % 4 == 0 ? 32 : 15));
    const unsigned cycles = 1 + static_cast<unsigned>(random() % 11);
    std::vector<std::uint8_t> rows(std::size_t{cycles} * bytes);
    for (auto& r : rows) r = static_cast<std::uint8_t>(i % 5 == 0 ? 0xff : random());
    ActiveRows active{};
    active.rows = rows.data();
    active.bytes = bytes;
    active.cycles = cycles;
    for (unsigned t = 0; t < cycles; ++t) {
      active.shift[t] = static_cast<std::uint8_t>(t);
      active.negative[t] = t + 1 == cycles && i % 2 == 0;
    }
    std::vector<HotColumns> crossbars;
    std::vector<std::vector<std::uint8_t>> bits;
    std::size_t columns = 0;
    for (unsigned k = 0; k < 1 + i % 5; ++k) {
      HotColumns hot{nullptr, 1 + random() % 4, 1u << random() % 3, {1, -1, 0, 0}};
      if (hot.terms == 4) hot.coefficient[1] = 2, hot.coefficient[2] = -1, hot.coefficient[3] = -2;
      if (hot.terms == 2 && random() % 2 == 0) hot.coefficient[1] = 2;
      bits.emplace_back(hot.groups * hot.terms * bytes * kColumnGroup);
      for (auto& b : bits.back()) b = static_cast<std::uint8_t>(i % 3 == 0 ? random() | random() : random());
      columns += hot.groups * kColumnGroup;
      crossbars.push_back(hot);
    }
    for (std::size_t k = 0; k < crossbars.size(); ++k) crossbars[k].bits = bits[k].data();
    const auto most = static_cast<std::int32_t>(random() % (8 * bytes));
    std::vector<std::int32_t> expected(columns), excess(columns, -1);
    std::vector<std::uint64_t> expected_clips(crossbars.size()), clips(crossbars.size());
    clipped_part_portable(crossbars.data(), crossbars.size(), active, most, expected.data(),
                          expected_clips.data());
    clipped_part_emulated(crossbars.data(), crossbars.size(), active, most, excess.data(), clips.data());
    ASSERT_EQ(excess, expected) << i;
    ASSERT_EQ(clips, expected_clips) << i;
  }
}

}  // namespace
