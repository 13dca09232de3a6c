// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Lower bounds on everything a design of a box measures, from the same structures as the cost model
// (cost_pipelined.cpp, cost_serial.cpp, cost_template.cpp): fewest groups, steps and registers of the box.
// Cycles are exact where the box is a single design; area is short of a few LUTs there. What a bound leaves
// out only costs the search time, what it counted too much would lose designs: tests hold it to the model.
#include <algorithm>
#include <cmath>

#include "models/allmod/search/space.h"
#include "sim/core/ceil_div.h"

namespace allmod {

namespace {

// Below that, 2^n - 2 is too far from 2^n for the closed formulas of widths.
constexpr unsigned kSmall = 8;
// Depths of memories, in tables, that are looked at one by one.
constexpr unsigned kFewDepths = 8;

using sim::ceil_div;

unsigned ceil_log2(double value) {
  unsigned bits = 0;
  while (std::ldexp(1.0, static_cast<int>(bits)) < value) ++bits;
  return bits;
}

// Bits of 2^f + groups - 1, without big numbers.
unsigned length_of_sum(unsigned f, unsigned groups) {
  if (f > 40) return f + (groups > 0);
  std::uint64_t sum = (std::uint64_t{1} << f) + groups - 1;
  unsigned bits = 0;
  for (; sum > 0; sum >>= 1) ++bits;
  return bits;
}

// The figures of one box, at its least.
class Bound {
 public:
  Bound(const Box& box, const SearchSpace& space, const CostOptions& options, const DeepMemories& memories)
      : box_(box),
        space_(space),
        options_(options),
        device_(options.device),
        memories_(memories),
        n_(space.n) {
    least_groups_ = has_tables(box.form) ? ceil_div(n_ - box.m.high, box.w) : 0;
    most_groups_ = has_tables(box.form) ? ceil_div(n_ - box.m.low, box.w) : 0;
    p_ = box.m.low + 1 > box.f.high ? box.m.low + 1 - box.f.high : 0;
    after_ = box.eager ? 0 : length_of_sum(box.f.low, least_groups_);
  }

  Measures take() {
    switch (box_.form) {
      case Form::pipelined:
        pipelined();
        break;
      case Form::serial:
        if (box_.m.high == 0 && box_.f.low == 1)
          overlapped();
        else
          core();
        break;
      case Form::iterative:
        iterative();
        break;
      case Form::template_:
      case Form::template_literal:
        drawing();
        break;
      case Form::barrett:
      case Form::montgomery:
        return {};
    }
    Measures least;
    least.latency = latency_, least.ii = ii_;
    least.critical_ns = critical_ns_ + (options_.elastic ? device_.lut_level_ns : 0);
    least.lut_sites = options_.lanes * std::max(0.0, luts_ + memory_.luts);
    least.bram36 = options_.lanes * memory_.halves / 2;
    least.scalar_luts = options_.lanes * std::max(0.0, luts_ + memory_.scalar);
    return least;
  }

 private:
  double kappa() const { return device_.step_sites; }
  double adder_ns(double bits, double operands) const {
    return device_.adder_ns * ceil_log2(operands) + device_.carry_ns_per_bit * bits;
  }
  double steps_ns(unsigned steps) const {
    return steps * (device_.subtraction_ns + device_.carry_ns_per_bit * n_);
  }
  // Conditional subtractors of n + 1 bits, `narrow` of them perhaps of n only.
  double steps_luts(unsigned count, unsigned narrow) const {
    return kappa() * ((n_ + 1.0) * count - std::min(narrow, count));
  }
  // Of a row of subtractors: those of n bits can only be where a chain has its first step and no other one.
  double row_luts(unsigned used) const {
    unsigned narrow = n_ < kSmall ? 2 : 1;
    if (box_.single() && n_ >= kSmall) narrow = p_ > 0 && (p_ <= after_ || p_ > box_.u.low) ? 0 : 1;
    return steps_luts(used, narrow);
  }
  // Idle places of the row in its first cycle.
  unsigned spare(unsigned steps) const {
    return box_.u.single() ? ceil_div(steps, box_.u.low) * box_.u.low - steps : 0;
  }
  // Bits of the sum of the groups and R, at the least.
  unsigned sum_bits() const {
    const unsigned f = std::min(box_.f.low, box_.m.low);
    const unsigned bits = n_ + length_of_sum(f, least_groups_);
    return n_ < kSmall || f + 1 > n_ ? bits - 1 : bits;
  }

  Memory of(const RomCost& cost) const { return memory_of(cost, device_); }
  // One table of n bits, in pieces where adders are cut.
  Memory table(std::uint64_t depth, unsigned segment) const {
    const unsigned piece = segment == 0 ? n_ : segment;
    Memory sum;
    for (unsigned low = 0; low < n_; low += piece)
      sum.add(of(rom(depth, std::min(piece, n_ - low), options_.rom, device_)));
    return sum;
  }
  // Tables of the least number of groups. The last one may be narrow.
  Memory tables(unsigned segment) const {
    Memory sum;
    if (least_groups_ == 0) return sum;
    sum.add(table(std::uint64_t{1} << box_.w, segment), least_groups_ - 1);
    if (box_.m.single()) sum.add(table(std::uint64_t{1} << last_width(), segment));
    return sum;
  }
  unsigned last_width() const { return n_ - box_.m.low - (most_groups_ - 1) * box_.w; }

  // Form serial: t memories of as many tables each, but for one. What is known of their number and, where
  // that is not much, of all words together: 64 a LUT and bit, 18 Kbit a half of a block RAM.
  Memory deep_tables() const {
    if (box_.t.single() && least_groups_ == most_groups_) return lanes_of_tables();
    const Memory least = lanes_of_some_tables();
    const double words = std::ldexp(least_groups_ - 1.0, static_cast<int>(box_.w)) + 2;
    const double luts = n_ * words / 64;
    const double halves = n_ * words / 18432;
    const double block_luts = device_.bram36_luts * halves / 2;
    // The multiplexers behind banks of 4K words: 4 sites choose among 16, so k banks take 4/15 (k - 1) a bit.
    const double choice = n_ * std::max(0.0, words / 4096 - box_.t.high) * 4 / 15;
    const double in_luts = luts + n_ * std::max(0.0, words / 256 - box_.t.high) * 4 / 15;
    Memory all;
    if (options_.rom == RomStyle::lut) all = {in_luts, 0, in_luts};
    if (options_.rom == RomStyle::bram) all = {choice, halves, block_luts + choice};
    if (options_.rom == RomStyle::automatic) all = {choice, 0, std::min(luts, block_luts + choice)};
    return {std::max(least.luts, all.luts), std::max(least.halves, all.halves),
            std::max(least.scalar, all.scalar)};
  }
  // Of any number of groups and lanes of the box, by how many tables k every lane has at the least.
  Memory lanes_of_some_tables() const {
    const unsigned few = box_.t.low, many = box_.t.high, low = least_groups_ / many,
                   high = most_groups_ / few;
    if (low == 0 || high - low > kFewDepths) {
      const unsigned shallow = std::max(1u, low), deep = std::max(shallow, ceil_div(most_groups_, few));
      Memory least = memories_.with_last(box_.w, shallow, deep);
      return least.add(memories_.whole(box_.w, shallow, deep), few - 1);
    }
    Memory least = lanes_of(low);
    for (unsigned k = low + 1; k <= high; ++k) least = least_of(least, lanes_of(k));
    return least;
  }
  // g groups in t lanes, with g / t = k rounded down: g - k t lanes have one more table than k, that of the
  // last table among them, the other (k + 1) t - g lanes have k.
  Memory lanes_of(unsigned k) const {
    const unsigned few = std::max(box_.t.low, least_groups_ / (k + 1) + 1);
    const unsigned many = std::min(box_.t.high, most_groups_ / k);
    const unsigned rich = least_groups_ > k * many ? least_groups_ - k * many : 0;
    const unsigned poor = (k + 1) * few > most_groups_ ? (k + 1) * few - most_groups_ : 0;
    const unsigned most = most_groups_ <= k * few ? k : k + 1;
    Memory least = memories_.with_last(box_.w, rich > 0 ? k + 1 : k, most);
    if (rich > 0) least.add(memories_.whole(box_.w, k + 1, k + 1), rich - 1);
    const unsigned surely_poor = rich > 0 || poor == 0 ? poor : poor - 1;
    least.add(memories_.whole(box_.w, k, k), surely_poor);
    const unsigned known = std::max(rich, 1u) + surely_poor;
    if (few > known) least.add(memories_.whole(box_.w, k, most), few - known);
    return least;
  }
  // Of a number of groups that is known. Exact if m is single, too.
  Memory lanes_of_tables() const {
    const unsigned t = box_.t.low, groups = std::max(t, least_groups_);
    const unsigned with_one_more = groups % t, each = groups / t;
    const unsigned lane_of_last = (groups - 1) % t;
    const unsigned rich = with_one_more - (lane_of_last < with_one_more);
    const unsigned poor = t - 1 - rich;
    const unsigned of_last = each + (lane_of_last < with_one_more);
    Memory sum;
    if (rich > 0) sum.add(memories_.whole(box_.w, each + 1, each + 1), rich);
    if (poor > 0) sum.add(memories_.whole(box_.w, each, each), poor);
    if (!box_.m.single()) return sum.add(memories_.with_last(box_.w, of_last, of_last));
    const std::uint64_t words = std::uint64_t{1} << box_.w;
    const std::uint64_t depth = words * (of_last - 1) + (std::uint64_t{1} << last_width());
    return sum.add(of(rom(depth, n_, options_.rom, device_)));
  }

  // Adders of the tree: every subtree that is full for sure with its bits, all others with n + 1.
  double tree_luts() const {
    double merges = least_groups_, luts = 0;
    unsigned level = 1;
    for (std::uint64_t leaves = box_.rho; leaves <= least_groups_; leaves *= box_.rho, ++level) {
      const double full = static_cast<double>(least_groups_ / leaves * (box_.rho - 1));
      luts += full * (n_ + std::max(1u, ceil_log2(static_cast<double>(leaves)) - (n_ < 2 * kSmall ? 1 : 0)));
      merges -= full;
    }
    return luts + std::max(0.0, merges) * (n_ + 1.0);
  }

  void pipelined() {
    const unsigned r = box_.r.high;
    unsigned joined = least_groups_;  // operands of level e
    for (unsigned l = 0; l < box_.e; ++l) joined = ceil_div(joined, box_.rho);
    const unsigned behind = least_groups_ == 0 ? 0 : tree_levels(joined + 1, box_.rho);
    // A subtractor that is cut takes a cycle a segment and shares none of them.
    const unsigned parts = space_.segment > 0 ? ceil_div(n_, space_.segment) : 1;
    const auto cycles = [&](unsigned steps) { return parts > 1 ? steps * parts : ceil_div(steps, r); };
    const unsigned front = std::max(1 + box_.e, cycles(p_));
    const unsigned post = cycles(after_);
    latency_ = 1 + front + behind + post + (least_groups_ > 0 ? parts - 1 : 0);
    ii_ = 1;
    // Eager: every adder of n + 1 bits has a subtractor behind it in the same cycle, and there are no others
    // behind the tree.
    const double tree = box_.eager ? (n_ + 1.0) * least_groups_ * (1 + kappa()) : tree_luts();
    const unsigned steps = std::max(p_ + after_, box_.m.low + 1);
    memory_ = tables(space_.segment);
    luts_ = tree + steps_luts(steps, 2);
    if (options_.elastic) {
      // A second entry for every bit of every register; half of a cycle's first subtractor, and every adder,
      // choose between the two in LUTs that are there.
      luts_ += (n_ - (box_.eager ? 1.0 : 0.0)) * least_groups_ + (n_ - box_.m.high) + n_;
      luts_ += (front + post) * (n_ - (n_ + 1.0) / 2) + 3.0 * latency_;
    } else {
      luts_ += 1;
    }
    if (space_.segment == 0) {
      critical_ns_ = steps_ns(std::min(box_.r.low, std::max(p_, after_)));
      if (least_groups_ > 0) critical_ns_ = std::max(critical_ns_, adder_ns(n_ + 1, 2));
      if (box_.eager && least_groups_ > 0)
        critical_ns_ = std::max(
            critical_ns_, device_.adder_ns + device_.subtraction_ns + device_.carry_ns_per_bit * (n_ + 1.0));
    } else {
      if (p_ + after_ > 0) critical_ns_ = device_.subtraction_ns + device_.carry_ns_per_bit;
      if (least_groups_ > 0) critical_ns_ = std::max(critical_ns_, adder_ns(std::min(n_, space_.segment), 2));
    }
  }

  void core() {
    const unsigned t = box_.t.low, u = box_.u.high;
    const unsigned read = ceil_div(std::max(1u, least_groups_), box_.t.high);
    const unsigned all = box_.m.low + 2;  // p + J is at least that
    ii_ = std::max(std::max(read + 1, ceil_div(p_, u)) + 1 + ceil_div(after_, u), 1 + ceil_div(all, u));
    latency_ = ii_ + 2;
    const unsigned sum = sum_bits(), used = std::min(box_.u.low, std::max({p_, after_, ceil_div(all, 2)}));
    memory_ = deep_tables();
    luts_ = 1.0 * sum * t + (read > 1 ? box_.w * t : 0) + shifting(1) + ceil_log2(read) + ceil_log2(ii_);
    luts_ += n_ + std::min(box_.f.low, box_.m.low);  // R, masked in front of the adder
    luts_ += row_luts(used) + sum;
    // The row's register above the n bits of the answer: what the steps of the first cycle leave.
    const unsigned left = box_.m.low + 1 + (box_.f.single() && box_.m.single() && p_ > 0 ? spare(p_) : 0);
    luts_ += std::max(sum - n_, left > box_.u.high ? left - box_.u.high : 0);
    const unsigned most_read = ceil_div(most_groups_, box_.t.low);
    if (p_ > 0 && ceil_div(p_, u) > most_read) luts_ += n_ / 2;
    luts_ += options_.elastic ? 4.0 * n_ + 9 : 1;
    critical_ns_ = std::max(steps_ns(used), adder_ns(sum, t + 1));
  }

  void overlapped() {
    const unsigned t = box_.t.low, u = box_.u.high;
    const unsigned read = ceil_div(least_groups_, box_.t.high), post = ceil_div(after_, u);
    ii_ = std::max(read, post);
    latency_ = read + post + 3;
    const unsigned sum = sum_bits(), used = std::min(box_.u.low, after_);
    memory_ = deep_tables();
    luts_ = 1.0 * sum * t + n_ + (read > 1 ? 3.0 * box_.w * t : 0) + shifting(2) + ceil_log2(read);
    luts_ += row_luts(used) + ceil_log2(post) + (post > 1 ? n_ / 2 : 0);
    const unsigned left = after_ + spare(after_);
    luts_ += std::min(sum - n_, left > u ? left - u : 0);
    luts_ += options_.elastic ? 4.0 * n_ + 1.0 * n_ * t + sum + 15 : 1;
    critical_ns_ = std::max(steps_ns(used), adder_ns(sum, t + 1));
  }

  // Addresses that wait in a register that shifts.
  double shifting(unsigned reads) const {
    return std::max(0.0, 1.0 * n_ - box_.m.high - 1.0 * reads * box_.t.high * box_.w);
  }

  void iterative() {
    ii_ = ceil_div(n_ + 1, box_.u.high);
    latency_ = ii_ + 2;
    const unsigned left = n_ + 1 + spare(n_ + 1);
    luts_ = steps_luts(box_.u.low, 2) + (left > box_.u.high ? left - box_.u.high : 0) +
            (ii_ > 1 ? n_ / 2 : 0) + ceil_log2(ii_) + (options_.elastic ? 4.0 * n_ + 9 : 1);
    critical_ns_ = steps_ns(box_.u.low);
  }

  void drawing() {
    const bool literal = box_.form == Form::template_literal;
    ii_ = std::max(1 + least_groups_, box_.m.low + (literal ? 0 : 1));
    latency_ = ii_ + 4;
    memory_ = tables(0);
    luts_ = static_cast<double>(mux_sites(least_groups_) * n_) + (least_groups_ > 0 ? n_ : 1) +
            kappa() * n_ * (box_.m.low > 0 || !literal) + box_.m.low + 2.0 * n_ + (literal ? 2.0 : 3.0) * n_ +
            n_ + ceil_log2(ii_);
    luts_ += options_.elastic ? 8.0 * n_ + (least_groups_ > 0 ? n_ : 1) + 15 : 1;
    critical_ns_ = steps_ns(1);
  }

  const Box& box_;
  const SearchSpace& space_;
  const CostOptions& options_;
  const Device& device_;
  const DeepMemories& memories_;
  unsigned n_;
  unsigned least_groups_ = 0, most_groups_ = 0;
  unsigned p_ = 0, after_ = 0;  // steps before and after the fusion
  unsigned latency_ = 0, ii_ = 0;
  double luts_ = 0, critical_ns_ = 0;
  Memory memory_;
};

}  // namespace

bool nothing_new(const Box& box, const SearchSpace& space) {
  if (!has_parameter(box.form, "p")) return false;
  if (box.f.low > box.m.high + 1) return true;  // p < 0
  const unsigned groups = ceil_div(space.n - box.m.low, box.w);
  if (box.form == Form::serial && box.t.low > groups) return true;
  const unsigned after = box.eager ? 0 : length_of_sum(box.f.high, groups);
  const unsigned steps = std::max(box.m.high + 1 - box.f.low, after);
  const bool serial = box.form == Form::serial;
  return serial ? box.u.low > std::max(steps, space.u.low) : box.r.low > std::max(steps, space.r.low);
}

Measures Bounds::operator()(const Box& box) const { return Bound(box, space_, options_, memories_).take(); }

}  // namespace allmod
