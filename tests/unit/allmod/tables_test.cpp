// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/tables.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

class TablesOf : public testing::TestWithParam<Design> {};

TEST_P(TablesOf, EntriesAreMultiplesModM) {
  const Datapath datapath(GetParam());
  const unsigned n = datapath.design().n;
  for (const char* name : {"random", "pow2", "pow2_plus1", "all_ones"}) {
    const Tables tables(datapath, Modulus::named(name, n, 3));
    const mpz_class& m = tables.modulus().value();
    for (const Group& group : datapath.groups()) {
      mpz_class largest = -1;
      for (std::uint64_t v = 0; v < (std::uint64_t{1} << group.width); ++v) {
        const mpz_class expected = (mpz_class(static_cast<unsigned long>(v)) << group.offset) % m;
        const mpz_class found = to_mpz(tables.entry(group.index, v), datapath.n_limbs());
        ASSERT_EQ(found, expected) << name << " group " << group.index << " v " << v;
        if (expected > largest) largest = expected;
      }
      EXPECT_EQ(tables.largest_entry(group.index), largest) << name << " group " << group.index;
    }
    for (std::uint64_t v = 0; v < tables.overflow_entries(); ++v) {
      const mpz_class expected = (mpz_class(static_cast<unsigned long>(v)) << n) % m;
      ASSERT_EQ(to_mpz(tables.overflow(v), datapath.n_limbs()), expected) << name << " v " << v;
    }
    for (unsigned s = 0; s < 64; ++s)
      ASSERT_EQ(to_mpz(tables.shifted_modulus(s), datapath.n_limbs() + 1), mpz_class(m << s));
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, TablesOf,
                         testing::Values(Design{Form::pipelined, 64, 8, 1, 2, 1, 1, 2, 0},
                                         Design{Form::pipelined, 7, 3, 0, 0, 0, 1, 2, 0},
                                         Design{Form::pipelined, 255, 5, 2, 1, 1, 1, 2, 0},
                                         Design{Form::template_, 128, 6, 19, 0, 0, 1, 2, 0},
                                         Design{Form::template_, 5, 2, 5, 0, 0, 1, 2, 0}));

TEST(Tables, BoundsOfOneModulus) {
  const Datapath datapath(Design{Form::pipelined, 3, 1, 1, 1, 0, 1, 2, 0});  // T at 2^4 and 2^5; f = 1
  const Tables tables(datapath, Modulus(mpz_class(5), 3));
  // 16 mod 5 = 1, 32 mod 5 = 2, R <= 2 * 5 - 1.
  EXPECT_EQ(tables.residue_bound(), mpz_class(9));
  EXPECT_EQ(tables.sum_bound(), mpz_class(12));
  EXPECT_EQ(tables.steps_needed(), 2u);  // floor(12 / 5) = 2
  EXPECT_EQ(datapath.post_steps(), 2u);  // bitlen(2 + 2 - 1)
}

TEST(Tables, BlockIsAlignedAndCounted) {
  const Datapath datapath(Design{});
  const Tables tables(datapath, Modulus::named("random", 128));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tables.block()) % 64, 0u);
  EXPECT_EQ(tables.words(), (15u * 256 + 128) * 2 + 2);
  EXPECT_GE(tables.bytes(), table_bytes(Design{}));
}

TEST(Tables, ModulusOfAnotherLengthIsRefused) {
  const Datapath datapath(Design{});
  EXPECT_THROW(Tables(datapath, Modulus::named("random", 64)), sim::Error);
}

}  // namespace
}  // namespace allmod
