// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <ostream>

#include "traces/workload/cuda/bench.h"
#include "traces/workload/cuda/fast_kernels.h"

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
  const DeviceArray<float> scale(std::vector<float>(4, 0.01F));
  const DeviceArray<float> y(rows);
  fill_random(weights.data(), bytes8 * sets, 3, stream);
  fill_random(codes.data(), cols, 4, stream);
  fill_normal(scales.data(), scales.size(), 0.01F, 5, stream);
  const FastLaunch how{stream};
  const auto time = [&](FastFormat format, const char* what, unsigned bits) {
    FastInput in;
    in.kind = format == FastFormat::fp16 ? FastInputKind::rows : FastInputKind::codes;
    in.codes = codes.data();
    in.scale = scale.data();
    in.x = scales.data();
    const std::size_t bytes = bytes8 * bits / 8;
    const unsigned count = bits == 16 ? sets / 2 : sets;
    const auto set = [&](unsigned i) {
      return FastWeights{format, weights.at(bytes * i), scales.at(bytes8 / 128 * i), rows,
                         cols,   cols * bits / 8};
    };
    const Seconds s = time_graph(stream, count, 15, [&] {
      for (unsigned i = 0; i < count; ++i) fast_gemv(set(i), in, {y.data()}, how);
    });
    // Bytes of codes alone: scales come on top (INT4 by group: a sixteenth of the codes).
    report(out, "gemv_" + std::string(what) + " " + name, s, static_cast<double>(bytes), bandwidth);
  };
  time(FastFormat::int8, "int8", 8);
  time(FastFormat::int4_group, "int4 group 128", 4);
  time(FastFormat::int4_row, "int4 nested", 4);
  time(FastFormat::fp16, "fp16", 16);
}

void bench_attention(const Stream& stream, double bandwidth, unsigned tokens, std::ostream& out) {
  constexpr unsigned kHeads = 32;
  const std::size_t code_bytes = std::size_t{kHeads} * tokens * kFastSubVectors;
  const unsigned sets = sets_for(2 * code_bytes);
  const DeviceArray<std::uint8_t> codes(2 * code_bytes * sets);
  const DeviceArray<float> q(kHeads * kFastDim);
  const DeviceArray<__half> key_book(kFastCentroids * kFastDim);
  const DeviceArray<__half> value_book(kFastCentroids * kFastDim);
  const DeviceArray<__half> residual(2 * kHeads * 128 * kFastDim);
  const DeviceArray<float2> partials(kHeads * kFastSplits);
  const DeviceArray<float> accs(kHeads * kFastSplits * kFastDim);
  const DeviceArray<float> result(kHeads * kFastDim);
  fill_random(codes.data(), codes.size(), 7, stream);
  fill_normal(q.data(), q.size(), 1, 8, stream);
  fill_normal(key_book.data(), key_book.size(), 1, 9, stream);
  fill_normal(value_book.data(), value_book.size(), 1, 10, stream);
  fill_normal(residual.data(), residual.size(), 1, 11, stream);
  const std::string at = " 32 heads, " + std::to_string(tokens) + " tokens";
  const FastLaunch how{stream};
  FastPq a;
  a.query = {q.data(), nullptr, kHeads, kHeads};
  a.key_centroids = reinterpret_cast<const __half2*>(key_book.data());
  a.value_centroids = reinterpret_cast<const __half2*>(value_book.data());
  a.row_keys = residual.data();
  a.row_values = residual.at(kHeads * 128 * kFastDim);
  a.tokens = a.token_capacity = tokens;
  a.rows = 64;
  a.row_capacity = 128;
  a.partials = partials.data();
  a.accs = accs.data();
  const Seconds pq = time_graph(stream, sets, 15, [&] {
    for (unsigned i = 0; i < sets; ++i) {
      a.keys = codes.at(2 * code_bytes * i);
      a.values = codes.at(2 * code_bytes * i + code_bytes);
      fast_pq_attend(a, how);
      fast_merge(partials.data(), accs.data(), kHeads, result.data(), how);
    }
  });
  report(out, "pq attention" + at + ", 64 in the residual", pq, 2.0 * static_cast<double>(code_bytes),
         bandwidth);
  const std::size_t row_elements = std::size_t{kHeads} * tokens * kFastDim;
  const unsigned row_sets = sets_for(4 * row_elements);
  const DeviceArray<__half> rows(2 * row_elements * row_sets);
  fill_normal(rows.data(), rows.size(), 1, 12, stream);
  FastRows r;
  r.query = a.query;
  r.tokens = r.capacity = tokens;
  r.partials = partials.data();
  r.accs = accs.data();
  const Seconds plain = time_graph(stream, row_sets, 15, [&] {
    for (unsigned i = 0; i < row_sets; ++i) {
      r.keys = rows.at(2 * row_elements * i);
      r.values = rows.at(2 * row_elements * i + row_elements);
      fast_rows_attend(r, how);
      fast_merge(partials.data(), accs.data(), kHeads, result.data(), how);
    }
  });
  report(out, "fp16 attention" + at, plain, 4.0 * static_cast<double>(row_elements), bandwidth);
}

}  // namespace

void bench_kernels(const Stream& stream, double bandwidth, std::ostream& out) {
  bench_gemv(stream, bandwidth, "qkv 12288x4096", 12288, 4096, out);
  bench_gemv(stream, bandwidth, "gate_up 22016x4096", 22016, 4096, out);
  bench_gemv(stream, bandwidth, "o 4096x4096", 4096, 4096, out);
  bench_gemv(stream, bandwidth, "down 4096x11008", 4096, 11008, out);
  for (const unsigned tokens : {2048U, 8192U, 32768U, 131072U})
    bench_attention(stream, bandwidth, tokens, out);
}

void bench(const BenchOptions& options, std::ostream& out) {
  require_device();
  const Stream stream;
  check_attention(stream, out);
  check_products(stream, out);
  check_tokens(stream, out);
  if (!options.kernels && !options.tokens) return;
  const double bandwidth = read_bandwidth(stream);
  { Line(out, "read bandwidth").add("bytes_per_s", bandwidth); }
  if (options.kernels) bench_kernels(stream, bandwidth, out);
  if (!options.tokens) return;
  for (const std::string& shape : options.shapes) bench_tokens(stream, options, shape, bandwidth, out);
}

}  // namespace workload::cuda
