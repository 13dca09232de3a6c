// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/sme/chip.h"
#include "models/sme/ring.h"

namespace sme {

// Turns products of a layer into passes: one for each round that has a part of it, each behind the writing of
// the round's crossbars where another round's are there.
class PassPlanner {
 public:
  explicit PassPlanner(Chip& chip) : chip_(chip) {}

  void plan(std::uint32_t layer, unsigned planes, std::uint64_t positions, std::uint64_t tag, bool depends,
            Ring<Pass>& out) {
    const std::size_t rounds = chip_.placement().rounds.size();
    const unsigned input_bits = chip_.layer(layer).settings().input_bits;
    std::size_t last = 0;
    for (std::size_t r = 0; r < rounds; ++r) {
      if (chip_.work(layer, planes, r, input_bits) != nullptr) last = r;
    }
    for (std::size_t r = 0; r < rounds; ++r) {
      LayerWork* work = chip_.work(layer, planes, r, input_bits);
      if (work == nullptr) continue;
      if (rounds > 1 && programmed_ != r) {
        programmed_ = r;
        Pass write;
        write.program = &chip_.program(r);
        write.positions = 1;
        write.tag = tag;
        write.last = false;
        out.push(write);
      }
      Pass pass;
      pass.work = work;
      pass.positions = positions;
      pass.tag = tag;
      pass.depends = depends;
      pass.last = r == last;
      out.push(pass);
    }
  }

 private:
  Chip& chip_;
  std::size_t programmed_ = ~std::size_t{0};
};

}  // namespace sme
