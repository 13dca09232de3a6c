// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/search/space.h"

#include <algorithm>
#include <cmath>

#include "sim/core/ceil_div.h"

namespace allmod {

namespace {

double length(const Range& range) { return range.low > range.high ? 0 : range.high - range.low + 1.0; }

Range cut(const Range& range, unsigned low, unsigned high) {
  return {std::max(range.low, low), std::min(range.high, high)};
}

using sim::ceil_div;

// m + 1 - p over all m and p.
Range leftover(const Range& m, const Range& p) {
  const unsigned low = m.low + 1 > p.high ? m.low + 1 - p.high : 0;
  return {low, m.high + 1 - std::min(p.low, m.high + 1)};
}

// Eager adders add two values below M: R is reduced before it joins (f = 0).
bool can_be_eager(const SearchSpace& s, unsigned rho) { return s.eager.has(1) && rho == 2 && s.segment == 0; }

void pipelined_boxes(const SearchSpace& s, unsigned w, std::vector<Box>& list) {
  const Range m = cut(s.m, 0, s.n);
  if (length(m) == 0) return;
  for (unsigned rho = s.rho.low; rho <= std::min(s.rho.high, kMaxRadix); ++rho) {
    const unsigned levels = tree_levels(ceil_div(s.n - m.low, w), rho);
    for (unsigned e = s.e.low; e <= std::min(s.e.high, levels); ++e) {
      Box box;
      box.form = Form::pipelined, box.w = w, box.e = e, box.rho = rho;
      box.m = m, box.f = leftover(m, s.p), box.r = s.r, box.t = box.u = {1, 1};
      if (s.eager.has(0)) list.push_back(box);
      if (!can_be_eager(s, rho)) continue;
      box.eager = true, box.f = {0, 0};
      list.push_back(box);
    }
  }
}

// The overlapped ones, m = p = 0 and so f = 1, apart: theirs is another structure.
void serial_boxes(const SearchSpace& s, unsigned w, std::vector<Box>& list) {
  Box box;
  box.form = Form::serial, box.w = w, box.r = {1, 1};
  box.t = cut(s.t, 1, ceil_div(s.n, w));
  box.u = cut(s.u, 1, s.n + 1);
  if (length(box.t) == 0 || length(box.u) == 0) return;
  const Range m = cut(s.m, 0, s.n - 1);
  if (m.has(0) && s.p.has(0)) {
    box.m = {0, 0}, box.f = {1, 1};
    list.push_back(box);
  }
  if (m.has(0) && s.p.has(1)) {
    box.m = {0, 0}, box.f = {0, 0};
    list.push_back(box);
  }
  box.m = cut(m, 1, s.n - 1);
  box.f = leftover(box.m, s.p);
  if (length(box.m) > 0) list.push_back(box);
}

double steps_and_levels(const SearchSpace& s, unsigned w, unsigned m) {
  const unsigned groups = ceil_div(s.n - m, w);
  double designs = 0;
  for (unsigned rho = s.rho.low; rho <= std::min(s.rho.high, kMaxRadix); ++rho) {
    const double levels = length(cut(s.e, 0, tree_levels(groups, rho)));
    if (s.eager.has(0)) designs += levels * length(cut(s.p, 0, m + 1));
    if (can_be_eager(s, rho) && s.p.has(m + 1)) designs += levels;
  }
  return designs * length(s.r);
}

}  // namespace

double SearchSpace::designs() const {
  double count = 0;
  const Range lengths = cut(m, 0, n), widths = cut(w, 1, kMaxGroupBits);
  for (const Form form : forms) {
    if (form == Form::iterative) count += length(cut(u, 1, n + 1));
    if (has_multiplier(form)) count += length(cut(r, 1, 2));
    if (!has_tables(form)) continue;
    for (unsigned width = widths.low; width <= widths.high; ++width) {
      for (unsigned bits = lengths.low; bits <= lengths.high; ++bits) {
        if (is_template(form)) count += 1;
        if (form == Form::pipelined) count += steps_and_levels(*this, width, bits);
        if (form == Form::serial)
          count += length(cut(p, 0, bits + 1)) * length(cut(t, 1, ceil_div(n - bits, width))) *
                   length(cut(u, 1, n + 1));
      }
    }
  }
  return count;
}

const char* metric_word(Metric metric) {
  static constexpr const char* kWords[kMetrics] = {
      "latency_cycles", "ii_cycles", "latency_ns", "interval_ns", "critical_ns",
      "lut_sites",      "ff",        "bram36",     "area_time",   "scalar_luts"};
  return kWords[static_cast<std::size_t>(metric)];
}

double Measures::value(Metric metric) const {
  switch (metric) {
    case Metric::latency_cycles:
      return latency;
    case Metric::ii_cycles:
      return ii;
    case Metric::latency_ns:
      return latency * critical_ns;
    case Metric::interval_ns:
      return ii * critical_ns;
    case Metric::critical_ns:
      return critical_ns;
    case Metric::lut_sites:
      return lut_sites;
    case Metric::ff:
      return ff;
    case Metric::bram36:
      return bram36;
    case Metric::area_time:
      return lut_sites * ii;
    case Metric::scalar_luts:
      break;
  }
  return scalar_luts;
}

Measures measures(const Cost& cost, const Device& device) {
  const Area area = cost.total();
  return {static_cast<double>(cost.latency),
          static_cast<double>(cost.ii),
          cost.critical_ns,
          static_cast<double>(area.lut_sites),
          static_cast<double>(area.ff),
          area.bram36(),
          cost.scalar_luts(device)};
}

Design design_of(const Box& box, const SearchSpace& space) {
  Design d;
  d.form = box.form, d.n = space.n, d.w = box.w, d.m = box.m.low;
  d.p = d.m + 1 - std::min(d.m + 1, box.f.low);
  d.e = box.e, d.r = box.r.low, d.rho = box.rho, d.t = box.t.low, d.u = box.u.low;
  d.segment = box.form == Form::pipelined ? space.segment : 0;
  d.eager = box.eager;
  d.multiplier = space.multiplier;
  return d;
}

std::vector<Box> boxes(const SearchSpace& s) {
  std::vector<Box> list;
  const Range widths = cut(s.w, 1, kMaxGroupBits);
  for (const Form form : s.forms) {
    Box box;
    box.form = form, box.m = box.f = {0, 0}, box.r = box.t = box.u = {1, 1};
    if (form == Form::iterative) {
      box.m = {s.n, s.n}, box.u = cut(s.u, 1, s.n + 1);
      if (length(box.u) > 0) list.push_back(box);
    } else if (has_multiplier(form)) {
      box.r = cut(s.r, 1, 2);  // two steps are all there is to share a cycle
      if (length(box.r) > 0) list.push_back(box);
    }
    if (!has_tables(form)) continue;
    for (unsigned w = widths.low; w <= widths.high; ++w) {
      if (form == Form::pipelined) {
        pipelined_boxes(s, w, list);
      } else if (form == Form::serial) {
        serial_boxes(s, w, list);
      } else {
        box.w = w, box.m = cut(s.m, 0, s.n);
        if (length(box.m) > 0) list.push_back(box);
      }
    }
  }
  return list;
}

// Small numbers tell designs apart more than large ones: the range with the largest ratio is cut, at its
// geometric middle.
std::array<Box, 2> halves(const Box& box) {
  std::array<Box, 2> both = {box, box};
  Range Box::*widest = &Box::m;
  double ratio = 0;
  for (Range Box::*axis : {&Box::t, &Box::u, &Box::r, &Box::m, &Box::f}) {
    const double of_this = ((box.*axis).high + 1.0) / ((box.*axis).low + 1.0);
    if (of_this > ratio) ratio = of_this, widest = axis;
  }
  const Range whole = box.*widest;
  const auto middle = static_cast<unsigned>(std::sqrt((whole.low + 1.0) * (whole.high + 1.0))) - 1;
  const unsigned cut_at = std::clamp(middle, whole.low, whole.high - 1);
  both[0].*widest = {whole.low, cut_at};
  both[1].*widest = {cut_at + 1, whole.high};
  return both;
}

}  // namespace allmod
