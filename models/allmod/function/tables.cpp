// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/tables.h"

#include <algorithm>
#include <new>

#include "models/allmod/function/bounds.h"
#include "sim/core/error.h"

namespace allmod {

namespace {

constexpr std::align_val_t kLine{64};

}  // namespace

void Tables::Free::operator()(Limb* block) const { ::operator delete[](block, kLine); }

Tables::Tables(const Datapath& datapath, const Modulus& modulus, Contents contents)
    : datapath_(datapath), modulus_(modulus), stride_(datapath.n_limbs()) {
  const Design& design = datapath.design();
  if (const std::string why = refusal(design, modulus.value()); !why.empty())
    throw sim::Error(sim::Exit::usage, "modulus " + modulus.name() + " " + why);
  if (contents == Contents::none) {
    if (design.form == Form::template_literal)
      throw sim::Error(
          sim::Exit::usage,
          "form template_literal without tables: its wrong answers come from the tables' entries; "
          "use value register_true");
    return;
  }
  const std::size_t bytes = static_cast<std::size_t>(table_bytes(design));
  block_.reset(static_cast<Limb*>(::operator new[](std::max<std::size_t>(bytes, sizeof(Limb)), kLine)));

  shifted_.assign(kLimbBits * (stride_ + 1), 0);
  for (unsigned s = 0; s < kLimbBits; ++s)
    to_limbs(modulus_.value() << s, shifted_.data() + s * (stride_ + 1), stride_ + 1);

  build_groups();
  if (is_template(design.form)) build_overflow();
  if (has_multiplier(design.form)) build_constants();

  residue_bound_ = bounds::residue(design, datapath.leftover_bits(), modulus_.value());
  sum_bound_ = residue_bound_;
  for (const Group& group : datapath.groups()) sum_bound_ += largest_entry(group.index);
  if (design.eager) sum_bound_ = residue_bound_ = modulus_.value() - 1;
  steps_needed_ = bounds::bit_length(sum_bound_ / modulus_.value());
}

void Tables::build_constants() {
  const unsigned n = datapath_.design().n;
  const mpz_class& m = modulus_.value();
  const mpz_class radix = mpz_class(1) << n;
  mpz_class constant = radix * radix / m;
  if (datapath_.design().form == Form::montgomery) {
    mpz_invert(constant.get_mpz_t(), m.get_mpz_t(), radix.get_mpz_t());
    constant = radix - constant;
    square_.resize(stride_);
    to_limbs(radix * radix % m, square_.data(), stride_);
  }
  reciprocal_.resize(limbs_for(datapath_.reciprocal_bits()));
  to_limbs(constant, reciprocal_.data(), reciprocal_.size());
}

// table[v] = v * table[1] mod M; table[1] is set.
void Tables::fill(Limb* table, std::uint64_t entries, std::uint64_t& largest) {
  const auto size = static_cast<mp_size_t>(stride_);
  const Limb* m = modulus_.limbs().data();
  std::fill(table, table + stride_, Limb{0});
  largest = entries > 1 && mpn_zero_p(table + stride_, size) == 0 ? 1 : 0;
  std::vector<Limb> reduced(stride_);
  for (std::uint64_t v = 2; v < entries; ++v) {
    Limb* entry = table + v * stride_;
    const Limb carry = mpn_add_n(entry, entry - stride_, table + stride_, size);
    const Limb borrow = mpn_sub_n(reduced.data(), entry, m, size);
    if (carry >= borrow) std::copy(reduced.begin(), reduced.end(), entry);  // sum >= M
    if (mpn_cmp(entry, table + largest * stride_, size) > 0) largest = v;
  }
}

void Tables::build_groups() {
  mpz_class power;  // 2^offset mod M
  for (const Group& group : datapath_.groups()) {
    if (group.index == 0) {
      const mpz_class two = 2;
      mpz_powm_ui(power.get_mpz_t(), two.get_mpz_t(), group.offset, modulus_.value().get_mpz_t());
    }
    Limb* table = block_.get() + ((static_cast<std::size_t>(group.index) << datapath_.design().w) * stride_);
    to_limbs(power, table + stride_, stride_);
    largest_.push_back(0);
    fill(table, std::uint64_t{1} << group.width, largest_.back());
    power = (power << group.width) % modulus_.value();
  }
}

void Tables::build_overflow() {
  overflow_entries_ = std::max<std::uint64_t>(1, datapath_.groups().size());
  overflow_at_ =
      static_cast<std::size_t>(table_bytes(datapath_.design()) / sizeof(Limb)) - overflow_entries_ * stride_;
  Limb* table = block_.get() + overflow_at_;
  if (overflow_entries_ > 1)
    to_limbs((mpz_class(1) << datapath_.design().n) % modulus_.value(), table + stride_, stride_);
  std::uint64_t largest = 0;
  fill(table, overflow_entries_, largest);
}

std::uint64_t Tables::largest_address(unsigned group) const {
  if (built()) return largest_[group];
  const Group& g = datapath_.groups()[group];
  const mpz_class& m = modulus_.value();
  const mpz_class power = (mpz_class(1) << g.offset) % m;
  mpz_class entry = 0, most = 0;
  std::uint64_t largest = 0;
  for (std::uint64_t v = 1; v < std::uint64_t{1} << g.width; ++v) {
    entry += power;
    if (entry >= m) entry -= m;
    if (entry > most) most = entry, largest = v;
  }
  return largest;
}

mpz_class Tables::largest_entry(unsigned group) const {
  return to_mpz(entry(group, largest_address(group)), stride_);
}

std::uint64_t Tables::bytes() const {
  if (!built()) return 0;
  const std::size_t others = shifted_.size() + reciprocal_.size() + square_.size();
  return table_bytes(datapath_.design()) + others * sizeof(Limb);
}

}  // namespace allmod
