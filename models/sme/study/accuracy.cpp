// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/study/accuracy.h"

#include <cmath>
#include <memory>
#include <vector>

#include "models/sme/function/layer.h"
#include "models/sme/function/quantizer.h"
#include "traces/workload/calibrate/kv_recorder.h"
#include "traces/workload/calibrate/options.h"
#include "traces/workload/calibrate/text.h"
#include "traces/workload/flexquant/activation.h"
#include "traces/workload/flexquant/entropy.h"
#include "traces/workload/host/decoder.h"
#include "traces/workload/host/f32_ops.h"
#include "traces/workload/host/quantised_ops.h"
#include "traces/workload/model/load.h"

namespace sme::study {
namespace {

using nlohmann::json;
using Windows = std::vector<std::vector<std::uint32_t>>;

WeightMatrix transposed(const workload::Matrix& matrix, const std::string& name) {
  WeightMatrix w;
  w.name = name;
  w.inputs = static_cast<std::uint32_t>(matrix.cols);
  w.outputs = static_cast<std::uint32_t>(matrix.rows);
  w.values.resize(matrix.values.size());
  for (std::size_t r = 0; r < matrix.rows; ++r)
    for (std::size_t c = 0; c < matrix.cols; ++c) w.values[c * matrix.rows + r] = matrix.row(r)[c];
  return w;
}

// The linear layers on crossbars; the head by `head`.
class CrossbarOps final : public workload::LinearOps {
 public:
  CrossbarOps(const workload::Weights& weights, const Quantizer& quantizer, const LayerSettings& settings,
              workload::LinearOps& head)
      : head_(head) {
    for (std::size_t l = 0; l < weights.layers.size(); ++l) {
      const workload::LayerWeights& w = weights.layers[l];
      for (const workload::Matrix* matrix : {&w.qkv_proj, &w.o_proj, &w.gate_up_proj, &w.down_proj})
        layers_.emplace_back(quantizer.quantize(transposed(*matrix, std::to_string(layers_.size()))),
                             settings);
    }
  }

  workload::GemvReport apply(unsigned layer, workload::MatrixKind matrix, const float* x, float* y) override {
    apply_block(layer, matrix, x, 1, y);
    return {};
  }

  void apply_block(unsigned layer, workload::MatrixKind matrix, const float* x, std::size_t tokens,
                   float* y) override {
    if (matrix == workload::MatrixKind::lm_head) return head_.apply_block(layer, matrix, x, tokens, y);
    const Layer& mapped = layers_[4 * layer + static_cast<unsigned>(matrix) - 1];
    const std::size_t in = mapped.map().inputs, out = mapped.map().outputs;
    codes_.resize(tokens * in);
    std::vector<float> scales(tokens);
    for (std::size_t t = 0; t < tokens; ++t)
      scales[t] = flexquant::quantise_activation(x + t * in, in, codes_.data() + t * in);
    mapped.gemv(codes_.data(), tokens, {}, result_);
    const bool per_output = mapped.scales().size() > 1;
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t r = 0; r < out; ++r)
        y[t * out + r] =
            static_cast<float>(result_.y[t * out + r]) * (mapped.scales()[per_output ? r : 0] * scales[t]);
  }

  const GemvResult& result() const { return result_; }
  std::uint64_t crossbars() const {
    std::uint64_t sum = 0;
    for (const Layer& layer : layers_) sum += layer.map().crossbars;
    return sum;
  }
  double weight_error() const {
    double sum = 0;
    for (const Layer& layer : layers_) sum += layer.quantization_error();
    return sum / static_cast<double>(layers_.size());
  }

 private:
  workload::LinearOps& head_;
  std::vector<Layer> layers_;
  std::vector<std::int8_t> codes_;
  GemvResult result_;
};

// -ln p of every token of the windows but the first of each.
std::vector<double> losses(const workload::Weights& weights, workload::LinearOps& ops,
                           const Windows& windows) {
  std::vector<double> all;
  const std::size_t vocab = weights.shape.vocab;
  for (const auto& window : windows) {
    workload::KvRecorder forget(workload::kv_shape(weights.shape, window.size()), 0, 0);
    workload::Decoder decoder(weights, ops, forget, workload::serial_for);
    decoder.prefill(window, [&](unsigned index, const float* logits) {
      if (index + 1 < window.size())
        all.push_back(-flexquant::log_probability(logits, vocab, window[index + 1]));
    });
  }
  return all;
}

json row(const std::vector<double>& nll, const std::vector<double>& reference) {
  double sum = 0, more = 0, squares = 0;
  for (std::size_t i = 0; i < nll.size(); ++i) {
    sum += nll[i];
    const double difference = nll[i] - reference[i];
    more += difference;
    squares += difference * difference;
  }
  const auto n = static_cast<double>(nll.size());
  return {{"tokens", nll.size()},
          {"nll", sum / n},
          {"perplexity", std::exp(sum / n)},
          {"nll_increase", more / n},
          {"nll_increase_error", std::sqrt(std::max(0.0, squares / n - more / n * more / n) / n)}};
}

json crossbars(const workload::Weights& weights, unsigned s, unsigned degree, unsigned adc, bool per_channel,
               const Windows& windows, const std::vector<double>& reference, workload::LinearOps& head) {
  QuantizerSettings quantizer;
  quantizer.s = s;
  quantizer.per_channel = per_channel;
  LayerSettings layer;
  layer.adc_bits = adc;
  layer.mapping.squeeze_degree = degree;
  CrossbarOps ops(weights, *make_quantizer(quantizer), layer, head);
  json one = row(losses(weights, ops, windows), reference);
  one["s"] = s;
  one["degree"] = degree;
  one["scale"] = per_channel ? "per_channel" : "per_tensor";
  one["clips"] = ops.result().clips;
  one["conversions"] = ops.result().conversions;
  one["crossbars"] = ops.crossbars();
  one["weight_error"] = ops.weight_error();
  return one;
}

}  // namespace

json accuracy(const AccuracySettings& settings, const std::function<void(const std::string&)>& progress) {
  const workload::Weights weights = workload::load_weights(settings.model);
  const workload::Text text = workload::read_text(settings.text, weights.shape.vocab, 0.1);
  const Windows windows =
      workload::windows(text, text.held_out_begin, text.ids.size(), settings.windows, settings.length);
  workload::F32Ops f32(weights, workload::serial_for);
  workload::QuantisedSettings plain;
  plain.int4 = false;
  workload::QuantisedOps int8(weights, plain, workload::serial_for);
  const std::vector<double> reference = losses(weights, f32, windows);
  json out{{"windows", settings.windows}, {"length", settings.length}, {"text_sha256", text.sha256}};
  out["f32"] = row(reference, reference);
  out["int8"] = row(losses(weights, int8, windows), reference);
  for (const bool per_channel : {false, true})
    for (const unsigned s : {2u, 3u, 4u})
      for (unsigned degree = 0; degree <= 3; ++degree)
        for (const unsigned adc : {6u, 0u, 5u, 4u}) {
          if (adc != 0 && adc < 6 && (s != 3 || per_channel)) continue;  // where clipping begins: S = 3 alone
          json one;
          if (adc == 0 && out["sme"].back()["clips"] == 0) {
            one = out["sme"].back();  // what 6 bits never clip, more bits give, too
          } else {
            one = crossbars(weights, s, degree, adc, per_channel, windows, reference, int8);
          }
          one["adc_bits"] = adc == 0 ? json("auto") : json(adc);
          out["sme"].push_back(one);
          progress(one.dump());
        }
  return out;
}

}  // namespace sme::study
