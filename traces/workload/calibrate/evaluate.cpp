// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/evaluate.h"

#include <cmath>
#include <numeric>
#include <sstream>

#include "sim/core/error.h"
#include "traces/workload/calibrate/kv_recorder.h"
#include "traces/workload/calibrate/measure.h"
#include "traces/workload/calibrate/options.h"
#include "traces/workload/cuda/backend.h"
#include "traces/workload/flexquant/entropy.h"
#include "traces/workload/host/decoder.h"
#include "traces/workload/host/f32_ops.h"

namespace workload {

using flexquant::Int4Format;

double EvaluateRow::perplexity() const { return std::exp(nll); }

std::vector<EvaluateRun> parse_runs(const std::string& text, unsigned head_dim) {
  std::vector<EvaluateRun> runs;
  std::istringstream list(text);
  for (std::string one; std::getline(list, one, ',');) {
    EvaluateRun run;
    run.name = one;
    const std::size_t slash = one.find('/');
    run.precision = one.substr(0, slash);
    const std::string kv = slash == std::string::npos ? "" : one.substr(slash + 1);
    const bool known = run.precision == "f32" || run.precision == "int8" || run.precision == "int4-group" ||
                       run.precision == "int4-nested" || run.precision == "flexquant";
    if (!known || kv.empty())
      throw sim::Error(sim::Exit::usage,
                       "'" + one +
                           "' is no run; write PRECISION/KV with f32, int8, int4-group, int4-nested or "
                           "flexquant, and f32, fp16, pq64x8, int4, int3, int4-token or int3-token");
    if (kv.rfind("pq", 0) == 0) {
      run.kv = KvFormat::pq;
      const auto shapes = parse_pq_shapes(kv.substr(2), head_dim);
      if (shapes.size() != 1)
        throw sim::Error(sim::Exit::usage, "'" + one + "': write pq64x8 for 64 sub-vectors of 8 bits");
      run.pq = shapes[0];
    } else {
      run.kv = parse_kv_format(kv);
    }
    runs.push_back(run);
  }
  return runs;
}

struct Evaluation::Setting {
  EvaluateRun run;
  EvaluateRow row;
  QuantisedOps* quantised = nullptr;  // null for f32
  std::unique_ptr<KvCache> cache;     // the host's
  std::unique_ptr<ForwardPass> decoder;
  double squares = 0;  // of the increase of the negative log-likelihood
};

// Logits of both references over one window, [token][vocab].
struct Evaluation::References {
  std::vector<float> f32;
  std::vector<float> int8;
};

Evaluation::Evaluation(const Weights& weights, const Calibration* calibration, const ParallelFor& parallel,
                       std::size_t group, bool cuda)
    : weights_(weights),
      calibration_(calibration),
      parallel_(parallel),
      group_(group),
      cuda_(cuda),
      shares_(weights_read(weights.shape)),
      f32_(std::make_unique<F32Ops>(weights, parallel)) {
  const double all = std::accumulate(shares_.begin(), shares_.end(), 0.0);
  for (double& share : shares_) share /= all;
}

Evaluation::~Evaluation() = default;

QuantisedOps& Evaluation::quantised(Int4Format format) {
  std::unique_ptr<QuantisedOps>& ops = format == Int4Format::nested ? nested_ops_ : group_ops_;
  if (!ops) {
    QuantisedSettings settings;
    settings.format = format;
    settings.group = calibration_ != nullptr ? calibration_->group : group_;
    ops = std::make_unique<QuantisedOps>(weights_, settings, parallel_);
  }
  return *ops;
}

std::unique_ptr<Evaluation::Setting> Evaluation::prepare(const EvaluateRun& run, std::size_t length) {
  auto setting = std::make_unique<Setting>();
  setting->run = run;
  setting->row.name = run.name;
  if ((run.precision == "flexquant" || run.kv == KvFormat::pq) && calibration_ == nullptr)
    throw sim::Error(sim::Exit::usage, run.name + " needs --calibration FILE");
  if (run.precision != "f32") {
    const bool nested = run.precision == "int4-nested" ||
                        (run.precision == "flexquant" && calibration_->int4 == Int4Format::nested);
    setting->quantised = &quantised(nested ? Int4Format::nested : Int4Format::group);
  }
  const million::Codebooks* books =
      run.kv == KvFormat::pq ? &calibration_->books(run.pq.sub_vectors, run.pq.code_bits) : nullptr;
  if (cuda_) {
    const cuda::DecoderSettings gpu{run.kv, books, static_cast<unsigned>(length)};
    setting->decoder = cuda::make_decoder(weights_, setting->quantised, gpu);
    setting->row.kv_bytes = cuda::kv_bytes_per_token(weights_.shape, gpu);
    return setting;
  }
  setting->cache = make_kv_cache(run.kv, kv_shape(weights_.shape, length), books, parallel_);
  setting->row.kv_bytes = setting->cache->bytes_per_token();
  LinearOps& ops = setting->quantised != nullptr ? static_cast<LinearOps&>(*setting->quantised) : *f32_;
  setting->decoder = std::make_unique<Decoder>(weights_, ops, *setting->cache, parallel_);
  return setting;
}

Evaluation::References Evaluation::references(const std::vector<std::uint32_t>& window) {
  const std::size_t vocab = weights_.shape.vocab;
  const auto logits = [&](QuantisedOps* quantised) {
    std::vector<float> all;
    all.reserve(window.size() * vocab);
    const auto sink = [&](unsigned, const float* x) { all.insert(all.end(), x, x + vocab); };
    if (cuda_) {
      const auto length = static_cast<unsigned>(window.size());
      cuda::make_decoder(weights_, quantised, {KvFormat::fp16, nullptr, length})->prefill(window, sink);
      return all;
    }
    KvRecorder forget(kv_shape(weights_.shape, window.size()), 0, 0);
    LinearOps& ops = quantised != nullptr ? static_cast<LinearOps&>(*quantised) : *f32_;
    Decoder(weights_, ops, forget, parallel_).prefill(window, sink);
    return all;
  };
  return {logits(nullptr), logits(&quantised(Int4Format::group))};  // a prefill is INT8 in either format
}

void Evaluation::decode(Setting& setting, const std::vector<std::uint32_t>& window, std::size_t prompt,
                        const References& references) {
  const unsigned layers = weights_.shape.layers;
  const std::size_t vocab = weights_.shape.vocab;
  std::vector<std::uint8_t> bits(layers, setting.run.precision.rfind("int4", 0) == 0 ? 4 : 8);
  std::unique_ptr<flexquant::PrecisionPolicy> policy;
  if (setting.run.precision == "flexquant")
    policy = std::make_unique<flexquant::PrecisionPolicy>(layers, calibration_->policy);
  setting.decoder->reset();
  const std::vector<float>* logits =
      &setting.decoder->prefill({window.begin(), window.begin() + static_cast<std::ptrdiff_t>(prompt)}, {});
  for (std::size_t t = prompt; t + 1 < window.size(); ++t) {
    if (policy) {
      policy->observe(setting.decoder->pple());
      for (unsigned l = 0; l < layers; ++l)
        setting.row.switches += t > prompt && policy->bits(l) != bits[l] ? 1 : 0;
      bits = policy->layer_bits();
    }
    if (setting.quantised != nullptr) {
      setting.quantised->set_layer_bits(bits);
      for (unsigned l = 0; l < layers; ++l) setting.row.share_int4 += bits[l] == 4 ? shares_[l] : 0;
    }
    logits = &setting.decoder->step(window[t]);
    const float* f32 = references.f32.data() + t * vocab;
    const double nll = -flexquant::log_probability(logits->data(), vocab, window[t + 1]);
    const double increase = nll + flexquant::log_probability(f32, vocab, window[t + 1]);
    ++setting.row.tokens;
    setting.row.nll += nll;
    setting.row.nll_increase += increase;
    setting.squares += increase * increase;
    setting.row.kl_f32 += setting.decoder->kl_from(f32);
    setting.row.kl_int8 += setting.decoder->kl_from(references.int8.data() + t * vocab);
  }
}

std::vector<EvaluateRow> Evaluation::run(const std::vector<EvaluateRun>& runs,
                                         const std::vector<std::vector<std::uint32_t>>& windows,
                                         std::size_t prompt,
                                         const std::function<void(const std::string&)>& progress) {
  std::vector<std::unique_ptr<Setting>> settings;
  for (const EvaluateRun& one : runs) settings.push_back(prepare(one, windows.at(0).size()));
  if (prompt == 0 || prompt + 2 > windows[0].size())
    throw sim::Error(sim::Exit::usage, "the prompt leaves no token of a window to decode, or is empty");
  for (std::size_t w = 0; w < windows.size(); ++w) {
    const References both = references(windows[w]);
    for (const auto& setting : settings) {
      progress("window " + std::to_string(w + 1) + " of " + std::to_string(windows.size()) + ": " +
               setting->run.name);
      decode(*setting, windows[w], prompt, both);
    }
  }
  std::vector<EvaluateRow> rows;
  for (const auto& setting : settings) {
    EvaluateRow row = setting->row;
    const double count = static_cast<double>(row.tokens);
    for (double* sum : {&row.nll, &row.nll_increase, &row.kl_f32, &row.kl_int8, &row.share_int4})
      *sum /= count;
    const double variance = setting->squares / count - row.nll_increase * row.nll_increase;
    row.nll_increase_error = std::sqrt(std::max(variance, 0.0) / count);
    rows.push_back(row);
  }
  return rows;
}

}  // namespace workload
