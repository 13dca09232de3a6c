// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gmpxx.h>

#include "models/allmod/function/design.h"

namespace allmod {

// One look-up table: operand bits [offset, offset + width) are its address.
struct Group {
  unsigned index;
  unsigned width;
  unsigned offset;
};

// One operand of a tree level. Level 0 holds the table outputs; a node of level l > 0 is the sum of
// `operands` (positions in level l - 1), and one with a single operand is a delay register. The iterative
// result is the last node of level e.
struct Node {
  std::vector<unsigned> operands;
  unsigned first_group = 0;  // the node sums the tables first_group .. first_group + leaves - 1
  unsigned leaves = 0;       // and, if has_residue, the iterative result
  bool has_residue = false;
  bool is_residue = false;  // the iterative result itself, where it joins
  unsigned bits = 0;        // register width, right for every M of n bits
};

// One restoring step: if (value >> j) >= M then value -= M << j.
struct Step {
  unsigned j;
  unsigned subtractor_bits;  // bits that the subtractor works on; the low j pass by
  unsigned register_bits;    // bits of the value after the step
};

// What one cycle of a restoring chain does: `count` whole steps from `first` on, or (parts > 1) part `part`
// of the one step `first`, whose choice falls in the last part.
struct StepCycle {
  unsigned first;
  unsigned count;
  unsigned part = 0;
  unsigned parts = 1;
};

// One pipeline stage, `cycles` long: 1 but in a serial core or a multiplier, and never longer for the last
// stage. Stage k's registers hold what it computed. level, pre, post say what a stage of Form::pipelined
// does.
struct Stage {
  std::string name;
  unsigned cycles = 1;
  std::string what;  // for people
  int level = -1;    // tree level whose nodes the stage's registers hold; 0 = table outputs; -1 = none
  int pre = -1;      // index into pre_schedule(); -1 = the iterative side waits or is absent
  int post = -1;     // index into post_schedule(); -1 = none
  int phase = -1;    // Form::barrett, montgomery: the phase whose values the registers hold; -1 = adjusts
};

// What the registers of a multiplying form hold between two of its operations, in order.
struct Phase {
  struct Value {
    const char* name;
    unsigned bits;
  };
  const char* name;  // of the operation that makes them
  bool multiplies;   // that operation is a multiplication
  std::vector<Value> values;
};

// A register of the datapath: `bits` of a Token's limbs from `offset` on, valid after stage `stage`.
struct RegisterView {
  std::string name;  // "<stage>.<register>", unique
  unsigned bits;
  unsigned stage;
  std::size_t offset;  // limbs
  std::size_t limbs() const { return (bits + kLimbBits - 1) / kLimbBits; }
};

// Structure of a reducer: everything that follows from the design alone and holds for every modulus of n
// bits. Immutable; one object serves all lanes.
class Datapath {
 public:
  // Throws sim::Error(Exit::usage) listing every violated rule.
  explicit Datapath(const Design& design, std::uint64_t table_limit_bytes = kDefaultTableLimit);

  const Design& design() const { return design_; }
  std::size_t n_limbs() const { return n_limbs_; }      // of M, table entries and results
  std::size_t x_limbs() const { return x_limbs_; }      // of an operand, 2n bits
  std::size_t sum_limbs() const { return sum_limbs_; }  // of the widest sum

  const std::vector<Group>& groups() const { return groups_; }
  unsigned leftover_bits() const { return f_; }                         // f: R < 2^f M where it joins
  unsigned post_steps() const { return j_; }                            // J: enough for every M
  unsigned levels() const { return l_; }                                // L: with the join
  const std::vector<std::vector<Node>>& tree() const { return tree_; }  // levels 0..L; pipelined only
  const std::vector<Step>& pre() const { return pre_; }
  const std::vector<Step>& post() const { return post_; }
  const std::vector<StepCycle>& pre_schedule() const { return pre_schedule_; }
  const std::vector<StepCycle>& post_schedule() const { return post_schedule_; }
  unsigned residue_bits() const;                   // of R where it joins
  unsigned sum_bits() const { return sum_bits_; }  // of the sum that the steps after the tree reduce

  unsigned pre_cycles() const { return static_cast<unsigned>(pre_schedule_.size()); }
  unsigned post_cycles() const { return static_cast<unsigned>(post_schedule_.size()); }
  unsigned tree_skew() const { return skew_; }

  const std::vector<Stage>& stages() const { return stages_; }
  unsigned latency() const;  // cycles from the operand's acceptance to its result: sum of the stages
  unsigned ii() const;       // cycles between two operands: the longest stage

  // Grouped by stage, in order. Made on the first call, since wide and long pipelines have millions of them;
  // that call may come from any thread.
  const std::vector<RegisterView>& registers() const { return views().registers; }
  std::size_t first_register(unsigned stage) const {
    return views().first[stage];
  }                                                         // stages().size(): the end
  std::size_t token_limbs() const { return token_limbs_; }  // room that the widest stage needs

  // Form::barrett and Form::montgomery: phases()[0] is the operand; the last one is reduced by post().
  const std::vector<Phase>& phases() const { return phases_; }
  MultiplierTiming multiplier() const { return multiplier_; }

  // Form::serial: cycles that read tables (cc); other forms: 0.
  unsigned read_cycles() const { return read_cycles_; }

  // 64-bit words that a reload of the modulus writes: M, all table entries, and the constants of a
  // multiplying form.
  std::uint64_t reload_words() const;

  // Bits of the constant beside M that Form::barrett (floor(2^(2n) / M)) or Form::montgomery (-1/M mod 2^n)
  // multiplies by; 0 for other forms.
  unsigned reciprocal_bits() const;

  // B4's largest sum over all M of n bits (of Form::pipelined).
  const mpz_class& largest_sum() const { return largest_sum_; }

 private:
  void make_groups();
  void make_pipelined();
  void make_tree();
  void make_template();
  void make_serial();
  void make_iterative();
  void make_products();
  void push_product(int phase);

  // A register as its stage lists it; `number` counts those of one letter.
  struct Slot {
    static constexpr unsigned kAlone = ~0u;
    const char* letter;
    unsigned number;
    unsigned bits;
  };
  using Slots = std::vector<Slot>;
  struct Views {
    std::vector<RegisterView> registers;
    std::vector<std::size_t> first;  // by stage, one more at the end
  };
  const Views& views() const;
  Slots slots(unsigned stage) const;
  void front_slots(unsigned stage, Slots& out) const;
  void step_slots(const std::vector<Step>& steps, const std::vector<StepCycle>& schedule, unsigned index,
                  unsigned bits_before, const char* name, Slots& out) const;
  void serial_slots(unsigned stage, Slots& out) const;
  void measure_token();

  Design design_;
  std::size_t n_limbs_ = 0, x_limbs_ = 0, sum_limbs_ = 0, token_limbs_ = 0;
  unsigned f_ = 0, j_ = 0, l_ = 0, skew_ = 0, sum_bits_ = 0;
  mpz_class largest_sum_;
  std::vector<Group> groups_;
  std::vector<std::vector<Node>> tree_;
  std::vector<Step> pre_, post_;
  std::vector<StepCycle> pre_schedule_, post_schedule_;
  std::vector<Stage> stages_;
  std::vector<Phase> phases_;
  MultiplierTiming multiplier_{};
  unsigned read_cycles_ = 0;

  struct Lazy;
  std::shared_ptr<Lazy> views_;  // copies of a datapath have the same registers
};

// Cycles of a chain of restoring steps. With whole adders (segment = 0) every `r` steps share a cycle. With
// segments, a subtraction of W bits waits for its sign and takes ceil(W / segment) cycles; one that fits a
// segment shares its cycle with up to r - 1 neighbours that fit too, one that does not stands alone.
std::vector<StepCycle> schedule_steps(const std::vector<Step>& steps, unsigned r, unsigned segment);

// Empty when the design can reduce by M; otherwise why not, and what to do.
std::string refusal(const Design& design, const mpz_class& modulus);

// `count` steps from j = top_j down, on a value of `bits` bits.
std::vector<Step> chain(unsigned n, unsigned bits, unsigned top_j, unsigned count);

// The steps before the fusion, with their widths (subtractors of n or n + 1 bits).
std::vector<Step> pre_steps(const Design& design);

}  // namespace allmod
