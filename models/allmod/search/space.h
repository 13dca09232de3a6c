// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What a search of reducers may choose, what it is after, and what is known of a whole box of designs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/allmod/function/cost.h"
#include "models/allmod/search/memories.h"

namespace allmod {

// Both ends are in.
struct Range {
  unsigned low = 0, high = 0;
  bool single() const { return low == high; }
  bool has(unsigned value) const { return low <= value && value <= high; }
};

// The designs of one length. A range is cut to what a form can have; p alone is measured from the front.
// Form template_literal is left to those who name it: it computes wrong answers.
struct SearchSpace {
  std::vector<Form> forms = {Form::pipelined, Form::template_, Form::serial,
                             Form::iterative, Form::barrett,   Form::montgomery};
  unsigned n = 128;
  Range w{1, kMaxGroupBits}, m{0, kMaxBits}, p{0, kMaxBits + 1}, e{0, 32}, r{1, 64}, rho{2, kMaxRadix};
  Range t{1, kMaxBits}, u{1, kMaxBits + 1};
  Range eager{0, 1};           // pipelines: without and with a conditional subtraction behind every adder
  unsigned segment = 0;        // the same in every design
  Multiplier multiplier = {};  // of barrett and montgomery
  std::uint64_t table_limit_bytes = kDefaultTableLimit;

  // How many designs that is, about: what a search without pruning would price.
  double designs() const;
};

// What a design is judged by. Small is good in all of them.
enum class Metric {
  latency_cycles,  // from the operand's acceptance to its result
  ii_cycles,       // between two operands of a lane
  latency_ns,      // latency_cycles at f_max
  interval_ns,     // ii_cycles at f_max
  critical_ns,     // 1000 / f_max in MHz
  lut_sites,
  ff,
  bram36,
  area_time,    // lut_sites * ii_cycles
  scalar_luts,  // lut_sites + bram36 * Device::bram36_luts
};
constexpr std::size_t kMetrics = 10;
const char* metric_word(Metric metric);

// Of a design, or no more than those of any design of a box. scalar_luts apart, since a bound on it can be
// higher than what the bounds on its two parts give.
struct Measures {
  double latency = 0, ii = 0, critical_ns = 0, lut_sites = 0, ff = 0, bram36 = 0, scalar_luts = 0;
  double value(Metric metric) const;
};
Measures measures(const Cost& cost, const Device& device);

struct Cap {
  Metric metric;
  double most;
};

// Designs of one form that a search looks at together. w, e, rho and eager are single in it; f = m + 1 - p,
// the bits of R above M where it joins, is kept in place of p, since m and f together say how many steps
// there are.
struct Box {
  Form form = Form::pipelined;
  unsigned w = 8, e = 0, rho = 2;
  bool eager = false;
  Range m, f, r, t, u;
  bool single() const { return m.single() && f.single() && r.single() && t.single() && u.single(); }
};

// The design of a single box.
Design design_of(const Box& box, const SearchSpace& space);

// The boxes that together are the space; designs that cannot be built may be in them.
std::vector<Box> boxes(const SearchSpace& space);

// The two halves of a box that is not single, the one with the smaller numbers first.
std::array<Box, 2> halves(const Box& box);

// No design of the box can be built, or all are the same as others outside: with more subtractors in a cycle
// than there are steps.
bool nothing_new(const Box& box, const SearchSpace& space);

// bound(box): no design of the box measures less, in anything, than this. Barrett and Montgomery: 0.
class Bounds {
 public:
  // Both must outlive it.
  Bounds(const SearchSpace& space, const CostOptions& options)
      : space_(space), options_(options), memories_(space.n, options.rom, options.device) {}
  Measures operator()(const Box& box) const;

 private:
  const SearchSpace& space_;
  const CostOptions& options_;
  DeepMemories memories_;
};

}  // namespace allmod
