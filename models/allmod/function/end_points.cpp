// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/end_points.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "models/allmod/function/bounds.h"

namespace allmod {

namespace {

constexpr std::uint64_t kDeepest = std::uint64_t{1} << 22;  // words of a table

unsigned ceil_div(unsigned a, unsigned b) { return (a + b - 1) / b; }

std::uint64_t deep_words(unsigned n, unsigned w) {
  const unsigned groups = ceil_div(n, w);
  const unsigned last = n - (groups - 1) * w;
  return (std::uint64_t{groups - 1} << w) + (std::uint64_t{1} << last);
}

std::optional<Cost> pipelined(const Design& design, const CostOptions& options) {
  constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();  // nothing is built
  if (!violations(design, kNoLimit).empty()) return std::nullopt;
  return cost_of(Datapath(design, kNoLimit), options);
}

// What the end points take over from the design they stand beside.
Design frame(const Design& design) {
  Design d;
  d.n = design.n;
  d.w = design.w;
  if (design.form == Form::pipelined) d.r = design.r, d.rho = design.rho, d.segment = design.segment;
  return d;
}

std::optional<EndPoint> all_lut(Design d, const CostOptions& options) {
  std::optional<EndPoint> best;
  d.m = d.p = d.e = 0;
  // Tables of fewer than 4 address bits waste LUTs, those of more than 12 whole block RAMs.
  for (d.w = std::min(4u, d.n); d.w <= std::min(12u, d.n); ++d.w) {
    const std::optional<Cost> cost = pipelined(d, options);
    if (cost && (!best || cost->scalar_luts(options.device) < best->cost.scalar_luts(options.device)))
      best = EndPoint{"lazy all-LUT", "w = " + std::to_string(d.w) + ", m = 0, p = 0", *cost};
  }
  return best;
}

std::optional<EndPoint> deep_rom(unsigned n, const CostOptions& options) {
  std::optional<EndPoint> best;
  double least = 0;
  for (unsigned w = 1; w <= std::min(n, kMaxGroupBits) && deep_words(n, w) <= kDeepest; ++w) {
    const unsigned look_ups = ceil_div(n, w);
    const unsigned steps = bounds::bit_length(mpz_class(look_ups) + 1);
    const unsigned u = ceil_div(steps, look_ups);  // the fewest that do not slow it down
    const Cost cost = deep_rom_lane(n, w, u, options);
    const double price = cost.scalar_luts(options.device) * cost.ii;
    if (best && price >= least) continue;
    least = price;
    best = EndPoint{"deep-ROM lane", "w = " + std::to_string(w) + ", u = " + std::to_string(u), cost};
  }
  return best;
}

}  // namespace

Cost folded_iterative(unsigned n, unsigned u, const CostOptions& options) {
  Bill bill(options);
  const unsigned cycles = ceil_div(n + 1, u);
  bill.hold(Part::input, 2 * n);
  for (unsigned i = 0; i < u; ++i) bill.conditional_subtraction(Part::pre, n + 1);
  bill.logic(Part::pre, n);  // the low bits shift, or load
  bill.state(Part::pre, 2 * n);
  bill.path("pre: " + std::to_string(u) + " conditional subtractions of " + std::to_string(n + 1) + " bits",
            u * bill.subtraction_ns(n + 1));
  bill.counter(cycles);
  bill.hold(Part::post, n);
  bill.stage_control(2);
  return bill.finish(1 + cycles, cycles);
}

Cost deep_rom_lane(unsigned n, unsigned w, unsigned u, const CostOptions& options) {
  Bill bill(options);
  Design d;
  d.n = n, d.w = w, d.m = d.p = 0;
  const unsigned look_ups = group_count(d);
  const unsigned sum_bits = bounds::bit_length(bounds::any_sum(d, look_ups, true));
  const unsigned steps = bounds::bit_length(mpz_class(look_ups) + 1);  // B4 with f = 1
  const unsigned step_cycles = ceil_div(steps, u);

  bill.hold(Part::input, 2 * n);
  // The high half shifts by w (or loads) to give one address after the other, the low half starts the sum.
  bill.logic(Part::input, n);
  bill.state(Part::input, n);
  const RomCost memory = bill.table(deep_words(n, w), n);
  if (!memory.in_bram) bill.state(Part::tables, n);
  bill.path("tables: look-up", bill.table_ns(memory));
  bill.adder(Part::tree, sum_bits);
  bill.logic(Part::tree, n);
  bill.state(Part::tree, sum_bits);
  bill.path("tree: accumulator of " + std::to_string(sum_bits) + " bits",
            bill.adder_ns(sum_bits) + bill.behind_table_ns(memory));
  bill.counter(look_ups);

  for (unsigned i = 0; i < u; ++i) bill.conditional_subtraction(Part::post, n + 1);
  bill.logic(Part::post, sum_bits);  // loads
  bill.state(Part::post, sum_bits);
  bill.path("post: " + std::to_string(u) + " conditional subtractions of " + std::to_string(n + 1) + " bits",
            u * bill.subtraction_ns(n + 1));
  bill.counter(step_cycles);
  bill.hold(Part::post, n);
  bill.stage_control(2);
  return bill.finish(1 + (look_ups + 1) + step_cycles, std::max(look_ups, step_cycles));
}

std::vector<EndPoint> end_points(const Design& design, const CostOptions& options) {
  std::vector<EndPoint> points;
  const Design base = frame(design);
  if (auto point = all_lut(base, options)) points.push_back(*std::move(point));

  Design iterative = base;
  iterative.m = base.n, iterative.p = base.n + 1, iterative.e = 0;
  if (const auto cost = pipelined(iterative, options))
    points.push_back({"pure iterative", "m = n, p = n + 1, r = " + std::to_string(base.r), *cost});
  points.push_back(
      {"iterative, folded", "u = " + std::to_string(base.r), folded_iterative(base.n, base.r, options)});
  if (auto point = deep_rom(base.n, options)) points.push_back(*std::move(point));
  return points;
}

}  // namespace allmod
