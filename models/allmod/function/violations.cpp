// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The rules that a design has to keep.
#include <algorithm>

#include "models/allmod/function/design.h"

namespace allmod {

namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

class Rules {
 public:
  Rules(const Design& design, std::vector<Violation>& found) : d_(design), found_(found) {}

  void ranges() {
    outside("n", d_.n, kMinBits, kMaxBits, "choose the length of the modulus in that range");
    outside("w", d_.w, 1, kMaxGroupBits, "a group addresses a table of 2^w entries; choose w in that range");
    if (d_.n >= kMinBits && d_.n <= kMaxBits)
      outside("m", d_.m, 0, d_.n,
              "only the n bits above the low n can go to the restoring steps; choose m <= n");
  }

  void pipelined() {
    steps_before();
    whole_steps();
    if (d_.rho < 2 || d_.rho > kMaxRadix) {
      outside("rho", d_.rho, 2, kMaxRadix, "a tree adder has that many operands; 2 is the plain adder");
      return;
    }
    const unsigned levels = tree_levels(group_count(d_), d_.rho);
    if (d_.e > levels)
      add("e", "e = " + number(d_.e) + " but the adder tree of the " + number(group_count(d_)) +
                   " look-up groups has only " + number(levels) + " levels; choose e in [0, " +
                   number(levels) + "]");
    if (d_.eager) eager();
  }

  void serial() {
    steps_before();
    const unsigned groups = group_count(d_);
    if (groups == 0) {
      add("m", "m = " + number(d_.m) +
                   " leaves no bit to the tables of form serial; lower m, or use form iterative");
      return;
    }
    outside("t", d_.t, 1, groups,
            "a cycle reads at least one table, and there are " + number(groups) + "; choose t in that range");
    subtractors();
  }

  void iterative() {
    if (d_.m != d_.n)
      add("m", "m = " + number(d_.m) +
                   " but form iterative has no tables for the bits above n + m; set m to n = " +
                   number(d_.n) + ", or use form serial");
    subtractors();
  }

  void products() {
    whole_steps();
    const Multiplier& mul = d_.multiplier;
    outside("multiplier.karatsuba", mul.karatsuba, 0, kMaxKaratsuba,
            "choose the depth of splits in that range");
    outside("multiplier.registers", mul.registers, 0, kMaxMultiplierRegisters,
            "choose the number of pipeline registers in that range");
    if (mul.karatsuba > kMaxKaratsuba) return;
    // Halving stops to help where the operands of a split are no longer longer than what it makes of them.
    if (mul.karatsuba > 0) {
      Multiplier shallower = mul;
      --shallower.karatsuba;
      const unsigned before = multiplier_timing(shallower, d_.n + 1).base_bits;
      if (multiplier_timing(mul, d_.n + 1).base_bits >= before) {
        add("multiplier.karatsuba", "multiplier.karatsuba = " + number(mul.karatsuba) +
                                        " splits operands of " + number(before) +
                                        " bits, which makes none shorter; lower it");
        return;
      }
    }
    const unsigned bits = multiplier_timing(mul, d_.n + 2).base_bits;
    if (mul.digit > bits)
      add("multiplier.digit", "multiplier.digit = " + number(mul.digit) + " is longer than the " +
                                  number(bits) +
                                  " bits of a base multiplication; lower it, or set 0 for the whole operand");
  }

  void segment() {
    if (d_.segment == 0) return;
    if (d_.form != Form::pipelined) {
      add("segment", "segment = " + number(d_.segment) + " but form " + form_word(d_.form) +
                         " has whole adders; set segment to 0");
      return;
    }
    const std::uint64_t steps =
        std::uint64_t{d_.p} + (d_.m + 1 - std::min(d_.p, d_.m + 1)) + 14;  // J <= f + 14
    if (steps * ((d_.n + d_.segment) / d_.segment) > kMaxLatency)
      add("segment", "segment = " + number(d_.segment) + " makes a pipeline of more than " +
                         number(kMaxLatency) + " stages; use longer segments, or a smaller m");
  }

  void tables(std::uint64_t limit) {
    if (table_bytes(d_) > limit)
      add("w", "w = " + number(d_.w) + " needs tables of " + number(table_bytes(d_)) +
                   " bytes in the simulator, the limit is " + number(limit) +
                   "; lower w, raise m, raise the limit, or evaluate without tables (value lazy)");
  }

 private:
  void add(const char* field, const std::string& message) { found_.push_back({field, message}); }

  void outside(const char* field, unsigned value, unsigned low, unsigned high, const std::string& why) {
    if (value >= low && value <= high) return;
    add(field, std::string(field) + " = " + number(value) + " is outside [" + number(low) + ", " +
                   number(high) + "]; " + why);
  }

  void steps_before() {
    if (d_.p > d_.m + 1)
      add("p", "p = " + number(d_.p) + " exceeds m + 1 = " + number(d_.m + 1) +
                   ", after which R < M and no step is left; lower p or raise m");
  }

  void whole_steps() {
    if (d_.r < 1) add("r", "r = 0: a cycle holds at least one restoring step; set r >= 1");
  }

  void subtractors() {
    outside(
        "u", d_.u, 1, d_.n + 1,
        "a cycle has at least one conditional subtraction, and no more than the n + 1 steps that reduce any "
        "operand; choose u in that range");
  }

  // Every node stays below M: only sums of two such values do, after one conditional subtraction.
  void eager() {
    if (d_.rho != 2)
      add("rho", "rho = " + number(d_.rho) +
                     " but eager adders have two operands, whose sum one conditional "
                     "subtraction reduces; set rho to 2, or eager to false");
    if (d_.p <= d_.m)
      add("p", "p = " + number(d_.p) +
                   " leaves R >= M possible where it joins, which eager adders exclude; set p "
                   "to m + 1 = " +
                   number(d_.m + 1) + ", or eager to false");
    if (d_.segment > 0)
      add("segment", "segment = " + number(d_.segment) +
                         " but eager adders are not cut; set segment to 0, or eager to false");
  }

  const Design& d_;
  std::vector<Violation>& found_;
};

}  // namespace

std::vector<Violation> violations(const Design& design, std::uint64_t table_limit_bytes) {
  std::vector<Violation> found;
  Rules rules(design, found);
  rules.ranges();
  if (!found.empty()) return found;  // the rules below compute with these
  if (design.form == Form::pipelined) rules.pipelined();
  if (design.form == Form::serial) rules.serial();
  if (design.form == Form::iterative) rules.iterative();
  if (has_multiplier(design.form)) rules.products();
  if (found.empty()) rules.segment();
  rules.tables(table_limit_bytes);
  return found;
}

}  // namespace allmod
