// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "traces/workload/host/float_kernels.h"
#include "traces/workload/host/forward_pass.h"
#include "traces/workload/host/kv_cache.h"
#include "traces/workload/host/linear_ops.h"
#include "traces/workload/host/rope.h"
#include "traces/workload/model/weights.h"
#include "traces/workload/numeric/parallel.h"

namespace workload {

// The forward pass of one sequence. Linear layers and attention are done by what it is given; norms, rotary
// embedding, SwiGLU and the residual stream are f32 here. What it refers to must outlive it. Results do not
// depend on the number of threads behind `parallel` nor on the SimdLevel.
class Decoder final : public ForwardPass {
 public:
  Decoder(const Weights& weights, LinearOps& ops, KvCache& cache, ParallelFor parallel,
          SimdLevel level = detect_simd_level());

  void set_observer(RunObserver* observer) override { observer_ = observer; }
  void set_stop(StopQuestion stop) override { stop_ = std::move(stop); }
  const std::vector<float>& prefill(const std::vector<std::uint32_t>& ids, const LogitsSink& sink) override;
  const std::vector<float>& prefill(const std::vector<std::uint32_t>& ids) { return prefill(ids, {}); }
  void fill(unsigned tokens, std::uint64_t seed) override;
  const std::vector<float>& step(std::uint32_t id) override;
  double pple() const override;
  double kl_from(const float* reference) const override;
  unsigned position() const override { return position_; }
  void reset() override;  // empties the cache, too

 private:
  struct PrefillRows;
  void require(const std::uint32_t* ids, std::size_t count) const;
  void require_room(std::size_t count) const;
  void norm(const float* x, const std::vector<float>& weight, float* out) const;
  void attention(unsigned layer, const float* qkv, float* out);
  void prefill_layer(unsigned layer, PrefillRows& rows, PrefillReport& report);
  void prefill_attention(const PrefillRows& rows, float* out) const;
  void prefill_mlp(unsigned layer, PrefillRows& rows);
  void prefill_logits(const PrefillRows& rows, const LogitsSink& sink);
  void observe(const GemvReport& report) {
    if (observer_ != nullptr) observer_->on_gemv(report);
  }

  const Weights& weights_;
  const ModelShape& shape_;
  LinearOps& ops_;
  KvCache& cache_;
  ParallelFor parallel_;
  FloatKernels kernels_;
  Rope rope_;
  RunObserver* observer_ = nullptr;
  StopQuestion stop_;
  unsigned position_ = 0;
  std::vector<float> x_, normed_, qkv_, attended_, projected_, gate_up_, active_, logits_;
};

}  // namespace workload
