// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/design.h"

#include <algorithm>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/datapath.h"
#include "sim/core/ceil_div.h"

namespace allmod {

namespace {

using sim::ceil_div;

unsigned ceil_log2(unsigned value) {
  unsigned bits = 0;
  while ((std::uint64_t{1} << bits) < value) ++bits;
  return bits;
}

}  // namespace

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {Form::pipelined, Form::template_, Form::template_literal,
                                        Form::serial,    Form::iterative, Form::barrett,
                                        Form::montgomery};
  return all;
}

const char* form_word(Form form) {
  switch (form) {
    case Form::pipelined:
      return "pipelined";
    case Form::template_:
      return "template";
    case Form::template_literal:
      return "template_literal";
    case Form::serial:
      return "serial";
    case Form::iterative:
      return "iterative";
    case Form::barrett:
      return "barrett";
    case Form::montgomery:
      return "montgomery";
  }
  return "unknown";
}

bool is_template(Form form) { return form == Form::template_ || form == Form::template_literal; }

bool has_multiplier(Form form) { return form == Form::barrett || form == Form::montgomery; }

bool has_tables(Form form) { return form != Form::iterative && !has_multiplier(form); }

bool has_parameter(Form form, const std::string& name) {
  const bool pipelined = form == Form::pipelined, serial = form == Form::serial;
  if (name == "w") return has_tables(form);
  if (name == "m") return has_tables(form) || form == Form::iterative;
  if (name == "p") return pipelined || serial;
  if (name == "r") return pipelined || has_multiplier(form);
  if (name == "e" || name == "rho" || name == "segment" || name == "eager") return pipelined;
  if (name == "t") return serial;
  if (name == "u") return serial || form == Form::iterative;
  return name == "multiplier" && has_multiplier(form);
}

bool is_overlapped(const Design& design) {
  return design.form == Form::serial && design.m == 0 && design.p == 0;
}

unsigned group_count(const Design& design) {
  return has_tables(design.form) ? ceil_div(design.n - design.m, design.w) : 0;
}

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

unsigned balanced_serial_m(unsigned n, unsigned w, unsigned t, unsigned u) {
  const std::uint64_t read = std::uint64_t{w} * t, d = read + u;
  return static_cast<unsigned>(std::min<std::uint64_t>(n, (2 * u * (n + read) + d) / (2 * d)));
}

unsigned steps_after(const Design& design) {
  const mpz_class sum = (mpz_class(1) << (design.m + 1 - design.p)) + group_count(design) - 1;
  return bounds::bit_length(sum);
}

unsigned core_cycles(const Design& design) {
  if (design.form == Form::iterative) return ceil_div(design.n + 1, design.u);
  if (design.form != Form::serial) return 1;
  const unsigned read = ceil_div(group_count(design), design.t);
  if (is_overlapped(design)) return read;
  return std::max(read + 1, ceil_div(design.p, design.u)) + 1 + ceil_div(steps_after(design), design.u);
}

unsigned serial_p(const Design& design) {
  if (design.m == 0) return 0;
  Design candidate = design;
  unsigned best = 0, fewest = ~0u;
  for (candidate.p = 0; candidate.p <= design.m + 1; ++candidate.p) {
    const unsigned cycles = core_cycles(candidate);
    if (cycles <= fewest) fewest = cycles, best = candidate.p;
  }
  return best;
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
  if (is_template(design.form)) entries += std::max(groups, 1u);
  return entries * ceil_div(design.n, kLimbBits) * sizeof(Limb);
}

MultiplierTiming multiplier_timing(const Multiplier& multiplier, unsigned bits) {
  MultiplierTiming timing{bits, multiplier.karatsuba, 1, multiplier.karatsuba + multiplier.registers};
  for (unsigned k = 0; k < multiplier.karatsuba; ++k) timing.base_bits = ceil_div(timing.base_bits, 2) + 1;
  if (multiplier.digit > 0) timing.ii = ceil_div(timing.base_bits, multiplier.digit);
  return timing;
}

}  // namespace allmod
