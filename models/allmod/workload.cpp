// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/workload.h"

#include <algorithm>
#include <utility>

#include <gmpxx.h>

namespace allmod {

using sim::Cycle;

Workload::Workload(const Design& design, const Modulus& modulus, std::unique_ptr<Operands> operands,
                   const sim::Region& region, bool compare)
    : design_(design),
      moduli_{modulus},
      operands_(std::move(operands)),
      region_(region),
      simulated_(region.simulated_count()),
      compare_(compare),
      windows_(region.windows()),
      x_(operands_->x_limbs()) {
  oracles_.emplace_back(modulus);
}

void Workload::take_turns(std::vector<Modulus> moduli, std::uint64_t every) {
  moduli_ = std::move(moduli);
  every_ = every;
  oracles_.clear();
  for (const Modulus& m : moduli_) oracles_.emplace_back(m);
}

Workload::Cursor Workload::begin() const { return {0, region_.next_simulated(0)}; }

void Workload::advance(Cursor& cursor, std::uint64_t operations) const {
  for (std::uint64_t i = 0; i < operations; ++i) cursor.op = region_.next_simulated(cursor.op + 1);
  cursor.n += operations;
}

std::size_t Workload::fill(Cursor& cursor, unsigned lanes, std::size_t count, std::vector<Limb>& xs) const {
  xs.resize(count * x_limbs());
  const bool dense = lanes == 1 && simulated_ == region_.total();
  if (dense) {
    const std::size_t got = static_cast<std::size_t>(std::min<std::uint64_t>(count, simulated_ - cursor.n));
    operands_->get_many(cursor.op, got, xs.data(), x_limbs());
    cursor.n += got;
    cursor.op += got;
    return got;
  }
  std::size_t got = 0;
  for (; got < count && !at_end(cursor); ++got) {
    operands_->get(cursor.op, xs.data() + got * x_limbs());
    advance(cursor, lanes);
  }
  return got;
}

void Workload::compare(const Cursor& cursor, const Limb* y) {
  operands_->get(cursor.op, x_.data());
  const bool right = oracles_[turn(cursor.n)].agrees(x_.data(), y);
  bool explained = right;
  if (!right && design_.form == Form::template_literal) {
    // Wrong by the drawing, or wrong by us?
    ++literal_errors_;
    const mpz_class drawn =
        drawing_answer(design_, modulus_of(cursor.n).value(), to_mpz(x_.data(), x_.size()));
    explained = drawn == to_mpz(y, modulus_of(cursor.n).limbs().size());
  }
  if (!explained) {
    ++mismatches_;
    if (wrong_.size() < 8) {
      const mpz_class x = to_mpz(x_.data(), x_.size());
      const mpz_class want = x % modulus_of(cursor.n).value();
      wrong_.push_back({cursor.op, x.get_str(16), to_mpz(y, modulus_of(cursor.n).limbs().size()).get_str(16),
                        want.get_str(16)});
    }
  }
}

void Workload::result(const Cursor& cursor, const Limb* y, Cycle cycle) {
  if (compare_) compare(cursor, y);
  ++done_;
  // Windows: results of several lanes may leave in any order within a cycle or two, so the latest counts.
  const std::uint64_t w = *region_.window_of(cursor.op);
  if (w < windows_.size()) {
    Window& window = windows_[w];
    if (region_.phase(cursor.op) == sim::Region::Phase::measure) {
      if (window.measured == 0 && window.before == 0) window.before = last_cycle_;
      ++window.measured;
      ++measured_;
      window.last = std::max(window.last, cycle);
    } else {
      window.before = std::max(window.before, cycle);
    }
  }
  last_cycle_ = std::max(last_cycle_, cycle);
}

sim::SampleEstimator Workload::estimate() const {
  sim::SampleEstimator estimator;
  for (const Window& w : windows_) {
    if (w.measured > 0)
      estimator.add_window(w.measured, static_cast<double>(w.last - std::min(w.last, w.before)));
  }
  return estimator;
}

}  // namespace allmod
