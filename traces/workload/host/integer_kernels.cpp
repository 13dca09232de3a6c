// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/integer_kernels.h"

#include <algorithm>
#include <vector>

#include "traces/workload/host/integer_levels.h"

namespace workload {
namespace {

using integer::kInt4Chunk;

integer::Int8Dots* int8_dots(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::avx512) return integer::int8_dots_avx512;
  if (level == SimdLevel::avx2) return integer::int8_dots_avx2;
#endif
  static_cast<void>(level);
  return integer::int8_dots_portable;
}

integer::Int4Dot* int4_dot(SimdLevel level) {
#if defined(__x86_64__)
  if (level == SimdLevel::avx512) return integer::int4_dot_avx512;
  if (level == SimdLevel::avx2) return integer::int4_dot_avx2;
#endif
  static_cast<void>(level);
  return integer::int4_dot_portable;
}

// Activations of a row's groups, set out once for all rows.
class Int4Activations {
 public:
  Int4Activations(const flexquant::Int4Matrix& w, const std::int8_t* a) : a_(a) {
    const std::size_t group = w.format == flexquant::Int4Format::nested ? w.cols : w.group;
    // A group that does not start on a chunk is left to the plain loop.
    const bool whole = w.groups() == 1 || group % kInt4Chunk == 0;
    for (std::size_t first = 0; first < w.cols; first += group) {
      const std::size_t last = std::min(first + group, w.cols);
      groups_.push_back({first, last, whole ? (last - first) / kInt4Chunk : 0, 0});
      std::int32_t sum = 0;
      for (std::size_t i = first; i < first + groups_.back().chunks * kInt4Chunk; ++i) sum += a[i];
      groups_.back().offset = 8 * sum;
    }
    chunks_.resize(w.cols / kInt4Chunk * kInt4Chunk);
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      const std::size_t in_chunk = i % kInt4Chunk;
      chunks_[i - in_chunk + in_chunk / 2 + (in_chunk % 2) * kInt4Chunk / 2] = a[i];
    }
  }

  void row(const flexquant::Int4Matrix& w, std::size_t row, integer::Int4Dot* dot, std::int32_t* sums) const {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const Group& group = groups_[g];
      const integer::Int4Row run{w.codes.data() + row * w.row_bytes() + group.first / 2,
                                 chunks_.data() + group.first, group.chunks};
      std::int32_t sum = group.chunks == 0 ? 0 : dot(run) - group.offset;
      for (std::size_t col = group.first + group.chunks * kInt4Chunk; col < group.last; ++col)
        sum += w.code(row, col) * a_[col];
      sums[row * groups_.size() + g] = sum;
    }
  }

 private:
  struct Group {
    std::size_t first;
    std::size_t last;
    std::size_t chunks;
    std::int32_t offset;  // what codes + 8 add to the sum
  };
  const std::int8_t* a_;
  std::vector<Group> groups_;
  std::vector<std::int8_t> chunks_;
};

}  // namespace

void IntegerKernels::gemv_int8(const flexquant::Int8Matrix& w, const std::int8_t* a, std::int32_t* sums,
                               std::size_t begin, std::size_t end) const {
  gemm_int8(w, a, 1, sums, begin, end);
}

void IntegerKernels::gemv_int4(const flexquant::Int4Matrix& w, const std::int8_t* a, std::int32_t* sums,
                               std::size_t begin, std::size_t end) const {
  const Int4Activations activations(w, a);
  integer::Int4Dot* const dot = int4_dot(level_);
  for (std::size_t row = begin; row < end; ++row) activations.row(w, row, dot, sums);
}

void IntegerKernels::gemm_int8(const flexquant::Int8Matrix& w, const std::int8_t* a, std::size_t tokens,
                               std::int32_t* sums, std::size_t begin, std::size_t end) const {
  integer::Int8Dots* const dots = int8_dots(level_);
  for (std::size_t row = begin; row < end; ++row)
    dots(w.codes.data() + row * w.cols, a, w.cols, tokens, sums + row, w.rows);
}

}  // namespace workload
