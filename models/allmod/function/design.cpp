// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/design.h"

#include <algorithm>

#include "models/allmod/function/datapath.h"

namespace allmod {

namespace {

unsigned ceil_div(unsigned a, unsigned b) { return a / b + (a % b != 0); }

unsigned ceil_log2(unsigned value) {
  unsigned bits = 0;
  while ((std::uint64_t{1} << bits) < value) ++bits;
  return bits;
}

std::string number(std::uint64_t value) { return std::to_string(value); }

void check_ranges(const Design& d, std::vector<Violation>& found) {
  const auto outside = [&](const char* field, unsigned value, unsigned low, unsigned high, const char* why) {
    if (value >= low && value <= high) return;
    found.push_back({field, std::string(field) + " = " + number(value) + " is outside [" + number(low) +
                                ", " + number(high) + "]; " + why});
  };
  outside("n", d.n, kMinBits, kMaxBits, "choose the length of the modulus in that range");
  outside("w", d.w, 1, kMaxGroupBits, "a group addresses a table of 2^w entries; choose w in that range");
  if (d.n >= kMinBits && d.n <= kMaxBits)
    outside("m", d.m, 0, d.n, "only the n bits above the low n can go to the restoring steps; choose m <= n");
}

void check_pipelined(const Design& d, std::vector<Violation>& found) {
  if (d.p > d.m + 1)
    found.push_back({"p", "p = " + number(d.p) + " exceeds m + 1 = " + number(d.m + 1) +
                              ", after which R < M and no step is left; lower p or raise m"});
  if (d.r < 1) found.push_back({"r", "r = 0: a cycle holds at least one restoring step; set r >= 1"});
  if (d.rho < 2 || d.rho > kMaxRadix) {
    found.push_back({"rho", "rho = " + number(d.rho) + " is outside [2, " + number(kMaxRadix) +
                                "]; a tree adder has that many operands; 2 is the plain adder"});
    return;
  }
  const unsigned levels = tree_levels(group_count(d), d.rho);
  if (d.e > levels)
    found.push_back({"e", "e = " + number(d.e) + " but the adder tree of the " + number(group_count(d)) +
                              " look-up groups has only " + number(levels) + " levels; choose e in [0, " +
                              number(levels) + "]"});
}

void check_segment(const Design& d, std::vector<Violation>& found) {
  if (d.segment == 0) return;
  if (d.form != Form::pipelined) {
    found.push_back({"segment", "segment = " + number(d.segment) + " but form " + form_word(d.form) +
                                    " has whole adders; set segment to 0"});
    return;
  }
  const std::uint64_t steps = std::uint64_t{d.p} + (d.m + 1 - std::min(d.p, d.m + 1)) + 14;  // J <= f + 14
  if (steps * ceil_div(d.n + 1, d.segment) > kMaxLatency)
    found.push_back({"segment", "segment = " + number(d.segment) + " makes a pipeline of more than " +
                                    number(kMaxLatency) + " stages; use longer segments, or a smaller m"});
}

}  // namespace

const char* form_word(Form form) {
  switch (form) {
    case Form::pipelined:
      return "pipelined";
    case Form::template_:
      return "template";
    case Form::template_literal:
      return "template_literal";
  }
  return "unknown";
}

unsigned group_count(const Design& design) { return ceil_div(design.n - design.m, design.w); }

unsigned tree_levels(unsigned operands, unsigned rho) {
  unsigned levels = 0;
  for (; operands > 1; operands = ceil_div(operands, rho)) ++levels;
  return levels;
}

unsigned balanced_m(unsigned n, unsigned w) {
  const unsigned d = w + 1;
  return std::min(n, (2 * (n + w) + d) / (2 * d));
}

unsigned fuse_p(unsigned n, unsigned w, unsigned m) {
  Design design;
  design.n = n, design.w = w, design.m = m;
  const unsigned f = ceil_log2(group_count(design));
  return f >= m + 1 ? 0 : m + 1 - f;
}

unsigned hide_e(const Design& design) {
  const std::size_t cycles = schedule_steps(pre_steps(design), design.r, design.segment).size();
  const unsigned levels = tree_levels(group_count(design), design.rho);
  return cycles <= 1 ? 0 : static_cast<unsigned>(std::min<std::size_t>(levels, cycles - 1));
}

std::uint64_t table_bytes(const Design& design) {
  const unsigned groups = group_count(design);
  std::uint64_t entries = 0;
  if (groups > 0) {
    const unsigned last = design.n - design.m - (groups - 1) * design.w;
    entries = (std::uint64_t{groups - 1} << design.w) + (std::uint64_t{1} << last);
  }
  if (design.form != Form::pipelined) entries += std::max(groups, 1u);
  return entries * ceil_div(design.n, kLimbBits) * sizeof(Limb);
}

std::vector<Violation> violations(const Design& design, std::uint64_t table_limit_bytes) {
  std::vector<Violation> found;
  check_ranges(design, found);
  if (!found.empty()) return found;  // the rules below compute with these
  if (design.form == Form::pipelined) check_pipelined(design, found);
  if (found.empty()) check_segment(design, found);
  if (table_bytes(design) > table_limit_bytes)
    found.push_back({"w", "w = " + number(design.w) + " needs tables of " + number(table_bytes(design)) +
                              " bytes in the simulator, the limit is " + number(table_limit_bytes) +
                              "; lower w, raise m, or raise the limit"});
  return found;
}

}  // namespace allmod
