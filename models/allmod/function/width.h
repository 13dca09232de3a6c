// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Additions and conditional subtractions of table entries (n limbs) and sums (s limbs), with the limb counts
// known to the compiler (FixedWidth) or not (AnyWidth). Outputs may be inputs.
#pragma once

#include <algorithm>
#include <cstddef>

#include "models/allmod/function/machine.h"

namespace allmod {

template <std::size_t N, std::size_t S>
struct FixedWidth {
  static constexpr bool kFixed = true;
  static_assert(S == N || S == N + 1, "sums are at most a limb wider than table entries");
  FixedWidth(std::size_t, std::size_t) {}
  static constexpr std::size_t n() { return N; }
  static constexpr std::size_t s() { return S; }

  // out = a + b; both table entries.
  static void add_entries(Limb* out, const Limb* a, const Limb* b) {
    Carry carry = 0;
    ALLMOD_UNROLL
    for (std::size_t i = 0; i < N; ++i) carry = add_limb(carry, a[i], b[i], out + i);
    if constexpr (S > N) out[N] = carry;
  }

  // out = a + b; a is a sum, b a table entry.
  static void add_entry(Limb* out, const Limb* a, const Limb* b) {
    Carry carry = 0;
    ALLMOD_UNROLL
    for (std::size_t i = 0; i < N; ++i) carry = add_limb(carry, a[i], b[i], out + i);
    if constexpr (S > N) out[N] = a[N] + carry;
  }

  // out = a + b; both sums.
  static void add(Limb* out, const Limb* a, const Limb* b) {
    Carry carry = 0;
    ALLMOD_UNROLL
    for (std::size_t i = 0; i < S; ++i) carry = add_limb(carry, a[i], b[i], out + i);
  }

  static void widen(Limb* out, const Limb* entry) {
    ALLMOD_UNROLL
    for (std::size_t i = 0; i < N; ++i) out[i] = entry[i];
    if constexpr (S > N) out[N] = 0;
  }

  static void copy(Limb* out, const Limb* sum) {
    ALLMOD_UNROLL
    for (std::size_t i = 0; i < S; ++i) out[i] = sum[i];
  }

  // If value >= subtrahend: value -= subtrahend, and 1 is returned. No branch: the outcome is a coin toss.
  template <std::size_t Count>
  static Limb restore(Limb* value, const Limb* subtrahend) {
    Limb difference[Count];
    Carry borrow = 0;
    ALLMOD_UNROLL
    for (std::size_t i = 0; i < Count; ++i)
      borrow = sub_limb(borrow, value[i], subtrahend[i], difference + i);
    const Limb* const outcomes[2] = {difference, value};
    const Limb* const outcome = outcomes[borrow];
    ALLMOD_UNROLL
    for (std::size_t i = 0; i < Count; ++i) value[i] = outcome[i];
    return borrow ^ 1u;
  }
  // j < 64: the whole sum.
  static Limb restore_sum(Limb* value, const Limb* subtrahend, Limb*) {
    return restore<S>(value, subtrahend);
  }
  static Limb restore_window(Limb* value, const Limb* subtrahend, Limb*) {  // n + 1 limbs
    return restore<N + 1>(value, subtrahend);
  }
};

struct AnyWidth {
  static constexpr bool kFixed = false;
  AnyWidth(std::size_t n, std::size_t s) : n_(n), s_(s) {}
  std::size_t n() const { return n_; }
  std::size_t s() const { return s_; }

  void add_entries(Limb* out, const Limb* a, const Limb* b) const {
    const Limb carry = mpn_add_n(out, a, b, size(n_));
    if (s_ > n_) {
      out[n_] = carry;
      std::fill(out + n_ + 1, out + s_, Limb{0});
    }
  }

  void add_entry(Limb* out, const Limb* a, const Limb* b) const { mpn_add(out, a, size(s_), b, size(n_)); }
  void add(Limb* out, const Limb* a, const Limb* b) const { mpn_add_n(out, a, b, size(s_)); }

  void widen(Limb* out, const Limb* entry) const {
    std::copy(entry, entry + n_, out);
    std::fill(out + n_, out + s_, Limb{0});
  }
  void copy(Limb* out, const Limb* sum) const { std::copy(sum, sum + s_, out); }

  // As above; `work` has `count` limbs.
  static Limb restore(Limb* value, const Limb* subtrahend, std::size_t count, Limb* work) {
    if (mpn_sub_n(work, value, subtrahend, size(count)) != 0) return 0;
    std::copy(work, work + count, value);
    return 1;
  }
  Limb restore_window(Limb* value, const Limb* subtrahend, Limb* work) const {
    return restore(value, subtrahend, n_ + 1, work);
  }

 private:
  static mp_size_t size(std::size_t limbs) { return static_cast<mp_size_t>(limbs); }
  std::size_t n_, s_;
};

}  // namespace allmod
