// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Structure of the forms that reuse an adder, and of those that multiply.
#include "models/allmod/function/bounds.h"
#include "models/allmod/function/datapath.h"

namespace allmod {

namespace {

std::string many(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

void Datapath::make_serial() {
  const auto groups = static_cast<unsigned>(groups_.size());
  pre_ = pre_steps(design_);
  pre_schedule_ = schedule_steps(pre_, design_.u, 0);
  f_ = design_.m + 1 - design_.p;
  largest_sum_ = bounds::any_sum(design_, groups, true);
  sum_bits_ = bounds::bit_length(largest_sum_);
  sum_limbs_ = limbs_for(sum_bits_);
  j_ = steps_after(design_);
  post_ = chain(design_.n, sum_bits_, j_ - 1, j_);
  post_schedule_ = schedule_steps(post_, design_.u, 0);
  read_cycles_ = (groups + design_.t - 1) / design_.t;

  const std::string reads =
      many(groups, "look-up") + ", " + std::to_string(design_.t) + " a cycle, and one adder";
  const std::string unit = std::to_string(design_.u) + " a cycle";
  const std::string after = many(post_.size(), "restoring step") + ", " + unit;
  stages_.push_back({"in", 1, "operand register"});
  if (is_overlapped(design_)) {
    stages_.push_back({"look_up", 1, "the first " + many(design_.t, "look-up")});
    stages_.push_back({"accumulate", core_cycles(design_), reads + ", which starts with the low part"});
    stages_.push_back({"correct", post_cycles(), after});
  } else {
    std::string what = reads + "; ";
    if (!pre_.empty()) what += "beside them " + many(pre_.size(), "restoring step") + ", " + unit + "; ";
    stages_.push_back({"core", core_cycles(design_), what + "their sum; " + after});
  }
  stages_.push_back({"out", 1, "result register"});
}

void Datapath::make_iterative() {
  design_.p = design_.n + 1;
  pre_ = pre_steps(design_);
  pre_schedule_ = schedule_steps(pre_, design_.u, 0);
  sum_bits_ = design_.n;
  sum_limbs_ = n_limbs_;
  largest_sum_ = (mpz_class(1) << design_.n) - 2;
  stages_ = {{"in", 1, "operand register"},
             {"core", core_cycles(design_),
              many(pre_.size(), "restoring step") + ", " + std::to_string(design_.u) + " a cycle"},
             {"out", 1, "result register"}};
}

// Barrett: q = floor(X / 2^(n-1)) mu, mu = floor(2^(2n) / M); Y' = X - floor(q / 2^(n+1)) M lies below 3M, so
// its low n + 2 bits say everything. Montgomery, R = 2^n: T = (X + (X M' mod R) M) / R < R + M is X / R mod M
// for every X < R^2, M' = -1/M mod R; the same with T (R^2 mod M) leads back to X mod M, below 3M.
void Datapath::make_products() {
  const unsigned n = design_.n;
  design_.m = design_.p = design_.e = 0;
  if (design_.form == Form::barrett) {
    phases_ = {{"in", false, {{"x", 2 * n}}},
               {"quotient", true, {{"x", n + 2}, {"q", 2 * n + 2}}},
               {"product", true, {{"x", n + 2}, {"p", n + 2}}},
               {"subtract", false, {{"s", n + 2}}}};
  } else {
    phases_ = {{"in", false, {{"x", 2 * n}}},
               {"factor", true, {{"x", 2 * n}, {"m", n}}},
               {"product", true, {{"x", 2 * n}, {"p", 2 * n}}},
               {"add", false, {{"t", n + 1}}},
               {"convert", true, {{"x", 2 * n + 1}}},
               {"factor2", true, {{"x", 2 * n + 1}, {"m", n}}},
               {"product2", true, {{"x", 2 * n + 1}, {"p", 2 * n}}},
               {"add2", false, {{"s", n + 2}}}};
  }
  multiplier_ = multiplier_timing(design_.multiplier, design_.form == Form::barrett ? n + 2 : n + 1);
  j_ = 2;  // Y' < 3M
  sum_bits_ = n + 2;
  sum_limbs_ = limbs_for(sum_bits_);
  largest_sum_ = 3 * ((mpz_class(1) << n) - 1) - 1;
  post_ = chain(n, sum_bits_, j_ - 1, j_);
  post_schedule_ = schedule_steps(post_, design_.r, 0);

  stages_.push_back({"in", 1, "operand register"});
  stages_.back().phase = 0;
  for (int k = 1; k < static_cast<int>(phases_.size()); ++k) push_product(k);
  for (unsigned k = 0; k < post_cycles(); ++k) {
    Stage stage{"adjust" + std::to_string(k + 1), 1,
                many(post_schedule_[k].count, "conditional subtraction")};
    stage.post = static_cast<int>(k);
    stages_.push_back(stage);
  }
}

// The stages that lead to `phase`: one adder, or a multiplier.
void Datapath::push_product(int phase) {
  const Phase& to = phases_[static_cast<std::size_t>(phase)];
  const auto push = [&](const std::string& name, unsigned cycles, const std::string& what, int holds) {
    stages_.push_back({name, cycles, what});
    stages_.back().phase = holds;
  };
  if (!to.multiplies) return push(to.name, 1, "adder", phase);
  const std::string name = to.name;
  for (unsigned k = 1; k <= multiplier_.before; ++k)
    push(name + "_split" + std::to_string(k), 1, "additions of a Karatsuba split", phase - 1);
  push(name, multiplier_.ii,
       "multiplication, base operands of " + std::to_string(multiplier_.base_bits) + " bits", phase);
  for (unsigned k = 1; k <= multiplier_.after; ++k) {
    const bool joins = k <= design_.multiplier.karatsuba;
    push(
        name + (joins ? "_join" : "_register") + std::to_string(joins ? k : k - design_.multiplier.karatsuba),
        1, joins ? "recombination of a Karatsuba split" : "pipeline register", phase);
  }
}

unsigned Datapath::reciprocal_bits() const {
  if (design_.form == Form::barrett) return design_.n + 2;  // 2^(n+1) for M = 2^(n-1)
  return design_.form == Form::montgomery ? design_.n : 0;
}

std::string refusal(const Design& design, const mpz_class& modulus) {
  const unsigned found = modulus <= 0 ? 0 : bounds::bit_length(modulus);
  if (found != design.n)
    return "has " + std::to_string(found) +
           " bits, the design wants exactly n = " + std::to_string(design.n) +
           "; give a modulus of that length or change n";
  if (design.form == Form::montgomery && mpz_even_p(modulus.get_mpz_t()))
    return "is even and has no inverse modulo 2^n, which form montgomery needs; give an odd modulus, or use "
           "form "
           "barrett";
  return {};
}

}  // namespace allmod
