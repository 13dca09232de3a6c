// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gmp.h>

#include "models/allmod/function/multiplier.h"

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
  serial,      // t table lanes into one accumulator, u conditional subtractions a cycle before and after
  iterative,   // restoring steps alone, u a cycle, one operand at a time
  barrett,     // two multiplications by constants and two conditional subtractions
  montgomery,  // five multiplications: Montgomery reduction, and back into the ordinary domain
};

// The numbers of one reducer, all resolved (nothing "balanced" or "automatic" is left). A form looks only at
// its own parameters (has_parameter()); those that it does not have may hold anything in range.
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
  unsigned t = 1;        // tables read in one cycle by the serial accumulator
  unsigned u = 1;        // conditional subtractions a cycle of a serial core
  bool eager = false;    // every tree adder is followed by a conditional subtraction (the eager baseline)
  Multiplier multiplier = {};
};

// Every form, and its word as configurations spell it ("pipelined", "template", ...).
const std::vector<Form>& forms();
const char* form_word(Form form);

// Whether the form is one of the authors' drawing; whether it has look-up tables; whether it multiplies.
bool is_template(Form form);
bool has_tables(Form form);
bool has_multiplier(Form form);

// Whether the form looks at that parameter: "w", "m", "p", "e", "r", "rho", "segment", "t", "u", "eager",
// "multiplier".
bool has_parameter(Form form, const std::string& name);

// Form::serial without restoring steps before the fusion (m = 0, p = 0): its accumulator starts with the low
// part, and a second unit of u conditional subtractions corrects one sum while the next one is accumulated.
bool is_overlapped(const Design& design);

// Number of look-up groups, ceil((n - m) / w); 0 for forms without tables.
unsigned group_count(const Design& design);

// Adder levels that `operands` values need, ceil(log_rho(operands)); 0 for 0 or 1 operand.
unsigned tree_levels(unsigned operands, unsigned rho);

// m at which the serial template's two branches take the same time: round((n + w) / (w + 1)).
unsigned balanced_m(unsigned n, unsigned w);

// The same for a serial core with t tables and u conditional subtractions a cycle:
// round(u (n + w t) / (w t + u)), which is balanced_m(n, w) for t = u = 1.
unsigned balanced_serial_m(unsigned n, unsigned w, unsigned t, unsigned u);

// The p with which the serial core takes the fewest cycles, the largest of several. `design.p` is not looked
// at. 0 for m = 0: then the corrector overlaps with the next accumulation.
unsigned serial_p(const Design& design);

// J: conditional subtractions that are enough after the fusion for every M of n bits (B4).
unsigned steps_after(const Design& design);

// Cycles that a serial core holds an operand, Form::serial and Form::iterative; 1 for the others:
//   serial     max(cc + 1, ceil(p / u)) + 1 + ceil(J / u), cc = ceil(groups / t)
//   overlapped cc, and the corrector ceil(J / u); the interval is the larger of the two
//   iterative  ceil((n + 1) / u)
unsigned core_cycles(const Design& design);

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
