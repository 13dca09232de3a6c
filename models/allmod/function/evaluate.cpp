// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/evaluate.h"

#include <algorithm>

#include "models/allmod/function/kernel.h"
#include "models/allmod/function/stage_steps.h"
#include "sim/core/error.h"

namespace allmod {

namespace {

bool checks_wanted(Checks checks) {
#ifdef NDEBUG
  return checks == Checks::on;
#else
  return checks != Checks::off;
#endif
}

void same_datapath(const Datapath& datapath, const Tables& tables) {
  if (&tables.datapath() != &datapath)
    throw sim::Error(sim::Exit::internal, "an evaluator was given the tables of another datapath");
}

void same_contents(const Tables& old, const Tables& tables) {
  if (old.built() != tables.built())
    throw sim::Error(sim::Exit::internal, "an evaluator was given tables with other contents than before");
}

}  // namespace

struct Evaluator::Impl {
  Impl(const Datapath& d, const Tables& t, bool check)
      : datapath(d),
        tables(&t),
        checked(check),
        program(d, t),
        kernel(choose_kernel(program)),
        steps(d, t, check && t.built()) {}

  bool divides() const { return !tables->built(); }

  // Every stage with its checks; `y` receives what the last one holds.
  void reduce_checked(const Limb* x, Limb* y) {
    if (walker.registers.empty()) walker.registers.resize(datapath.token_limbs());
    steps.load(walker, x);
    Counters uncounted;
    for (unsigned s = 1; s < datapath.stages().size(); ++s) steps.run(s, walker, uncounted);
    std::copy_n(walker.registers.begin(), datapath.n_limbs(), y);
  }

  void check_against_stages(const Limb* x, const Limb* y) {
    expected.resize(datapath.n_limbs());
    reduce_checked(x, expected.data());
    if (!std::equal(expected.begin(), expected.end(), y))
      throw sim::Error(sim::Exit::internal, "the fast path and the stages disagree for X = " +
                                                to_mpz(x, datapath.x_limbs()).get_str(16));
  }

  const Datapath& datapath;
  const Tables* tables;
  bool checked;
  Program program;
  Kernel kernel;
  StageSteps steps;
  Token walker;
  std::vector<Limb> expected;
  Counters counters;
};

Evaluator::Evaluator(const Datapath& datapath, const Tables& tables, Checks checks) {
  same_datapath(datapath, tables);
  impl_ = std::make_unique<Impl>(datapath, tables, checks_wanted(checks));
}

Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;

void Evaluator::use(const Tables& tables) {
  same_datapath(impl_->datapath, tables);
  same_contents(*impl_->tables, tables);
  impl_->tables = &tables;
  impl_->program.use(tables);
  impl_->steps.use(tables);
}

const Tables& Evaluator::tables() const { return *impl_->tables; }
const Datapath& Evaluator::datapath() const { return impl_->datapath; }

void Evaluator::reduce(const Limb* x, Limb* y) {
  reduce_many(x, 1, impl_->datapath.x_limbs(), y, impl_->datapath.n_limbs());
}

void Evaluator::reduce_many(const Limb* xs, std::size_t count, std::size_t x_stride, Limb* ys,
                            std::size_t y_stride) {
  const Batch batch{xs, count, x_stride, ys, y_stride};
  if (impl_->divides()) return run_division(impl_->program, batch, impl_->counters);
  impl_->kernel(impl_->program, batch, impl_->counters);
  if (!impl_->checked) return;
  for (std::size_t k = 0; k < count; ++k) impl_->check_against_stages(xs + k * x_stride, ys + k * y_stride);
}

Token Evaluator::make_token() const {
  Token token;
  token.registers.resize(impl_->divides() ? impl_->datapath.x_limbs() : impl_->datapath.token_limbs());
  return token;
}

// Without tables a token carries X through all stages, and Y appears in the last one.
void Evaluator::load(Token& token, const Limb* x) {
  if (!impl_->divides()) return impl_->steps.load(token, x);
  token.stage = 0;
  std::copy_n(x, impl_->datapath.x_limbs(), token.registers.begin());
}

void Evaluator::run_stage(unsigned stage, Token& token) {
  if (!impl_->divides()) return impl_->steps.run(stage, token, impl_->counters);
  token.stage = stage;
  if (stage + 1 < impl_->datapath.stages().size()) return;
  const std::size_t limbs = impl_->datapath.n_limbs();
  impl_->walker.registers.resize(limbs);
  run_division(impl_->program, {token.registers.data(), 1, 0, impl_->walker.registers.data(), limbs},
               impl_->counters);
  std::copy_n(impl_->walker.registers.begin(), limbs, token.registers.begin());
}

void Evaluator::result(const Token& token, Limb* y) const {
  std::copy_n(token.registers.begin(), impl_->datapath.n_limbs(), y);
}

const std::vector<RegisterView>& Evaluator::registers() const { return impl_->datapath.registers(); }
const Counters& Evaluator::counters() const { return impl_->counters; }
void Evaluator::reset_counters() { impl_->counters = Counters{}; }

}  // namespace allmod
