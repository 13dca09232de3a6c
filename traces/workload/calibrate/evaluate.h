// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "traces/workload/calibrate/calibration.h"
#include "traces/workload/host/kv_caches.h"
#include "traces/workload/host/linear_ops.h"
#include "traces/workload/host/quantised_ops.h"
#include "traces/workload/model/weights.h"

namespace workload {

// One setting to decode text with. Written PRECISION/KV: f32, int8, int4-group, int4-nested or flexquant, and
// f32, fp16, pq64x8 (M x nbits), int4, int3, int4-token or int3-token.
struct EvaluateRun {
  std::string name;
  std::string precision;
  KvFormat kv = KvFormat::f32;
  million::PqShape pq;
};

// "int8/f32,flexquant/pq64x8". Throws sim::Error (usage).
std::vector<EvaluateRun> parse_runs(const std::string& text, unsigned head_dim);

// Sums over the decoded tokens of all windows.
struct EvaluateRow {
  std::string name;
  std::size_t tokens = 0;
  double nll = 0;           // of the text's next tokens, nats a token
  double nll_increase = 0;  // over the f32 reference, token by token, and the standard error of that mean
  double nll_increase_error = 0;
  double kl_f32 = 0;         // KL(p_f32 || p)
  double kl_int8 = 0;        // KL(p_int8 || p); both references with exact f32 attention
  double share_int4 = 0;     // f: mean share of weights read at INT4
  std::size_t switches = 0;  // layers that changed their precision between two tokens
  double kv_bytes = 0;       // of a token, layer and kv head in the cache's format

  double perplexity() const;
};

// Decodes windows of text, teacher-forced, as `run` does it: `prompt` tokens by a prefill (W8A8 but for f32),
// then token by token through the cache, every one scored but the last. References are computed on the same
// windows. With `cuda` all passes, entropies and divergences are a GPU's (caches f32, fp16 and pq).
class Evaluation {
 public:
  // Null calibration: no flexquant, no pq. All must outlive it.
  Evaluation(const Weights& weights, const Calibration* calibration, const ParallelFor& parallel,
             std::size_t group, bool cuda = false);
  ~Evaluation();

  std::vector<EvaluateRow> run(const std::vector<EvaluateRun>& runs,
                               const std::vector<std::vector<std::uint32_t>>& windows, std::size_t prompt,
                               const std::function<void(const std::string&)>& progress);

 private:
  struct Setting;
  struct References;
  std::unique_ptr<Setting> prepare(const EvaluateRun& run, std::size_t length);
  References references(const std::vector<std::uint32_t>& window);
  void decode(Setting& setting, const std::vector<std::uint32_t>& window, std::size_t prompt,
              const References& references);
  QuantisedOps& quantised(flexquant::Int4Format format);

  const Weights& weights_;
  const Calibration* calibration_;
  ParallelFor parallel_;
  std::size_t group_;
  bool cuda_;
  std::vector<double> shares_;
  std::unique_ptr<LinearOps> f32_;
  std::unique_ptr<QuantisedOps> group_ops_;
  std::unique_ptr<QuantisedOps> nested_ops_;
};

}  // namespace workload
