// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <gmpxx.h>

#include "models/allmod/function/datapath.h"
#include "models/allmod/function/modulus.h"

namespace allmod {

enum class Contents {
  built,  // every entry, for evaluation register by register
  none,   // the modulus alone: results come from GMP's division (value: lazy), no table is built
};

// Contents of a reducer's memories for one modulus: T_i[v] = v * 2^(offset_i) mod M, for the template forms
// the overflow table T_ov[v] = v * 2^n mod M, for the multiplying forms their constants. Immutable once
// built; lanes share it. The datapath must outlive it. Building costs about one n-bit addition and
// subtraction an entry.
class Tables {
 public:
  // Throws sim::Error(Exit::usage) when the modulus has not the datapath's n bits, or no inverse where the
  // form needs one, or for Contents::none with Form::template_literal, whose wrong answers GMP does not give.
  Tables(const Datapath& datapath, const Modulus& modulus, Contents contents = Contents::built);

  const Datapath& datapath() const { return datapath_; }
  const Modulus& modulus() const { return modulus_; }
  bool built() const { return block_ != nullptr; }  // if not, there are no entries and no constants

  // n_limbs() limbs. All entries lie in one block, 64-byte aligned, group after group, entry after entry.
  const Limb* entry(unsigned group, std::uint64_t v) const {
    return block_.get() + ((static_cast<std::size_t>(group) << datapath_.design().w) + v) * stride_;
  }
  const Limb* block() const { return block_.get(); }

  // Template forms: entry v of the overflow table, v < overflow_entries().
  const Limb* overflow(std::uint64_t v) const { return block_.get() + overflow_at_ + v * stride_; }
  std::uint64_t overflow_entries() const { return overflow_entries_; }

  // M << s for s = 0..63, n_limbs() + 1 limbs each: M << j is shifted_modulus(j % 64), j / 64 limbs up.
  const Limb* shifted_modulus(unsigned s) const { return shifted_.data() + s * (stride_ + 1); }

  // The constant that Form::barrett or Form::montgomery multiplies by (Datapath::reciprocal_bits() bits), and
  // Form::montgomery's 2^(2n) mod M (n_limbs() limbs).
  const std::vector<Limb>& reciprocal() const { return reciprocal_; }
  const std::vector<Limb>& square() const { return square_; }

  // The address of a group's largest entry (where nothing is built, all entries of the group are worked out
  // on each call), and that entry.
  std::uint64_t largest_address(unsigned group) const;
  mpz_class largest_entry(unsigned group) const;

  // Forms with tables. B4 for this modulus: the largest sum BF, and the steps that it needs at most.
  const mpz_class& sum_bound() const { return sum_bound_; }
  const mpz_class& residue_bound() const { return residue_bound_; }  // largest R where it joins
  unsigned steps_needed() const { return steps_needed_; }

  std::uint64_t bytes() const;                                      // in the simulator
  std::uint64_t words() const { return datapath_.reload_words(); }  // 64-bit words of a reload

 private:
  struct Free {
    void operator()(Limb* block) const;
  };

  void build_groups();
  void build_overflow();
  void build_constants();
  void fill(Limb* table, std::uint64_t entries, std::uint64_t& largest);

  const Datapath& datapath_;
  Modulus modulus_;
  std::size_t stride_;
  std::size_t overflow_at_ = 0;
  std::uint64_t overflow_entries_ = 0;
  std::unique_ptr<Limb[], Free> block_;
  std::vector<Limb> shifted_, reciprocal_, square_;
  std::vector<std::uint64_t> largest_;
  mpz_class sum_bound_, residue_bound_;
  unsigned steps_needed_ = 0;
};

}  // namespace allmod
