// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

#include "traces/workload/flexquant/weights.h"
#include "traces/workload/numeric/cpu.h"

namespace workload {

// Integer products of quantised weights and INT8 activations: exact 32-bit sums, the same at every level.
// Rows are independent: a caller spreads [begin, end) over threads; `sums` is always that of the whole
// matrix.
class IntegerKernels {
 public:
  explicit IntegerKernels(SimdLevel level = detect_simd_level()) : level_(level) {}

  SimdLevel level() const { return level_; }

  // sums[row] for rows [begin, end); a[cols].
  void gemv_int8(const flexquant::Int8Matrix& w, const std::int8_t* a, std::int32_t* sums, std::size_t begin,
                 std::size_t end) const;
  void gemv_int8(const flexquant::Int8Matrix& w, const std::int8_t* a, std::int32_t* sums) const {
    gemv_int8(w, a, sums, 0, w.rows);
  }

  // sums[row][group] (nested: sums[row]) for rows [begin, end); a[cols].
  void gemv_int4(const flexquant::Int4Matrix& w, const std::int8_t* a, std::int32_t* sums, std::size_t begin,
                 std::size_t end) const;
  void gemv_int4(const flexquant::Int4Matrix& w, const std::int8_t* a, std::int32_t* sums) const {
    gemv_int4(w, a, sums, 0, w.rows);
  }

  // A batch (prefill): a[tokens][cols], sums[tokens][rows], for rows [begin, end).
  void gemm_int8(const flexquant::Int8Matrix& w, const std::int8_t* a, std::size_t tokens, std::int32_t* sums,
                 std::size_t begin, std::size_t end) const;

 private:
  SimdLevel level_;
};

}  // namespace workload
