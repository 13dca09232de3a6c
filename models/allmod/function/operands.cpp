// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/operands.h"

#include <algorithm>

#include "models/allmod/function/bounds.h"

namespace allmod {

namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
constexpr unsigned kRandomMultiples = 16;

// splitmix64's output function: a bijection that leaves no visible pattern in counters.
inline std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// Collects the special operands; those that do not fit 2n bits are left out.
class List {
 public:
  List(std::size_t limbs, unsigned bits) : limbs_(limbs), end_(mpz_class(1) << bits) {}

  void add(const mpz_class& x) {
    if (x < 0 || x >= end_) return;
    values_.resize(values_.size() + limbs_);
    to_limbs(x, values_.data() + values_.size() - limbs_, limbs_);
  }
  void around(const mpz_class& x) {
    add(x - 1);
    add(x);
    add(x + 1);
  }
  std::vector<Limb> take() { return std::move(values_); }

 private:
  std::size_t limbs_;
  mpz_class end_;
  std::vector<Limb> values_;
};

std::vector<Limb> special_operands(const Tables& tables, const RandomOperands& random) {
  const Datapath& datapath = tables.datapath();
  const unsigned n = datapath.design().n, low_bits = n + datapath.design().m;
  const mpz_class& m = tables.modulus().value();
  const mpz_class end = mpz_class(1) << (2 * n);
  List list(random.x_limbs(), 2 * n);
  list.add(0);
  list.add(1);
  for (unsigned j = 0; j <= n; ++j) list.around(m << j);
  list.add(mpz_class(1) << n);
  list.add(end - 1);
  list.add((m - 1) * (m - 1));
  std::vector<Limb> x(random.x_limbs());
  for (unsigned i = 0; i < kRandomMultiples; ++i) {
    random.get(~std::uint64_t{i}, x.data());
    const mpz_class k = to_mpz(x.data(), x.size()) / m;
    list.add(k * m);
    list.add(k * m - 1);
  }
  // Groups all ones, alone and together, under an empty and a full low part; then the largest entries.
  const mpz_class low = (mpz_class(1) << low_bits) - 1;
  mpz_class largest = 0;
  for (const Group& group : datapath.groups()) {
    const mpz_class ones = ((mpz_class(1) << group.width) - 1) << group.offset;
    list.add(ones);
    list.add(ones + low);
    largest += mpz_class(static_cast<unsigned long>(tables.largest_address(group.index))) << group.offset;
  }
  list.add(end - 1 - low);
  list.add(low);
  // R is largest at the largest low part below 2^f M that the steps leave alone, or at their worst input.
  const unsigned f = datapath.leftover_bits();
  const mpz_class kept = (m << f) - 1;
  list.add(largest + (kept < low ? kept : low));
  list.add(largest + low);
  list.add(largest);
  return list.take();
}

}  // namespace

Operands::Operands(unsigned n)
    : x_limbs_(limbs_for(2 * n)),
      top_mask_((2 * n) % kLimbBits == 0 ? ~Limb{0} : (Limb{1} << ((2 * n) % kLimbBits)) - 1) {}

void Operands::get_many(std::uint64_t first, std::size_t count, Limb* xs, std::size_t stride) const {
  for (std::size_t k = 0; k < count; ++k) get(first + k, xs + k * stride);
}

RandomOperands::RandomOperands(unsigned n, std::uint64_t seed)
    : Operands(n), key_(mix(mix(seed + kGolden) + n)) {}

void RandomOperands::get(std::uint64_t index, Limb* x) const {
  std::uint64_t counter = key_ + index * x_limbs_ * kGolden;
  for (std::size_t i = 0; i < x_limbs_; ++i) x[i] = mix(counter += kGolden);
  x[x_limbs_ - 1] &= top_mask_;
}

void RandomOperands::get_many(std::uint64_t first, std::size_t count, Limb* xs, std::size_t stride) const {
  for (std::size_t k = 0; k < count; ++k) RandomOperands::get(first + k, xs + k * stride);
}

AdversarialOperands::AdversarialOperands(const Tables& tables, std::uint64_t seed)
    : Operands(tables.modulus().bits()), random_(tables.modulus().bits(), seed) {
  list_ = special_operands(tables, random_);
  count_ = list_.size() / x_limbs_;
}

void AdversarialOperands::get(std::uint64_t index, Limb* x) const {
  if (index >= count_) return random_.get(index - count_, x);
  const auto from = list_.begin() + static_cast<std::ptrdiff_t>(index * x_limbs_);
  std::copy_n(from, x_limbs_, x);
}

}  // namespace allmod
