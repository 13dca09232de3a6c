// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/run_source.h"

#include <algorithm>

namespace sme {

using sim::Cycle;

void LayerRun::take(const GemvResult& result, std::uint64_t vectors) {
  valued += vectors;
  outputs += result.outputs;
  conversions += result.conversions;
  clips += result.clips;
  max_abs_error = std::max(max_abs_error, result.max_abs_error);
  sum_abs_error += result.sum_abs_error;
  sum_abs_exact += result.sum_abs_exact;
}

bool RunSource::next(Pass& pass) {
  while (planned_.empty()) {
    if (!plan(planned_)) {
      exhausted_ = true;
      finished_ = under_way_ == 0;
      return false;
    }
  }
  pass = planned_.front();
  planned_.pop();
  return true;
}

void RunSource::begun(const Pass&, Cycle now) {
  begun_.push(now);
  ++under_way_;
}

void RunSource::position_done(const Pass& pass, std::uint64_t, Cycle now) {
  last_ = now;
  if (!pass.last) return;
  ++layers_[pass.work->layer].products;
  ++products_;
  product_done(pass);
}

void RunSource::done(const Pass& pass, Cycle now) {
  const Cycle cycles = now - begun_.front();
  begun_.pop();
  --under_way_;
  last_ = now;
  if (pass.program != nullptr) {
    writing_ += cycles;
    written_.add(program_activity(*pass.program));
  } else {
    LayerRun& run = layers_[pass.work->layer];
    run.cycles += cycles;
    run.write_cycles += writing_;
    run.written.add(written_);
    writing_ = 0;
    written_ = Activity{};
  }
  pass_done(pass, now);
  if (exhausted_ && under_way_ == 0) finished_ = true;
}

}  // namespace sme
