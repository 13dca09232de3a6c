// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cstring>

#include "traces/workload/cuda/bench_check.h"
#include "traces/workload/cuda/fast_kernels.h"
#include "traces/workload/cuda/kernels.h"

// fast_gemv against the forward pass's kernels: norm, quantise, product, SwiGLU.
namespace workload::cuda {
namespace {

constexpr unsigned kRows = 9038;  // no multiple of blocks or warps; every warp has several

struct Case {
  FastFormat format;
  FastInputKind kind;
  unsigned cols;
  bool pairs;
  bool add;
};

std::string name_of(const Case& c) {
  static const char* const formats[] = {"INT8", "INT4 by group", "INT4 by row", "fp16"};
  static const char* const kinds[] = {"codes", "rows", "normed", "merged"};
  return std::string("fast product, ") + formats[static_cast<unsigned>(c.format)] + ", " +
         kinds[static_cast<unsigned>(c.kind)] + " " + std::to_string(c.cols) + (c.pairs ? ", pairs" : "") +
         (c.add ? ", added" : "");
}

// The vector that goes in, in f32 rows and in codes, by the forward pass's kernels.
struct Input {
  FastInput fast;
  DeviceArray<float> x, norm_weight, accs, rows, scale{4};
  DeviceArray<float2> partials;
  DeviceArray<std::int8_t> codes;
  DeviceArray<unsigned> largest{4};
  DeviceArray<int> bad{1};

  Input(const Case& c, Numbers& numbers, const Stream& stream) {
    x = DeviceArray<float>(numbers.values(c.cols));
    rows = DeviceArray<float>(c.cols);
    codes = DeviceArray<std::int8_t>(c.cols);
    fast.kind = c.kind;
    const ActivationOut to{rows.data(), {codes.data(), scale.data(), c.cols}, bad.data()};
    const FastLaunch how{stream};
    switch (c.kind) {
      case FastInputKind::codes:
        quantise(x.data(), 1, c.cols, to, stream);
        fast.codes = codes.data();
        fast.scale = scale.data();
        break;
      case FastInputKind::rows: {
        quantise(x.data(), 1, c.cols, to, stream);
        float most = 0;
        for (const float v : to_host(stream, x)) most = std::max(most, std::fabs(v));
        std::vector<unsigned> bits(4);
        std::memcpy(bits.data(), &most, sizeof most);
        largest = DeviceArray<unsigned>(bits);
        fast.x = x.data();
        fast.largest = largest.data();
        break;
      }
      case FastInputKind::normed:
        norm_weight = DeviceArray<float>(numbers.values(c.cols, 2));
        norm(x.data(), norm_weight.data(), 1, c.cols, 1e-5F, to, stream);
        fast.x = x.data();
        fast.norm = norm_weight.data();
        break;
      case FastInputKind::merged: {
        std::vector<float2> parts;
        for (unsigned i = 0; i < c.cols / kFastDim * kFastSplits; ++i)
          parts.push_back(make_float2(4 * numbers.value(), 1.5F + numbers.value()));
        parts[1] = make_float2(-INFINITY, 0);  // a split without a token
        partials = DeviceArray<float2>(parts);
        accs = DeviceArray<float>(numbers.values(std::size_t{c.cols} * kFastSplits));
        fast_merge(partials.data(), accs.data(), c.cols / kFastDim, x.data(), how);
        quantise(x.data(), 1, c.cols, to, stream);
        fast.partials = partials.data();
        fast.accs = accs.data();
        break;
      }
    }
  }
};

struct Matrix {
  DeviceArray<std::uint8_t> data;
  DeviceArray<float> scales, f32;
  FastWeights fast;
  WeightCodes codes;

  Matrix(const Case& c, Numbers& numbers, const Stream& stream) {
    const std::size_t count = std::size_t{kRows} * c.cols;
    const bool half = c.format == FastFormat::fp16;
    const bool eight = c.format == FastFormat::int8;
    const std::size_t bytes = half ? 2 * count : eight ? count : count / 2;
    data = DeviceArray<std::uint8_t>(bytes);
    if (half) {
      std::vector<float> values = numbers.values(count, 0.02F);
      for (float& v : values) v = __half2float(__float2half(v));
      f32 = DeviceArray<float>(values);
      std::vector<__half> halves(count);
      for (std::size_t i = 0; i < count; ++i) halves[i] = __float2half(values[i]);
      check(cudaMemcpy(data.data(), halves.data(), bytes, cudaMemcpyHostToDevice), "copy to the GPU");
    } else {
      fill_random(data.data(), bytes, 31, stream);
      const std::size_t groups = c.format == FastFormat::int4_group ? c.cols / 128 : 1;
      std::vector<float> s = numbers.values(kRows * groups);
      for (float& v : s) v = (v + 1.5F) * (eight ? 1e-4F : 2e-3F);
      scales = DeviceArray<float>(s);
    }
    const auto stride = static_cast<unsigned>(bytes / kRows);
    fast = {c.format, data.data(), scales.data(), kRows, c.cols, stride, c.pairs};
    codes.rows = kRows;
    codes.cols = c.cols;
    codes.int8 = reinterpret_cast<const std::int8_t*>(data.data());
    codes.int4 = data.data();
    codes.int8_scales = codes.int4_scales = scales.data();
    codes.int8_stride = codes.int4_stride = stride;
    codes.group = c.format == FastFormat::int4_group ? 128 : 0;
  }
};

void check_one(const Case& c, const Stream& stream, std::ostream& out) {
  Numbers numbers(c.cols + 7 * static_cast<unsigned>(c.kind) + static_cast<unsigned>(c.format));
  const Input input(c, numbers, stream);
  const Matrix m(c, numbers, stream);
  const unsigned results = c.pairs ? kRows / 2 : kRows;
  const std::vector<float> before = numbers.values(kRows);
  const DeviceArray<float> y = c.add ? DeviceArray<float>(before) : DeviceArray<float>(kRows);
  const DeviceArray<float> want(results);
  const DeviceArray<float> got = c.add ? DeviceArray<float>(before) : DeviceArray<float>(results);
  const Codes codes{input.codes.data(), input.scale.data(), c.cols};
  if (c.format == FastFormat::fp16)
    gemm_f32(m.f32.data(), kRows, c.cols, input.rows.data(), 1, y.data(), c.add, stream);
  else
    (c.format == FastFormat::int8 ? gemv_int8 : gemv_int4)(m.codes, codes, {y.data(), nullptr, c.add},
                                                           stream);
  if (c.pairs)
    swiglu(y.data(), 1, results, {want.data(), {}, input.bad.data()}, stream);
  else
    check(cudaMemcpyAsync(want.data(), y.data(), results * sizeof(float), cudaMemcpyDeviceToDevice, stream),
          "copy on the GPU");
  const DeviceArray<unsigned> largest(std::vector<unsigned>{0});
  const FastLaunch how{stream};
  stream.wait();
  fast_gemv(m.fast, input.fast, {got.data(), c.add, c.pairs ? largest.data() : nullptr}, how);
  // A code may fall on the other side of a half: the factor is another number than one over the scale.
  const bool exact = c.kind == FastInputKind::codes || c.format == FastFormat::fp16;
  compare(stream, out, name_of(c), want, got, exact ? 1e-5 : 1e-3);
  if (!c.pairs) return;
  float most = 0;
  for (const float v : to_host(stream, got)) most = std::max(most, std::fabs(v));
  if (std::memcmp(&most, to_host(stream, largest).data(), sizeof most) != 0)
    throw sim::Error(sim::Exit::internal, name_of(c) + ": another largest magnitude");
}

}  // namespace

void check_products(const Stream& stream, std::ostream& out) {
  for (const FastFormat f :
       {FastFormat::int8, FastFormat::int4_group, FastFormat::int4_row, FastFormat::fp16}) {
    if (f != FastFormat::fp16) check_one({f, FastInputKind::codes, 11008, false, false}, stream, out);
    check_one({f, FastInputKind::rows, 11008, false, true}, stream, out);
    check_one({f, FastInputKind::normed, 4096, true, false}, stream, out);
    check_one({f, FastInputKind::normed, 2560, false, false}, stream, out);
    check_one({f, FastInputKind::merged, 4096, false, true}, stream, out);
  }
}

}  // namespace workload::cuda
