// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/measure.h"

#include <algorithm>
#include <numeric>

#include "traces/workload/calibrate/block_ops.h"
#include "traces/workload/flexquant/entropy.h"
#include "traces/workload/host/decoder.h"

namespace workload {
namespace {

using Window = std::vector<std::uint32_t>;

// The INT8 model's logits over one window, [token][vocab].
using Reference = std::vector<float>;

class Pass {
 public:
  Pass(const Weights& weights, QuantisedOps& ops, KvCache& cache, const ParallelFor& parallel)
      : vocab_(weights.shape.vocab), ops_(ops), block_(ops), decoder_(weights, block_, cache, parallel) {}

  // One window at the row's bits; with a reference, the divergence from it is added to the row.
  void run(const Window& window, PrecisionRow& row, const Reference* reference, const LogitsSink& sink) {
    ops_.set_layer_bits(row.bits);
    decoder_.reset();
    decoder_.prefill(window, [&](unsigned t, const float* logits) {
      row.kl.push_back(
          reference == nullptr
              ? 0.0
              : flexquant::kl_divergence(reference->data() + std::size_t{t} * vocab_, logits, vocab_));
      if (t + 1 < window.size()) row.nll -= flexquant::log_probability(logits, vocab_, window[t + 1]);
      if (sink) sink(t, logits);
    });
  }

 private:
  std::size_t vocab_;
  QuantisedOps& ops_;
  BlockOps block_;
  Decoder decoder_;
};

void finish(PrecisionRow& row, const std::vector<Window>& windows) {
  std::size_t predicted = 0;
  for (const Window& window : windows) predicted += window.size() - 1;
  row.nll /= static_cast<double>(predicted);
  row.mean_kl = std::accumulate(row.kl.begin(), row.kl.end(), 0.0) / static_cast<double>(row.kl.size());
}

class Measurement {
 public:
  Measurement(const Weights& weights, QuantisedOps& ops, const std::vector<Window>& windows,
              KvRecorder& recorder, const ParallelFor& parallel,
              const std::function<void(const std::string&)>& progress)
      : layers_(weights.shape.layers),
        vocab_(weights.shape.vocab),
        windows_(windows),
        progress_(progress),
        forget_(recorder.shape(), 0, 0),
        first_(weights, ops, recorder, parallel),
        others_(weights, ops, forget_, parallel),
        shares_(weights_read(weights.shape)) {}

  PrecisionMeasurements run() {
    result_.int8 = row("int8", {});
    for (unsigned l = 0; l < layers_; ++l)
      result_.layers.push_back(row("layer " + std::to_string(l) + " at int4", {l}));
    for (std::size_t w = 0; w < windows_.size(); ++w) {
      result_.switches.window_begin.push_back(result_.int8.kl.size());
      const Reference reference = int8(w, first_, &result_.int8);
      for (PrecisionRow& one : result_.layers) others(w, one, reference);
    }
    finish(result_.int8, windows_);
    for (PrecisionRow& one : result_.layers) finish(one, windows_);
    find_order();
    measure_prefixes();
    fill_switches();
    return std::move(result_);
  }

 private:
  PrecisionRow row(const std::string& name, const std::vector<unsigned>& at_int4) const {
    PrecisionRow one;
    one.name = name;
    one.bits.assign(layers_, 8);
    for (const unsigned layer : at_int4) one.bits[layer] = 4;
    return one;
  }

  Reference int8(std::size_t w, Pass& pass, PrecisionRow* keep) {
    Reference reference;
    reference.reserve(windows_[w].size() * vocab_);
    PrecisionRow again = row("", {});
    pass.run(windows_[w], keep != nullptr ? *keep : again, nullptr, [&](unsigned, const float* logits) {
      reference.insert(reference.end(), logits, logits + vocab_);
      if (keep != nullptr) result_.switches.pple.push_back(flexquant::pple(logits, vocab_));
    });
    return reference;
  }

  void others(std::size_t w, PrecisionRow& one, const Reference& reference) {
    progress_("window " + std::to_string(w + 1) + " of " + std::to_string(windows_.size()) + ": " + one.name);
    others_.run(windows_[w], one, &reference, {});
  }

  void find_order() {
    result_.order.resize(layers_);
    std::iota(result_.order.begin(), result_.order.end(), 0U);
    std::stable_sort(result_.order.begin(), result_.order.end(), [this](unsigned a, unsigned b) {
      return result_.layers[a].mean_kl < result_.layers[b].mean_kl;
    });
  }

  void measure_prefixes() {
    result_.prefixes.push_back(result_.layers[result_.order[0]]);
    for (unsigned k = 2; k <= layers_; ++k)
      result_.prefixes.push_back(row("", {result_.order.begin(), result_.order.begin() + k}));
    for (unsigned k = 1; k <= layers_; ++k)
      result_.prefixes[k - 1].name = "first " + std::to_string(k) + " of the order at int4";
    for (std::size_t w = 0; w < windows_.size() && layers_ > 1; ++w) {
      const Reference reference = int8(w, others_, nullptr);
      for (unsigned k = 2; k <= layers_; ++k) others(w, result_.prefixes[k - 1], reference);
    }
    for (unsigned k = 2; k <= layers_; ++k) finish(result_.prefixes[k - 1], windows_);
  }

  void fill_switches() {
    SwitchMeasurements& m = result_.switches;
    const double all = std::accumulate(shares_.begin(), shares_.end(), 0.0);
    m.prefix_kl.push_back(result_.int8.kl);
    for (const PrecisionRow& one : result_.prefixes) m.prefix_kl.push_back(one.kl);
    for (const unsigned layer : result_.order) {
      m.layer_kl.push_back(result_.layers[layer].kl);
      m.layer_share.push_back(shares_[layer] / all);
    }
  }

  unsigned layers_;
  std::size_t vocab_;
  const std::vector<Window>& windows_;
  const std::function<void(const std::string&)>& progress_;
  KvRecorder forget_;
  Pass first_;
  Pass others_;
  std::vector<double> shares_;
  PrecisionMeasurements result_;
};

}  // namespace

std::vector<double> weights_read(const ModelShape& shape) {
  const double hidden = shape.hidden;
  const double layer = hidden * shape.qkv_rows() + hidden * shape.q_rows() + 3 * hidden * shape.intermediate;
  std::vector<double> read(shape.layers, layer);
  read.push_back(hidden * shape.vocab);
  return read;
}

PrecisionMeasurements measure_precision(const Weights& weights, QuantisedOps& ops,
                                        const std::vector<Window>& windows, KvRecorder& recorder,
                                        const ParallelFor& parallel,
                                        const std::function<void(const std::string&)>& progress) {
  return Measurement(weights, ops, windows, recorder, parallel, progress).run();
}

}  // namespace workload
