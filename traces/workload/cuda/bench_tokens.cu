// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <ostream>

#include "sim/core/error.h"
#include "traces/workload/cuda/bench.h"
#include "traces/workload/cuda/fast_kernels.h"
#include "traces/workload/cuda/kernels.h"
#include "traces/workload/model/shape.h"

// Time per output token of whole decode steps over seeded random weights and caches.
namespace workload::cuda {
namespace {

constexpr unsigned kResidual = 128;
constexpr unsigned kGroup = 128;
constexpr unsigned kApart = 4;  // numbers that are fetched 16 bytes at a time

enum Which : unsigned { kQkv, kO, kGateUp, kDown };  // of a layer's matrices

enum class Cache { fp16_copied, fp16, pq_sync, pq_async };

struct Setup {
  std::string name;
  bool fp16_weights = false;
  unsigned int4_layers = 0;
  Cache cache = Cache::fp16;
  bool pq() const { return cache == Cache::pq_sync || cache == Cache::pq_async; }
};

struct BenchMatrix {
  unsigned rows = 0, cols = 0;
  DeviceArray<__half> fp16;
  DeviceArray<std::int8_t> int8;
  DeviceArray<std::uint8_t> int4;
  DeviceArray<float> int8_scales, int4_scales;

  BenchMatrix(unsigned r, unsigned c, std::uint64_t seed, const Stream& stream) : rows(r), cols(c) {
    const std::size_t count = std::size_t{r} * c;
    const float unit = 1 / std::sqrt(static_cast<float>(c));
    fp16 = DeviceArray<__half>(count);
    int8 = DeviceArray<std::int8_t>(count);
    int4 = DeviceArray<std::uint8_t>(count / 2);
    int8_scales = DeviceArray<float>(std::vector<float>(r, unit / 73));
    int4_scales = DeviceArray<float>(std::vector<float>(count / kGroup, unit / 4.6F));
    fill_normal(fp16.data(), count, unit, seed, stream);
    fill_random(int8.data(), count, seed + 1, stream);
    fill_random(int4.data(), count / 2, seed + 2, stream);
  }
  FastWeights weights(unsigned bits, bool pairs = false) const {
    if (bits == 16) return {FastFormat::fp16, fp16.data(), nullptr, rows, cols, 2 * cols, pairs};
    if (bits == 8) return {FastFormat::int8, int8.data(), int8_scales.data(), rows, cols, cols, pairs};
    return {FastFormat::int4_group, int4.data(), int4_scales.data(), rows, cols, cols / 2, pairs};
  }
  double bytes(unsigned bits) const {
    const double count = static_cast<double>(rows) * cols;
    return bits == 16 ? 2 * count : bits == 8 ? count + 4.0 * rows : count / 2 + 4 * count / kGroup;
  }
};

class TokenBench {
 public:
  TokenBench(const Stream& stream, const ModelShape& shape, unsigned most_tokens)
      : stream_(stream), s_(shape), most_(most_tokens) {
    for (unsigned l = 0; l < s_.layers; ++l) {
      const unsigned sizes[][2] = {{s_.qkv_rows(), s_.hidden},
                                   {s_.hidden, s_.q_rows()},
                                   {2 * s_.intermediate, s_.hidden},
                                   {s_.hidden, s_.intermediate}};
      for (const auto& size : sizes)
        matrices_.emplace_back(size[0], size[1], 10 * matrices_.size() + 1, stream);
    }
    head_ = std::make_unique<BenchMatrix>(s_.vocab, s_.hidden, 7, stream);
    weight_ = DeviceArray<float>(std::vector<float>(s_.hidden, 1.0F));
    x_ = DeviceArray<float>(s_.hidden);
    qkv_ = DeviceArray<float>(s_.qkv_rows());
    inner_ = DeviceArray<float>(s_.intermediate);
    logits_ = DeviceArray<float>(s_.vocab);
    largest_ = DeviceArray<unsigned>(kApart * std::size_t{s_.layers});
    entropy_ = DeviceArray<float>(2);
    partials_ = DeviceArray<float2>(std::size_t{s_.heads} * kFastSplits);
    accs_ = DeviceArray<float>(std::size_t{s_.heads} * kFastSplits * kFastDim);
    sin_cos_ = DeviceArray<float2>(
        std::vector<float2>((std::size_t{most_} + 256) * kFastDim / 2, make_float2(0.6F, 0.8F)));
    embedding_ = DeviceArray<float>(std::size_t{4} * s_.hidden);
    ids_ = DeviceArray<std::uint32_t>(std::vector<std::uint32_t>{2});
    key_book_ = DeviceArray<__half>(std::size_t{kFastCentroids} * kFastDim);
    key_book_f32_ = DeviceArray<float>(std::size_t{kFastCentroids} * kFastDim);
    value_book_ = DeviceArray<__half>(std::size_t{kFastCentroids} * kFastDim);
    value_book_f32_ = DeviceArray<float>(std::size_t{kFastCentroids} * kFastDim);
    fill_normal(embedding_.data(), embedding_.size(), 1, 3, stream);
    fill_normal(key_book_.data(), key_book_.size(), 1, 4, stream);
    fill_normal(key_book_f32_.data(), key_book_f32_.size(), 1, 4, stream);
    fill_normal(value_book_.data(), value_book_.size(), 1, 5, stream);
    fill_normal(value_book_f32_.data(), value_book_f32_.size(), 1, 5, stream);
    const std::size_t residual = std::size_t{s_.layers} * s_.kv_heads * kResidual * kFastDim;
    residual_keys_ = DeviceArray<__half>(residual);
    residual_values_ = DeviceArray<__half>(residual);
    fill_normal(residual_keys_.data(), residual, 1, 6, stream);
    fill_normal(residual_values_.data(), residual, 1, 8, stream);
    fresh_ =
        DeviceArray<std::uint16_t>(std::size_t{2} * s_.layers * s_.kv_heads * kResidual * kFastSubVectors);
    stream.wait();
  }

  // Seconds a token, over 128 tokens: one whole turn of the residual. Encoding, once a turn, is part of it.
  Seconds run(const Setup& setup, unsigned context) {
    allocate_cache(setup, context);
    const auto record = [&] { step(setup, context); };
    record();
    stream_.wait();
    const Graph graph(stream_, record);
    std::unique_ptr<Graph> encoding;
    if (setup.pq()) {
      const Stream& stream = setup.cache == Cache::pq_async ? low_ : stream_;
      encode_all(stream);
      stream.wait();
      encoding = std::make_unique<Graph>(stream, [&] { encode_all(stream); });
    }
    std::vector<double> times;
    for (unsigned turn = 0; turn < 4; ++turn) {  // the first warms up
      if (turn == 1) begin_s_ = unix_seconds();
      Event begin;
      Event end;
      Event full(false);
      Event encoded(false);
      begin.record(stream_);
      for (unsigned t = 0; t < kResidual; ++t) {
        if (t == 64 && encoding) {
          if (setup.cache == Cache::pq_async) {
            full.record(stream_);
            check(cudaStreamWaitEvent(low_, full, 0), "waiting");
            encoding->launch(low_);
            encoded.record(low_);
          } else {
            encoding->launch(stream_);
          }
        }
        graph.launch(stream_);
        // The next token takes the codes over.
        if (t == 64 && setup.cache == Cache::pq_async)
          check(cudaStreamWaitEvent(stream_, encoded, 0), "waiting");
      }
      end.record(stream_);
      stream_.wait();
      if (turn > 0) times.push_back(static_cast<double>(ns_between(begin, end)) * 1e-9 / kResidual);
    }
    end_s_ = unix_seconds();
    std::sort(times.begin(), times.end());
    return {times[1], times.front(), times.back()};
  }

  // A token's logits from a graph of kernels that begin early, against one kernel after the other.
  void check_order(const Setup& setup, unsigned context, std::ostream& out) {
    allocate_cache(setup, context);
    const auto logits = [&] {
      std::vector<float> host(s_.vocab);
      stream_.wait();
      check(cudaMemcpy(host.data(), logits_.data(), host.size() * sizeof(float), cudaMemcpyDeviceToHost),
            "copy from the GPU");
      return host;
    };
    step(setup, context, false);
    const std::vector<float> want = logits();
    const Graph graph(stream_, [&] { step(setup, context); });
    double sum = 0;
    bool equal = true;
    for (unsigned i = 0; i < 4; ++i) {
      check(cudaMemsetAsync(logits_.data(), 0xff, want.size() * sizeof(float), stream_), "poisoning");
      graph.launch(stream_);
      equal = equal && logits() == want;
    }
    for (const float x : want) sum += std::fabs(x);
    out << "{\"what\":\"check: a token's kernels one by one, " << setup.name
        << "\",\"equal\":" << (equal ? "true" : "false") << ",\"mean_magnitude\":" << sum / s_.vocab << "}"
        << std::endl;
    if (!equal || !std::isfinite(sum) || !(sum > 0))
      throw sim::Error(sim::Exit::internal, "a token's kernels in a graph give other logits than one by one");
  }

  // When the last run() began and ended, Unix time: to be set beside a log of the power.
  double begin_s() const { return begin_s_; }
  double end_s() const { return end_s_; }

  double weight_bytes(const Setup& setup) const {
    double bytes = head_->bytes(setup.fp16_weights ? 16 : 8);
    for (std::size_t i = 0; i < matrices_.size(); ++i)
      bytes += matrices_[i].bytes(bits(setup, static_cast<unsigned>(i / 4)));
    return bytes;
  }
  // Of the weights read, counted in elements, those at INT4.
  double share(const Setup& setup) const {
    double all = static_cast<double>(head_->rows) * head_->cols;
    double four = 0;
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
      const double count = static_cast<double>(matrices_[i].rows) * matrices_[i].cols;
      all += count;
      if (bits(setup, static_cast<unsigned>(i / 4)) == 4) four += count;
    }
    return four / all;
  }
  double cache_bytes(const Setup& setup, unsigned context) const {
    const double vectors = 2.0 * s_.layers * s_.kv_heads;
    if (!setup.pq()) return vectors * context * kFastDim * 2;
    return vectors * (coded(context) * kFastSubVectors + (context - coded(context)) * kFastDim * 2.0);
  }

 private:
  static unsigned coded(unsigned context) { return (context - kResidual / 2) / kResidual * kResidual; }
  unsigned bits(const Setup& setup, unsigned layer) const {
    return setup.fp16_weights ? 16 : layer < setup.int4_layers ? 4 : 8;
  }

  void allocate_cache(const Setup& setup, unsigned context) {
    const std::size_t vectors = std::size_t{s_.layers} * s_.kv_heads * context;
    if (setup.pq()) {
      rows_cache_ = {};
      copy_ = {};
      if (codes_cache_.size() != 2 * vectors * kFastSubVectors) {
        codes_cache_ = {};
        codes_cache_ = DeviceArray<std::uint8_t>(2 * vectors * kFastSubVectors);
        fill_random(codes_cache_.data(), codes_cache_.size(), 12, stream_);
      }
      return;
    }
    codes_cache_ = {};
    if (rows_cache_.size() != 2 * vectors * kFastDim) {
      rows_cache_ = {};
      rows_cache_ = DeviceArray<__half>(2 * vectors * kFastDim);
      fill_normal(rows_cache_.data(), rows_cache_.size(), 1, 13, stream_);
    }
    if (setup.cache == Cache::fp16_copied) copy_ = DeviceArray<__half>(2 * vectors * kFastDim / s_.layers);
  }

  FastWeights weights(const Setup& setup, unsigned layer, unsigned which) const {
    if (layer == s_.layers) return head_->weights(setup.fp16_weights ? 16 : 8);
    return matrices_[4 * std::size_t{layer} + which].weights(bits(setup, layer), which == kGateUp);
  }

  // The attention of a layer into its splits.
  void attention(const Setup& setup, unsigned context, unsigned layer, FastLaunch how) {
    const FastQuery query{qkv_.data(), sin_cos_.at(std::size_t{context - 1} * kFastDim / 2), s_.heads,
                          s_.kv_heads};
    const std::size_t per_layer = std::size_t{s_.kv_heads} * context;
    if (setup.pq()) {
      const std::size_t residual = std::size_t{layer} * s_.kv_heads * kResidual * kFastDim;
      FastPq a;
      a.query = query;
      a.key_centroids = reinterpret_cast<const __half2*>(key_book_.data());
      a.value_centroids = reinterpret_cast<const __half2*>(value_book_.data());
      a.keys = codes_cache_.at(2 * layer * per_layer * kFastSubVectors);
      a.values = codes_cache_.at((2 * layer + 1) * per_layer * kFastSubVectors);
      a.row_keys = residual_keys_.at(residual);
      a.row_values = residual_values_.at(residual);
      a.tokens = coded(context);
      a.token_capacity = context;
      a.rows = std::min(context - coded(context), kResidual);
      a.row_capacity = kResidual;
      a.partials = partials_.data();
      a.accs = accs_.data();
      fast_pq_attend(a, how);
      return;
    }
    FastRows r;
    r.query = query;
    r.keys = rows_cache_.at(2 * layer * per_layer * kFastDim);
    r.values = rows_cache_.at((2 * layer + 1) * per_layer * kFastDim);
    if (setup.cache == Cache::fp16_copied) {  // as torch.cat does it for every token
      check(cudaMemcpyAsync(copy_.data(), r.keys, per_layer * kFastDim * sizeof(__half),
                            cudaMemcpyDeviceToDevice, stream_),
            "copying a cache");
      check(cudaMemcpyAsync(copy_.at(per_layer * kFastDim), r.values, per_layer * kFastDim * sizeof(__half),
                            cudaMemcpyDeviceToDevice, stream_),
            "copying a cache");
      r.keys = copy_.data();
      r.values = copy_.at(per_layer * kFastDim);
      how.early = false;
    }
    r.tokens = r.capacity = context;
    r.partials = partials_.data();
    r.accs = accs_.data();
    fast_rows_attend(r, how);
  }

  // `early` false: one kernel after the other, as a check.
  void step(const Setup& setup, unsigned context, bool early = true) {
    fast_begin(embedding_.data(), ids_.data(), s_.hidden, x_.data(), largest_.data(), kApart * s_.layers,
               stream_);
    const FastLaunch how{stream_, early};
    FastInput normed;
    normed.kind = FastInputKind::normed;
    normed.x = x_.data();
    normed.norm = weight_.data();
    FastInput merged;
    merged.kind = FastInputKind::merged;
    merged.partials = partials_.data();
    merged.accs = accs_.data();
    FastInput inner;
    inner.kind = FastInputKind::rows;
    inner.x = inner_.data();
    for (unsigned l = 0; l < s_.layers; ++l) {
      const FastWeights o = weights(setup, l, kO);
      const FastWeights gate_up = weights(setup, l, kGateUp);
      const FastWeights down = weights(setup, l, kDown);
      unsigned* const largest = setup.fp16_weights ? nullptr : largest_.at(kApart * std::size_t{l});
      inner.largest = largest;
      fast_gemv(weights(setup, l, kQkv), normed, {qkv_.data()}, how);
      attention(setup, context, l, how);
      fast_gemv(o, merged, {x_.data(), true}, how);
      fast_gemv(gate_up, normed, {inner_.data(), false, largest}, how);
      fast_gemv(down, inner, {x_.data(), true}, how);
    }
    fast_gemv(weights(setup, s_.layers, 0), normed, {logits_.data()}, how);
    if (setup.int4_layers > 0) entropy(logits_.data(), s_.vocab, entropy_.data(), how);
  }

  // A full residual of every layer: 128 tokens into codes, set out for the attention.
  void encode_all(const Stream& stream) {
    const std::size_t vectors = std::size_t{s_.kv_heads} * kResidual;
    for (unsigned l = 0; l < s_.layers; ++l) {
      const std::size_t at = l * vectors * kFastDim;
      std::uint16_t* const codes = fresh_.at(2 * l * vectors * kFastSubVectors);
      std::uint16_t* const value_codes = codes + vectors * kFastSubVectors;
      const std::size_t capacity =
          codes_cache_.size() / (std::size_t{2} * s_.layers * s_.kv_heads * kFastSubVectors);
      std::uint8_t* const keys =
          codes_cache_.at(std::size_t{2} * l * s_.kv_heads * capacity * kFastSubVectors);
      std::uint8_t* const values =
          codes_cache_.at((std::size_t{2} * l + 1) * s_.kv_heads * capacity * kFastSubVectors);
      const auto tokens = static_cast<unsigned>(capacity);
      encode({key_book_f32_.data(), kFastSubVectors, kFastCentroids, 2},
             {residual_keys_.at(at), kResidual, kResidual, s_.kv_heads}, codes, kResidual, 0, stream);
      encode({value_book_f32_.data(), kFastSubVectors, kFastCentroids, 2},
             {residual_values_.at(at), kResidual, kResidual, s_.kv_heads}, value_codes, kResidual, 0, stream);
      fast_pack(codes, kResidual, true, s_.kv_heads, 0, kResidual, tokens - kResidual, tokens, keys, stream);
      fast_pack(value_codes, kResidual, false, s_.kv_heads, 0, kResidual, tokens - kResidual, tokens, values,
                stream);
    }
  }

  static double unix_seconds() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }

  // Bytes of a warp that are fetched ahead: of o by QKV and by the attention, of gate and up by the attention
  // and by o, of down, of the next QKV.
  double begin_s_ = 0, end_s_ = 0;
  const Stream& stream_;
  Stream low_{true};
  ModelShape s_;
  unsigned most_;
  std::vector<BenchMatrix> matrices_;
  std::unique_ptr<BenchMatrix> head_;
  DeviceArray<float> weight_, x_, qkv_, inner_, logits_, entropy_, accs_, embedding_, key_book_f32_,
      value_book_f32_;
  DeviceArray<float2> partials_, sin_cos_;
  DeviceArray<unsigned> largest_;  // magnitude of inner activations, of every layer
  DeviceArray<std::uint32_t> ids_;
  DeviceArray<__half> key_book_, value_book_, residual_keys_, residual_values_, rows_cache_, copy_;
  DeviceArray<std::uint16_t> fresh_;
  DeviceArray<std::uint8_t> codes_cache_;
};

std::vector<Setup> setups(const BenchOptions& options, unsigned layers) {
  std::vector<Setup> all = {{"fp16, fp16 cache copied", true, 0, Cache::fp16_copied},
                            {"fp16, fp16 cache", true, 0, Cache::fp16},
                            {"INT8, fp16 cache", false, 0, Cache::fp16},
                            {"fp16, PQ synchronous", true, 0, Cache::pq_sync},
                            {"fp16, PQ asynchronous", true, 0, Cache::pq_async},
                            {"INT8, PQ asynchronous", false, 0, Cache::pq_async}};
  for (const double share : options.shares) {
    const auto four = static_cast<unsigned>(share * layers + 0.5);
    if (four > 0)
      all.push_back({"INT8/INT4, PQ asynchronous", false, std::min(four, layers), Cache::pq_async});
  }
  return all;
}

}  // namespace

void check_tokens(const Stream& stream, std::ostream& out) {
  for (const char* name : {"llama2-7b", "llama3.1-8b"}) {
    ModelShape shape = synthetic_shape(name);
    shape.layers = 2;
    shape.vocab = 4096;
    constexpr unsigned kContext = 1024;
    TokenBench bench(stream, shape, kContext);
    for (const Setup& setup :
         {Setup{"fp16, fp16 cache copied", true, 0, Cache::fp16_copied},
          Setup{"fp16, fp16 cache", true, 0, Cache::fp16}, Setup{"INT8, PQ", false, 0, Cache::pq_sync},
          Setup{"INT8/INT4, PQ", false, 1, Cache::pq_sync}})
      bench.check_order(setup, kContext, out);
  }
}

void bench_tokens(const Stream& stream, const BenchOptions& options, const std::string& name,
                  double bandwidth, std::ostream& out) {
  const ModelShape shape = synthetic_shape(name);
  TokenBench bench(stream, shape, *std::max_element(options.contexts.begin(), options.contexts.end()));
  for (const unsigned context : options.contexts) {
    for (const Setup& setup : setups(options, shape.layers)) {
      const Seconds s = bench.run(setup, context);
      const double bytes = bench.weight_bytes(setup) + bench.cache_bytes(setup, context);
      out << "{\"what\":\"token\",\"shape\":\"" << name << "\",\"context\":" << context << ",\"setup\":\""
          << setup.name << "\",\"int4_layers\":" << setup.int4_layers
          << ",\"int4_share\":" << bench.share(setup) << ",\"ms\":" << s.median * 1e3
          << ",\"least_ms\":" << s.least * 1e3 << ",\"most_ms\":" << s.most * 1e3 << ",\"bytes\":" << bytes
          << ",\"bytes_per_s\":" << bytes / s.median
          << ",\"of_read_bandwidth\":" << bytes / s.median / bandwidth << ",\"begin_s\":" << std::fixed
          << bench.begin_s() << ",\"end_s\":" << bench.end_s() << std::defaultfloat << "}" << std::endl;
    }
  }
}

}  // namespace workload::cuda
