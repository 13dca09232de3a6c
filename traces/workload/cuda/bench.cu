// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>
#include <ostream>

#include "sim/core/error.h"
#include "traces/workload/cuda/bench.h"
#include "traces/workload/cuda/fast_kernels.h"
#include "traces/workload/cuda/kernels.h"

namespace workload::cuda {

Seconds time_graph(const Stream& stream, unsigned count, unsigned repeats,
                   const std::function<void()>& record) {
  record();  // loads the kernels
  stream.wait();
  const Graph graph(stream, record);
  graph.launch(stream);
  graph.launch(stream);
  std::vector<double> times;
  Event begin;
  Event end;
  for (unsigned i = 0; i < repeats; ++i) {
    begin.record(stream);
    graph.launch(stream);
    end.record(stream);
    stream.wait();
    times.push_back(static_cast<double>(ns_between(begin, end)) * 1e-9 / count);
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front(), times.back()};
}

double read_bandwidth(const Stream& stream) {
  constexpr std::size_t kBytes = std::size_t{8} << 30;
  const DeviceArray<std::uint8_t> data(kBytes);
  const DeviceArray<int> sink(1);
  fill_random(data.data(), kBytes, 1, stream);
  return static_cast<double>(kBytes) /
         time_graph(stream, 1, 21, [&] { read_all(data.data(), kBytes, sink.data(), stream); }).median;
}

namespace {

// Sets of data that a measurement goes round, so that no set is still in the cache when its turn comes again.
unsigned sets_for(std::size_t bytes) {
  return static_cast<unsigned>(std::max<std::size_t>(2, (std::size_t{1} << 30) / bytes + 1));
}

struct Line {
  explicit Line(std::ostream& out, const std::string& what) : out_(out) {
    out_ << "{\"what\":\"" << what << "\"";
  }
  ~Line() { out_ << "}" << std::endl; }
  Line& add(const char* key, double value) {
    out_ << ",\"" << key << "\":" << value;
    return *this;
  }
  std::ostream& out_;
};

void report(std::ostream& out, const std::string& what, const Seconds& s, double bytes, double bandwidth) {
  Line(out, what)
      .add("us", s.median * 1e6)
      .add("least_us", s.least * 1e6)
      .add("most_us", s.most * 1e6)
      .add("bytes", bytes)
      .add("bytes_per_s", bytes / s.median)
      .add("of_read_bandwidth", bytes / s.median / bandwidth);
}

void bench_gemv(const Stream& stream, double bandwidth, const std::string& name, unsigned rows, unsigned cols,
                std::ostream& out) {
  const std::size_t bytes8 = std::size_t{rows} * cols;
  const unsigned sets = sets_for(bytes8 / 2);
  const DeviceArray<std::int8_t> weights(bytes8 * sets);
  const DeviceArray<float> scales(bytes8 / 128 * sets);
  const DeviceArray<std::int8_t> codes(cols);
  const DeviceArray<float> scale(std::vector<float>{0.01F});
  const DeviceArray<float> y(rows);
  fill_random(weights.data(), bytes8 * sets, 3, stream);
  fill_random(codes.data(), cols, 4, stream);
  fill_normal(scales.data(), scales.size(), 0.01F, 5, stream);
  const Codes a{codes.data(), scale.data(), cols};
  const auto time = [&](unsigned bits, unsigned group) {
    return time_graph(stream, sets, 15, [&] {
      for (unsigned i = 0; i < sets; ++i) {
        WeightCodes w;
        w.rows = rows;
        w.cols = cols;
        w.group = group;
        w.int8 = weights.at(bytes8 * i);
        w.int8_stride = cols;
        w.int8_scales = scales.at(bytes8 / 128 * i);
        w.int4 = reinterpret_cast<const std::uint8_t*>(weights.at(bytes8 / 2 * i));
        w.int4_stride = cols / 2;
        w.int4_scales = w.int8_scales;
        (bits == 8 ? gemv_int8 : gemv_int4)(w, a, {y.data(), nullptr, false}, stream);
      }
    });
  };
  // Bytes of codes alone: scales come on top (INT4 by group: a sixteenth of the codes).
  report(out, "gemv_int8 " + name, time(8, 0), static_cast<double>(bytes8), bandwidth);
  report(out, "gemv_int4 group 128 " + name, time(4, 128), static_cast<double>(bytes8) / 2, bandwidth);
  report(out, "gemv_int4 nested " + name, time(4, 0), static_cast<double>(bytes8) / 2, bandwidth);
  const Seconds half = time_graph(stream, sets / 2, 15, [&] {
    for (unsigned i = 0; i < sets / 2; ++i)
      gemv_fp16(reinterpret_cast<const __half*>(weights.at(bytes8 * 2 * i)), rows, cols, scales.data(),
                y.data(), false, stream);
  });
  report(out, "gemv_fp16 " + name, half, 2.0 * static_cast<double>(bytes8), bandwidth);
}

void bench_attention(const Stream& stream, double bandwidth, unsigned tokens, std::ostream& out) {
  constexpr unsigned kHeads = 32;
  const std::size_t code_bytes = std::size_t{kHeads} * tokens * kFastSubVectors;
  const unsigned sets = sets_for(2 * code_bytes);
  const DeviceArray<std::uint8_t> codes(2 * code_bytes * sets);
  const DeviceArray<float> q(kHeads * kFastDim);
  const DeviceArray<float> key_book(kFastCentroids * kFastDim);
  const DeviceArray<__half> value_book(kFastCentroids * kFastDim);
  const DeviceArray<__half> residual(2 * kHeads * 128 * kFastDim);
  constexpr unsigned kMostSplits = 64;
  const DeviceArray<float2> partials(kHeads * (kMostSplits + 1));
  const DeviceArray<float> accs(kHeads * (kMostSplits + 1) * kFastDim);
  const DeviceArray<float> result(kHeads * kFastDim);
  fill_random(codes.data(), codes.size(), 7, stream);
  fill_normal(q.data(), q.size(), 1, 8, stream);
  fill_normal(key_book.data(), key_book.size(), 1, 9, stream);
  fill_normal(value_book.data(), value_book.size(), 1, 10, stream);
  fill_normal(residual.data(), residual.size(), 1, 11, stream);
  const std::string at = " 32 heads, " + std::to_string(tokens) + " tokens";
  for (const unsigned splits : {3U, 4U, 8U}) {
    FastPq a;
    a.q = q.data();
    a.key_centroids = key_book.data();
    a.value_centroids = reinterpret_cast<const __half2*>(value_book.data());
    a.row_keys = residual.data();
    a.row_values = residual.at(kHeads * 128 * kFastDim);
    a.heads = a.kv_heads = kHeads;
    a.tokens = a.token_capacity = tokens;
    a.rows = 64;
    a.row_capacity = 128;
    a.splits = splits;
    a.partials = partials.data();
    a.accs = accs.data();
    const Seconds s = time_graph(stream, sets, 15, [&] {
      for (unsigned i = 0; i < sets; ++i) {
        a.keys = codes.at(2 * code_bytes * i);
        a.values = codes.at(2 * code_bytes * i + code_bytes);
        fast_pq_attend(a, result.data(), stream);
      }
    });
    report(out, "pq attention" + at + ", 64 in the residual, " + std::to_string(splits) + " splits", s,
           2.0 * static_cast<double>(code_bytes), bandwidth);
  }
  const std::size_t row_elements = std::size_t{kHeads} * tokens * kFastDim;
  const unsigned row_sets = sets_for(4 * row_elements);
  const DeviceArray<__half> rows(2 * row_elements * row_sets);
  fill_normal(rows.data(), rows.size(), 1, 12, stream);
  for (const unsigned splits : {32U, 64U}) {
    FastRows r;
    r.q = q.data();
    r.heads = r.kv_heads = kHeads;
    r.tokens = r.capacity = tokens;
    r.splits = splits;
    r.partials = partials.data();
    r.accs = accs.data();
    const Seconds s = time_graph(stream, row_sets, 15, [&] {
      for (unsigned i = 0; i < row_sets; ++i) {
        r.keys = rows.at(2 * row_elements * i);
        r.values = rows.at(2 * row_elements * i + row_elements);
        fast_rows_attend(r, result.data(), stream);
      }
    });
    report(out, "fp16 attention" + at + ", " + std::to_string(splits) + " splits", s,
           4.0 * static_cast<double>(row_elements), bandwidth);
  }
}

}  // namespace

void bench_kernels(const Stream& stream, double bandwidth, std::ostream& out) {
  bench_gemv(stream, bandwidth, "qkv 12288x4096", 12288, 4096, out);
  bench_gemv(stream, bandwidth, "gate_up 22016x4096", 22016, 4096, out);
  bench_gemv(stream, bandwidth, "o 4096x4096", 4096, 4096, out);
  bench_gemv(stream, bandwidth, "down 4096x11008", 4096, 11008, out);
  for (const unsigned tokens : {8192U, 32768U, 131072U}) bench_attention(stream, bandwidth, tokens, out);
}

// The fast attention kernels against the forward pass's, on the same random codes and rows.
void check_fast_kernels(const Stream& stream, std::ostream& out) {
  constexpr unsigned kHeads = 8;
  constexpr unsigned kKvHeads = 2;
  constexpr unsigned kTokens = 1056;
  constexpr unsigned kRows = 77;
  const std::size_t count = std::size_t{kKvHeads} * kTokens * kFastSubVectors;
  std::vector<std::uint16_t> random(2 * count);
  std::uint32_t state = 1;
  for (auto& c : random) c = static_cast<std::uint16_t>((state = state * 1664525U + 1013904223U) >> 24);
  const DeviceArray<std::uint16_t> codes(random);
  const DeviceArray<std::uint8_t> packed(2 * count);
  fast_pack(codes.data(), kTokens, true, kKvHeads, 0, kTokens, 0, kTokens, packed.data(), stream);
  fast_pack(codes.at(count), kTokens, false, kKvHeads, 0, kTokens, 0, kTokens, packed.at(count), stream);
  std::vector<float> q(kHeads * kFastDim);
  for (auto& x : q)
    x = static_cast<float>(static_cast<std::int32_t>(state = state * 1664525U + 1013904223U)) * 0x1p-30F;
  const DeviceArray<float> query(q);
  std::vector<float> books(2 * kFastCentroids * kFastDim);  // fp16 values
  for (auto& x : books)
    x = __half2float(__float2half(
        static_cast<float>(static_cast<std::int32_t>(state = state * 1664525U + 1013904223U)) * 0x1p-31F));
  const DeviceArray<float> book(books);
  std::vector<__half> by_code(kFastCentroids * kFastDim);  // [code][sub-vector][2]
  for (unsigned m = 0; m < kFastSubVectors; ++m)
    for (unsigned c = 0; c < kFastCentroids; ++c)
      for (unsigned k = 0; k < 2; ++k)
        by_code[(c * kFastSubVectors + m) * 2 + k] =
            __float2half(books[kFastCentroids * kFastDim + (m * kFastCentroids + c) * 2 + k]);
  const DeviceArray<__half> values(by_code);
  std::vector<float> keys_by_code(kFastCentroids * kFastDim);
  for (unsigned m = 0; m < kFastSubVectors; ++m)
    for (unsigned c = 0; c < kFastCentroids; ++c)
      for (unsigned k = 0; k < 2; ++k)
        keys_by_code[(c * kFastSubVectors + m) * 2 + k] = books[(m * kFastCentroids + c) * 2 + k];
  const DeviceArray<float> key_book(keys_by_code);
  const DeviceArray<__half> rows(2 * kKvHeads * 1056 * kFastDim);
  fill_normal(rows.data(), rows.size(), 1, 21, stream);
  const DeviceArray<float2> partials(kHeads * 40);
  const DeviceArray<float> accs(kHeads * 40 * kFastDim);
  const DeviceArray<float> tables(kHeads * kFastSubVectors * kFastCentroids);
  const DeviceArray<float> want(q.size());
  const DeviceArray<float> got(q.size());

  const auto compare = [&](const char* what) {
    stream.wait();
    std::vector<float> a(q.size());
    std::vector<float> b(q.size());
    check(cudaMemcpy(a.data(), want.data(), a.size() * 4, cudaMemcpyDeviceToHost), "copy from the GPU");
    check(cudaMemcpy(b.data(), got.data(), b.size() * 4, cudaMemcpyDeviceToHost), "copy from the GPU");
    double error = 0;
    double norm = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      error += std::pow(static_cast<double>(a[i]) - b[i], 2);
      norm += std::pow(static_cast<double>(a[i]), 2);
    }
    error = std::sqrt(error / norm);
    Line(out, what).add("relative_error", error);
    if (!(error < 1e-4))
      throw sim::Error(sim::Exit::internal,
                       std::string(what) + " does not agree with the forward pass's kernel");
  };

  Attention e;
  e.q = query.data();
  e.heads = kHeads;
  e.kv_heads = kKvHeads;
  e.dim = kFastDim;
  e.tables = tables.data();
  e.key_codes = codes.data();
  e.value_codes = codes.at(count);
  e.values = {book.at(kFastCentroids * kFastDim), kFastSubVectors, kFastCentroids, 2};
  e.coded = kTokens;
  e.code_capacity = kTokens;
  e.keys = rows.data();
  e.row_values = rows.at(kKvHeads * 128 * kFastDim);
  e.rows = kRows;
  e.row_capacity = 128;
  e.partials = partials.data();
  e.accs = accs.data();
  build_table({book.data(), kFastSubVectors, kFastCentroids, 2}, query.data(), kHeads, tables.data(), stream);
  attend(e, RowKind::fp16, stream);
  merge(e, want.at(0), stream);
  FastPq f;
  f.q = query.data();
  f.key_centroids = key_book.data();
  f.value_centroids = reinterpret_cast<const __half2*>(values.data());
  f.keys = packed.data();
  f.values = packed.at(count);
  f.row_keys = rows.data();
  f.row_values = rows.at(kKvHeads * 128 * kFastDim);
  f.heads = kHeads;
  f.kv_heads = kKvHeads;
  f.tokens = f.token_capacity = kTokens;
  f.rows = kRows;
  f.row_capacity = 128;
  f.partials = partials.data();
  f.accs = accs.data();
  stream.wait();
  fast_pq_attend(f, got.data(), stream);
  compare("check: fast pq attention");

  Attention p;
  p.q = query.data();
  p.heads = kHeads;
  p.kv_heads = kKvHeads;
  p.dim = kFastDim;
  p.keys = rows.data();
  p.row_values = rows.at(kKvHeads * 1056 * kFastDim);
  p.rows = 1001;
  p.row_capacity = 1056;
  p.partials = partials.data();
  p.accs = accs.data();
  attend(p, RowKind::fp16, stream);
  merge(p, want.data(), stream);
  stream.wait();
  FastRows r;
  r.q = query.data();
  r.keys = rows.data();
  r.values = rows.at(kKvHeads * 1056 * kFastDim);
  r.heads = kHeads;
  r.kv_heads = kKvHeads;
  r.tokens = 1001;
  r.capacity = 1056;
  r.partials = partials.data();
  r.accs = accs.data();
  fast_rows_attend(r, got.data(), stream);
  compare("check: fast fp16 attention");
}

void bench(const BenchOptions& options, std::ostream& out) {
  require_device();
  const Stream stream;
  check_fast_kernels(stream, out);
  if (!options.kernels && !options.tokens) return;
  const double bandwidth = read_bandwidth(stream);
  { Line(out, "read bandwidth").add("bytes_per_s", bandwidth); }
  if (options.kernels) bench_kernels(stream, bandwidth, out);
  if (!options.tokens) return;
  for (const std::string& shape : options.shapes) bench_tokens(stream, options, shape, bandwidth, out);
}

}  // namespace workload::cuda
