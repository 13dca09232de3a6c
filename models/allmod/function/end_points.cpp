// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/end_points.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "models/allmod/function/bounds.h"
#include "sim/core/ceil_div.h"

namespace allmod {

namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();  // nothing is built
constexpr std::uint64_t kDeepest = std::uint64_t{1} << 22;                     // words of a table

using sim::ceil_div;

std::uint64_t deep_words(unsigned n, unsigned w) {
  const unsigned groups = ceil_div(n, w);
  const unsigned last = n - (groups - 1) * w;
  return (std::uint64_t{groups - 1} << w) + (std::uint64_t{1} << last);
}

std::optional<Cost> pipelined(const Design& design, const CostOptions& options) {
  if (!violations(design, kNoLimit).empty()) return std::nullopt;
  return cost_of(Datapath(design, kNoLimit), options);
}

// What the end points take over from the design they stand beside.
Design frame(const Design& design) {
  Design d;
  d.n = design.n;
  d.w = design.w;
  if (has_parameter(design.form, "r")) d.r = design.r;
  if (has_parameter(design.form, "rho")) d.rho = design.rho, d.segment = design.segment;
  d.u = has_parameter(design.form, "u") ? design.u : d.r;
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
    const unsigned steps = bounds::bit_length(mpz_class(look_ups) + 1);  // B4 with f = 1
    const unsigned u = ceil_div(steps, look_ups);  // the fewest that do not slow it down
    const Cost cost = deep_rom_lane(n, w, u, options);
    const double price = cost.scalar_luts(options.device) * cost.ii;
    if (best && price >= least) continue;
    least = price;
    best = EndPoint{"deep-ROM lane", "w = " + std::to_string(w) + ", u = " + std::to_string(u), cost};
  }
  return best;
}

// A serial hybrid beside itself without restoring steps before the fusion.
std::optional<EndPoint> serial_all_lut(Design d, const CostOptions& options) {
  if (d.form != Form::serial || is_overlapped(d)) return std::nullopt;
  d.m = d.p = 0;
  return EndPoint{
      "serial all-LUT",
      "w = " + std::to_string(d.w) + ", t = " + std::to_string(d.t) + ", u = " + std::to_string(d.u),
      *cost_of(Datapath(d, kNoLimit), options)};
}

}  // namespace

Cost folded_iterative(unsigned n, unsigned u, const CostOptions& options) {
  Design d;
  d.form = Form::iterative, d.n = d.m = n, d.u = u;
  return *cost_of(Datapath(d, kNoLimit), options);
}

Cost deep_rom_lane(unsigned n, unsigned w, unsigned u, const CostOptions& options) {
  Design d;
  d.form = Form::serial, d.n = n, d.w = w, d.m = d.p = 0, d.t = 1, d.u = u;
  return *cost_of(Datapath(d, kNoLimit), options);
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
      {"iterative, folded", "u = " + std::to_string(base.u), folded_iterative(base.n, base.u, options)});
  if (auto point = deep_rom(base.n, options)) points.push_back(*std::move(point));
  if (auto point = serial_all_lut(design, options)) points.push_back(*std::move(point));
  return points;
}

}  // namespace allmod
