// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/allmod/function/datapath.h"
#include "models/allmod/function/tables.h"

namespace allmod {

struct Counters {
  std::uint64_t reductions = 0;
  // Operands whose fused sum was >= 3M: a three-way adjustment (x, x - M, x - 2M) is not enough for them.
  std::uint64_t extra_adjustments = 0;
};

// One operand on its way: the registers of the stage that it is in. Use only with the evaluator that made it
// (or with one of the same datapath).
struct Token {
  std::vector<Limb> registers;  // laid out as Datapath::registers() says for `stage`
  unsigned stage = 0;
};

enum class Checks {
  off,
  on,        // every register against its width and against its bound for this modulus (B1..B4)
  by_build,  // on unless NDEBUG is defined
};

// Bit-true arithmetic of one reducer. Every register's value is computed, in the order of the hardware.
// One object per lane: it owns scratch memory; datapath and tables are shared and must outlive it. Not
// thread-safe. With checks on, every call throws sim::Error(Exit::internal) at the first register that breaks
// its bound.
//
// With tables of Contents::none, Y comes from GMP's division in the same stage of the same cycle: registers
// hold nothing meaningful before the last stage, extra_adjustments stays 0 and there is nothing to check.
class Evaluator {
 public:
  Evaluator(const Datapath& datapath, const Tables& tables, Checks checks = Checks::by_build);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) = delete;

  // The tables of another modulus for the same datapath, with the same Contents; counters go on. Tokens under
  // way must be drained first: their registers belong to the old modulus.
  void use(const Tables& tables);
  const Tables& tables() const;
  const Datapath& datapath() const;

  // X (x_limbs() limbs, X < 2^(2n), not checked) to Y (n_limbs() limbs). Y = X mod M but for
  // Form::template_literal, which gives what the drawing gives. Counts the reduction.
  void reduce(const Limb* x, Limb* y);

  // The same for `count` operands, strides in limbs (>= x_limbs() and >= n_limbs()), faster: fetches the next
  // operand's table entries ahead. xs and ys must not overlap.
  void reduce_many(const Limb* xs, std::size_t count, std::size_t x_stride, Limb* ys, std::size_t y_stride);

  // Stage by stage. load() is stage 0 (`in`); run_stage(s) computes the registers of stage s = 1, 2, ... out
  // of those of stage s - 1, which the token must be in. The reduction is counted by the last stage.
  Token make_token() const;
  void load(Token& token, const Limb* x);
  void run_stage(unsigned stage, Token& token);
  void result(const Token& token, Limb* y) const;  // token in the last stage

  const std::vector<RegisterView>& registers() const;  // = datapath().registers()

  const Counters& counters() const;
  void reset_counters();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace allmod
