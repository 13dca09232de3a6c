// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <vector>

#include "models/allmod/function/tables.h"

namespace allmod::bench {

// What anybody would write in software: the table entries and the low part of X into one accumulator with
// GMP's addition, in order; no tree, no reduction at the end. For w = 8 and n a multiple of 64.
class PlainSum {
 public:
  PlainSum(const Datapath& datapath, const Tables& tables)
      : tables_(tables),
        limbs_(datapath.n_limbs()),
        groups_(datapath.groups().size()),
        m_(datapath.design().m),
        high_(limbs_ + 1),
        acc_(limbs_ + 1) {}

  const Limb* add_up(const Limb* x) {
    if (m_ == 0) {
      std::copy_n(x + limbs_, limbs_, high_.begin());
    } else {
      mpn_rshift(high_.data(), x + limbs_, static_cast<mp_size_t>(limbs_), m_);
    }
    std::copy_n(x, limbs_, acc_.begin());
    acc_[limbs_] = x[limbs_] & ((Limb{1} << m_) - 1);
    const auto* address = reinterpret_cast<const unsigned char*>(high_.data());
    for (std::size_t i = 0; i < groups_; ++i) {
      acc_[limbs_] += mpn_add_n(acc_.data(), acc_.data(), tables_.entry(static_cast<unsigned>(i), address[i]),
                                static_cast<mp_size_t>(limbs_));
    }
    return acc_.data();
  }

 private:
  const Tables& tables_;
  std::size_t limbs_, groups_;
  unsigned m_;
  std::vector<Limb> high_, acc_;
};

}  // namespace allmod::bench
