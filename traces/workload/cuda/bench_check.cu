// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cstring>

#include "traces/workload/cuda/bench_check.h"
#include "traces/workload/cuda/fast_kernels.h"
#include "traces/workload/cuda/kernels.h"

// The fast attention kernels against the forward pass's, on the same random codes, rows and new token.
namespace workload::cuda {
namespace {

constexpr unsigned kHeads = 8;
constexpr unsigned kKvHeads = 2;
constexpr double kBound = 1e-4;

// From [sub-vector][centroid][2], as the forward pass has it, to [centroid][sub-vector][2].
std::vector<__half> by_code(const std::vector<float>& book) {
  std::vector<__half> out(book.size());
  for (unsigned m = 0; m < kFastSubVectors; ++m)
    for (unsigned c = 0; c < kFastCentroids; ++c)
      for (unsigned k = 0; k < 2; ++k)
        out[(c * kFastSubVectors + m) * 2 + k] = __float2half(book[(m * kFastCentroids + c) * 2 + k]);
  return out;
}

std::vector<float> fp16_values(std::vector<float> values) {
  for (float& x : values) x = __half2float(__float2half(x));
  return values;
}

// A new token's queries, keys and values, the angles of its position, and what both sides leave.
struct Check {
  const Stream& stream;
  std::ostream& out;
  DeviceArray<float> qkv, turned, want{kHeads * kFastDim}, got{kHeads * kFastDim};
  DeviceArray<float2> angles{kFastDim / 2}, partials{kHeads * 40}, fast_partials{kHeads * kFastSplits};
  DeviceArray<float> accs{kHeads * 40 * kFastDim}, fast_accs{kHeads * kFastSplits * kFastDim};
  DeviceArray<int> bad{1};
  FastLaunch how;

  Check(const Stream& s, std::ostream& o, Numbers& numbers) : stream(s), out(o) {
    const std::vector<float> token = numbers.values(std::size_t{kHeads + 2 * kKvHeads} * kFastDim, 2);
    qkv = DeviceArray<float>(token);
    turned = DeviceArray<float>(token);
    std::vector<float2> turns;
    for (unsigned i = 0; i < kFastDim / 2; ++i) {
      const float angle = 3 * numbers.value();
      turns.push_back(make_float2(std::cos(angle), std::sin(angle)));
    }
    angles = DeviceArray<float2>(turns);
    how.stream = stream;
  }
  FastQuery query() const { return {qkv.data(), angles.data(), kHeads, kKvHeads}; }
  Attention reference() const {
    Attention a;
    a.q = turned.data();
    a.heads = kHeads;
    a.kv_heads = kKvHeads;
    a.dim = kFastDim;
    a.partials = partials.data();
    a.accs = accs.data();
    return a;
  }
  void append(const DeviceArray<__half>& keys, const DeviceArray<__half>& values, unsigned capacity,
              unsigned slot) {
    rope_append(AppendIn{turned.data(), angles.data(), 1, 0, kHeads, kKvHeads, kFastDim, bad.data()},
                keys.data(), values.data(), capacity, slot, stream);
  }
  void finish(const std::string& what, const DeviceArray<__half>* const (&rows)[4]) {
    fast_merge(fast_partials.data(), fast_accs.data(), kHeads, got.data(), how);
    compare(stream, out, what, want, got, kBound);
    for (unsigned i = 0; i < 2; ++i) {
      const std::vector<__half> a = to_host(stream, *rows[2 * i]);
      const std::vector<__half> b = to_host(stream, *rows[2 * i + 1]);
      if (std::memcmp(a.data(), b.data(), a.size() * sizeof(__half)) != 0)
        throw sim::Error(sim::Exit::internal, what + " appends another row than the forward pass's kernel");
    }
  }
};

void check_pq(const Stream& stream, std::ostream& out, unsigned tokens) {
  constexpr unsigned kRows = 77;
  constexpr unsigned kCapacity = 128;
  Numbers numbers(tokens);
  Check c(stream, out, numbers);
  const std::size_t count = std::size_t{kKvHeads} * tokens * kFastSubVectors;
  std::vector<std::uint16_t> random(2 * count);
  for (auto& x : random) x = static_cast<std::uint16_t>(numbers.bits() >> 24);
  const DeviceArray<std::uint16_t> codes(random);
  const DeviceArray<std::uint8_t> packed(2 * count);
  for (const bool keys : {true, false}) {
    const std::size_t at = keys ? 0 : count;
    fast_pack(codes.at(at), tokens, keys, kKvHeads, 0, tokens, 0, tokens, packed.at(at), stream);
  }
  const std::vector<float> keys = fp16_values(numbers.values(std::size_t{kFastCentroids} * kFastDim));
  const std::vector<float> values = fp16_values(numbers.values(keys.size()));
  const DeviceArray<float> key_book(keys);
  const DeviceArray<float> value_book(values);
  const DeviceArray<__half> fast_key_book(by_code(keys));
  const DeviceArray<__half> fast_value_book(by_code(values));
  const std::size_t elements = std::size_t{kKvHeads} * kCapacity * kFastDim;
  const DeviceArray<__half> row_keys(elements);
  const DeviceArray<__half> row_values(elements);
  const DeviceArray<__half> fast_row_keys(elements);
  const DeviceArray<__half> fast_row_values(elements);
  for (const auto* rows : {&row_keys, &fast_row_keys}) fill_normal(rows->data(), elements, 1, 21, stream);
  for (const auto* rows : {&row_values, &fast_row_values}) fill_normal(rows->data(), elements, 1, 22, stream);
  const DeviceArray<float> tables(std::size_t{kHeads} * kFastSubVectors * kFastCentroids);

  c.append(row_keys, row_values, kCapacity, kRows - 1);
  Attention e = c.reference();
  e.tables = tables.data();
  e.key_codes = codes.data();
  e.value_codes = codes.at(count);
  e.values = {value_book.data(), kFastSubVectors, kFastCentroids, 2};
  e.coded = e.code_capacity = tokens;
  e.keys = row_keys.data();
  e.row_values = row_values.data();
  e.rows = kRows;
  e.row_capacity = kCapacity;
  build_table({key_book.data(), kFastSubVectors, kFastCentroids, 2}, c.turned.data(), kHeads, tables.data(),
              stream);
  attend(e, RowKind::fp16, stream);
  merge(e, c.want.data(), stream);

  FastPq f;
  f.query = c.query();
  f.key_centroids = reinterpret_cast<const __half2*>(fast_key_book.data());
  f.value_centroids = reinterpret_cast<const __half2*>(fast_value_book.data());
  f.keys = packed.data();
  f.values = packed.at(count);
  f.row_keys = fast_row_keys.data();
  f.row_values = fast_row_values.data();
  f.tokens = f.token_capacity = tokens;
  f.rows = kRows;
  f.row_capacity = kCapacity;
  f.partials = c.fast_partials.data();
  f.accs = c.fast_accs.data();
  stream.wait();
  fast_pq_attend(f, c.how);
  c.finish("fast pq attention, " + std::to_string(tokens) + " tokens",
           {&row_keys, &fast_row_keys, &row_values, &fast_row_values});
  // The same token turned by no angle: queries as they are, and every row there already.
  const DeviceArray<float> again(c.got.size());
  f.query = {c.turned.data(), nullptr, kHeads, kKvHeads};
  fast_pq_attend(f, c.how);
  fast_merge(f.partials, f.accs, kHeads, again.data(), c.how);
  compare(stream, out, "fast pq attention, no new token", c.want, again, kBound);
}

void check_rows(const Stream& stream, std::ostream& out, unsigned tokens) {
  const unsigned capacity = tokens + 23;
  Numbers numbers(tokens);
  Check c(stream, out, numbers);
  const std::size_t elements = std::size_t{kKvHeads} * capacity * kFastDim;
  const DeviceArray<__half> keys(elements);
  const DeviceArray<__half> values(elements);
  const DeviceArray<__half> fast_keys(elements);
  const DeviceArray<__half> fast_values(elements);
  for (const auto* rows : {&keys, &fast_keys}) fill_normal(rows->data(), elements, 1, 23, stream);
  for (const auto* rows : {&values, &fast_values}) fill_normal(rows->data(), elements, 1, 24, stream);
  c.append(keys, values, capacity, tokens - 1);
  Attention p = c.reference();
  p.keys = keys.data();
  p.row_values = values.data();
  p.rows = tokens;
  p.row_capacity = capacity;
  attend(p, RowKind::fp16, stream);
  merge(p, c.want.data(), stream);
  FastRows r;
  r.query = c.query();
  r.keys = fast_keys.data();
  r.values = fast_values.data();
  r.tokens = tokens;
  r.capacity = capacity;
  r.partials = c.fast_partials.data();
  r.accs = c.fast_accs.data();
  stream.wait();
  fast_rows_attend(r, c.how);
  c.finish("fast fp16 attention, " + std::to_string(tokens) + " tokens",
           {&keys, &fast_keys, &values, &fast_values});
}

}  // namespace

void check_attention(const Stream& stream, std::ostream& out) {
  for (const unsigned tokens : {32U, 1056U, 8224U}) check_pq(stream, out, tokens);
  for (const unsigned tokens : {5U, 1001U, 4097U}) check_rows(stream, out, tokens);
}

}  // namespace workload::cuda
