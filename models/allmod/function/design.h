// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gmp.h>

namespace allmod {

using Limb = mp_limb_t;
static_assert(GMP_NUMB_BITS == 64, "allmod needs a GMP with 64-bit limbs and no nails");
constexpr unsigned kLimbBits = 64;

constexpr unsigned kMinBits = 2;
constexpr unsigned kMaxBits = 8192;
constexpr unsigned kMaxGroupBits = 20;
constexpr unsigned kMaxRadix = 8;
constexpr std::uint64_t kMaxLatency = 65536;                          // cycles
constexpr std::uint64_t kDefaultTableLimit = std::uint64_t{1} << 30;  // bytes

enum class Form {
  pipelined,         // one result a cycle: look-up, adder tree, restoring steps on both sides of it
  template_,         // the authors' drawing with its three repairs: right for every X and M
  template_literal,  // the authors' drawing as drawn: wrong for some X
};

// The numbers of one reducer, all resolved (nothing "balanced" or "automatic" is left). `p`, `e`, `r`,
// `rho` and `segment` belong to Form::pipelined; the template forms do not look at the first four.
struct Design {
  Form form = Form::pipelined;
  unsigned n = 128;      // bits of the modulus; operands have 2n bits
  unsigned w = 8;        // address bits of a look-up table
  unsigned m = 1;        // bits above n that restoring steps treat instead of tables
  unsigned p = 2;        // restoring steps before the fusion, 0..m+1
  unsigned e = 1;        // tree level at which the iterative result joins
  unsigned r = 1;        // restoring steps in one cycle
  unsigned rho = 2;      // operands of a tree adder
  unsigned segment = 0;  // bits of an adder segment; 0 = adders are not cut
};

// Word of the form as configurations spell it: "pipelined", "template", "template_literal".
const char* form_word(Form form);

// Number of look-up groups, ceil((n - m) / w).
unsigned group_count(const Design& design);

// Adder levels that `operands` values need, ceil(log_rho(operands)); 0 for 0 or 1 operand.
unsigned tree_levels(unsigned operands, unsigned rho);

// m at which the serial template's two branches take the same time: round((n + w) / (w + 1)).
unsigned balanced_m(unsigned n, unsigned w);

// p of the last step before the fusion at which 2^(m+1-p) >= groups still holds: up to there a step costs
// no subtractor after the tree. Clamped to 0..m+1.
unsigned fuse_p(unsigned n, unsigned w, unsigned m);

// The smallest e, at most the tree levels of the groups alone, at which look-up and tree take at least as
// many cycles (1 + e) as the restoring steps beside them; when there is none, the largest e. `design.e` is
// not looked at.
unsigned hide_e(const Design& design);

// Bytes of the look-up tables in the simulator, the template's overflow table included.
std::uint64_t table_bytes(const Design& design);

// One broken rule: the field of Design at fault (its name there) and a message that names rule and remedy.
struct Violation {
  std::string field;
  std::string message;
};

// Every rule that the design breaks; empty when it can be built.
std::vector<Violation> violations(const Design& design, std::uint64_t table_limit_bytes = kDefaultTableLimit);

}  // namespace allmod
