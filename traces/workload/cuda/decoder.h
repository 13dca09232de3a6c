// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "traces/workload/cuda/cache.h"
#include "traces/workload/cuda/graph.h"
#include "traces/workload/cuda/weights.h"

namespace workload::cuda {

// The forward pass (see make_decoder in backend.h). Everything between the token's id and its logits stays on
// the device; what an observer is told is copied behind the pass. A step with the precisions of an earlier
// one replays a graph of it; what changes from step to step is read from a StepState.
class Decoder final : public ForwardPass {
 public:
  Decoder(const Weights& weights, const QuantisedOps* quantised, const DecoderSettings& settings);
  ~Decoder() override;

  void set_observer(RunObserver* observer) override {
    observer_ = observer;
    graphs_.clear();  // products leave their sums only where somebody wants them
    met_.clear();
  }
  void set_stop(StopQuestion stop) override { stop_ = std::move(stop); }
  const std::vector<float>& prefill(const std::vector<std::uint32_t>& ids, const LogitsSink& sink) override;
  void fill(unsigned tokens, std::uint64_t seed) override;
  void reset() override;
  const std::vector<float>& step(std::uint32_t id) override;
  unsigned position() const override { return position_; }
  double pple() const override;
  double kl_from(const float* reference) const override;
  std::uint64_t step_ns() const override { return ns_between(step_begin_, step_end_); }

 private:
  // A product of the decode phase: where its input's codes and its sums are, in the order of execution.
  struct Product {
    unsigned layer = 0;
    MatrixKind matrix = MatrixKind::qkv_proj;
    Codes input;
    std::size_t code_offset = 0, sum_offset = 0, sum_count = 0;
    unsigned bits = 32;
    std::unique_ptr<TimedSpan> span;
  };
  struct PromptRows;
  void require(const std::uint32_t* ids, std::size_t count) const;
  void require_room(std::size_t count) const;
  ActivationOut input_of(Product& product) {
    return {rows_.data(), quantised_ != nullptr ? product.input : Codes{}, bad_.data()};
  }
  void plan_products();
  void multiply(Product& product, float* y, bool add);
  void multiply_block(unsigned layer, MatrixKind kind, const PromptRows& rows, float* y, bool add);
  void run_layer(unsigned layer);
  void launch_step();
  void launch_or_replay();
  void prefill_layer(unsigned layer, PromptRows& rows, PrefillReport& report);
  void prefill_logits(PromptRows& rows, const LogitsSink& sink);
  AppendIn append_in(float* qkv, unsigned tokens) const;
  void prepare_observation();
  void tell();
  void throw_if_bad();

  const ModelShape shape_;
  const QuantisedOps* quantised_;
  Stream stream_;
  DeviceWeights weights_;
  DeviceCache cache_;
  RunObserver* observer_ = nullptr;
  StopQuestion stop_;
  unsigned most_tokens_;
  unsigned position_ = 0;
  Event step_begin_, step_end_;
  const bool graphs_wanted_;
  const unsigned op_times_every_;
  unsigned steps_ = 0;
  bool timed_ = false;  // this step's operations, one by one
  DeviceArray<StepState> state_{1};
  DeviceArray<double> pple_{1};
  double host_pple_ = 0;
  // By precisions and whether timed. Made when a setting comes for the second time.
  using GraphKey = std::pair<std::vector<std::uint8_t>, bool>;
  std::set<GraphKey> met_;
  std::map<GraphKey, Graph> graphs_;
  DeviceArray<int> bad_{1};
  DeviceArray<float> x_, rows_, qkv_, attended_, gate_up_, device_logits_;
  DeviceArray<std::int8_t> codes_;  // of all products
  DeviceArray<float> scales_;
  DeviceArray<std::int32_t> sums_;  // of all products, where an observer wants them
  std::vector<Product> products_;   // four a layer, then the head
  std::vector<std::unique_ptr<AttendSpans>> spans_;
  std::vector<std::int8_t> host_codes_;
  std::vector<float> host_scales_, logits_;
  std::vector<std::int32_t> host_sums_;
};

}  // namespace workload::cuda
