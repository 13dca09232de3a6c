// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The operations of Form::barrett and Form::montgomery, one phase of the datapath after the other.
#pragma once

#include <cstddef>
#include <vector>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/datapath.h"
#include "models/allmod/function/tables.h"

namespace allmod {

class Products {
 public:
  explicit Products(const Datapath& datapath);

  // Values of phase `to` (1, 2, ...) out of those of the phase before it. Both lie as in a token: each value
  // in whole limbs, in the order of Phase::values. `in` and `out` must not overlap.
  void run(std::size_t to, const Tables& tables, const Limb* in, Limb* out);

 private:
  std::size_t limbs_of(std::size_t phase, std::size_t value) const {
    return limbs_for(datapath_.phases()[phase].values[value].bits);
  }
  void barrett(std::size_t to, const Tables& tables, const Limb* in, Limb* out);
  void montgomery(std::size_t to, const Tables& tables, const Limb* in, Limb* out);
  // The low `bits` bits of a * b.
  void multiply(const Limb* a, std::size_t a_limbs, const std::vector<Limb>& b, unsigned bits, Limb* out);

  const Datapath& datapath_;
  std::vector<Limb> operand_, product_;
};

}  // namespace allmod
