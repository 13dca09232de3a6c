// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/encrypt/layer_sampler.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/trace_samples.h"
#include "traces/io/shape.h"
#include "traces/io/validate.h"
#include "traces/workload/encrypt/operands.h"

namespace {

using ::testing::ElementsAre;
using workload::LayerSampler;

int code(std::uint64_t row, std::uint64_t col) { return static_cast<int>((row * 31 + col * 17) % 255) - 127; }

TEST(LayerSampler, the_records_are_valid_and_their_weights_are_the_layers) {
  trace::Header header = test_support::sample_header();
  header.mutable_model()->set_hidden(96);
  header.mutable_model()->set_intermediate(200);
  header.mutable_content()->set_weights(false);
  const LayerSampler sampler({workload::crypto_modulus("bls12_381_r"), 32, 4, 5});
  std::vector<std::string> problems;
  trace::Validator validator(header, "a.tct", [&](const std::string& text) { problems.push_back(text); });
  validator.check(sampler.modulus().record(LayerSampler::kModulusId));
  std::set<std::uint32_t> rows;
  for (unsigned index = 0; index < 8; ++index) {
    trace::Record token = test_support::token(index);
    validator.check(token);
    for (unsigned layer = 0; layer < 2; ++layer) {
      const trace::MatrixShape shape = trace::matrix_shape(header.model(), tricycle::trace::DOWN_PROJ);
      const trace::Record record =
          sampler.part({index, layer, tricycle::trace::DOWN_PROJ, shape.rows, shape.cols, 8}, code);
      validator.check(record);
      const trace::ModMul& part = record.mod_mul();
      EXPECT_EQ(part.population(), 24u * 7u);  // ceil(96 / 4) * ceil(200 / 32)
      for (unsigned o = 0; o < 4; ++o) {
        for (unsigned i = 0; i < 32; ++i) {
          EXPECT_EQ(part.weights(static_cast<int>(o * 32 + i)),
                    code(part.first_output() + o, part.first_input() + i));
        }
      }
      rows.insert(part.first_output());
    }
  }
  EXPECT_THAT(problems, ElementsAre());
  EXPECT_GT(rows.size(), 4u);  // not always the same tile
}

TEST(LayerSampler, a_matrix_smaller_than_the_tile_is_taken_whole) {
  const LayerSampler sampler({workload::crypto_modulus("paillier256"), 32, 4, 1});
  const trace::Record record =
      sampler.part({0, 0, tricycle::trace::O_PROJ, 3, 8, 4},
                   [](std::uint64_t row, std::uint64_t) { return row == 0 ? 7 : -1; });
  EXPECT_EQ(record.mod_mul().inputs(), 8u);
  EXPECT_EQ(record.mod_mul().outputs(), 3u);
  EXPECT_EQ(record.mod_mul().population(), 1u);
  EXPECT_EQ(record.mod_mul().operands().size(), 8u * 32u);
}

TEST(LayerSampler, a_part_depends_on_its_place_and_seed_alone) {
  const LayerSampler a({workload::crypto_modulus("bn254_r"), 8, 2, 1}),
      b({workload::crypto_modulus("bn254_r"), 8, 2, 2});
  const LayerSampler::Place place{3, 1, tricycle::trace::O_PROJ, 64, 64, 8};
  EXPECT_EQ(a.part(place, code).SerializeAsString(), a.part(place, code).SerializeAsString());
  EXPECT_NE(a.part(place, code).mod_mul().operands(), b.part(place, code).mod_mul().operands());
}

// SplitMix64 of seed 0 begins with e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f (Vigna's splitmix64.c).
TEST(OperandStream, words_of_split_mix_below_the_modulus) {
  workload::OperandStream stream(std::string(8, '\xff'), 64, 0);
  EXPECT_EQ(trace::hex(stream.next()), "e220a8397b1dcdaf");
  EXPECT_EQ(trace::hex(stream.next()), "6e789e6aa1b965f4");
  workload::OperandStream small(std::string("\x70") + std::string(7, '\0'), 63, 0);
  EXPECT_EQ(trace::hex(small.next()), "6220a8397b1dcdaf");  // the top bit is cut
  workload::OperandStream smaller(std::string("\x60") + std::string(7, '\0'), 63, 0);
  EXPECT_EQ(trace::hex(smaller.next()), "06c45d188009454f");  // 62.. and 6e.. are not below it
}

}  // namespace
