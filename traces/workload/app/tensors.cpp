// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "traces/workload/app/trace_emitter.h"

namespace workload {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;  // weights in a record

void write_tensor(trace::Writer& writer, unsigned layer, MatrixKind matrix, const QuantisedOps& ops,
                  trace::Record& record) {
  const flexquant::Int8Matrix& w8 = ops.int8(layer, matrix);
  const flexquant::Int4Matrix& w4 = ops.int4(layer, matrix);
  const std::size_t step = std::max<std::size_t>(1, kPiece / w8.cols);
  for (std::size_t first = 0; first < w8.rows; first += step) {
    const std::size_t rows = std::min(step, w8.rows - first);
    record.Clear();
    trace::Tensor& t = *record.mutable_tensor();
    t.set_layer(layer);
    t.set_matrix(static_cast<trace::Matrix>(matrix));
    t.set_total_rows(static_cast<std::uint32_t>(w8.rows));
    t.set_first_row(static_cast<std::uint32_t>(first));
    t.set_rows(static_cast<std::uint32_t>(rows));
    t.set_cols(static_cast<std::uint32_t>(w8.cols));
    t.set_int8_codes(w8.codes.data() + first * w8.cols, rows * w8.cols);
    t.mutable_int8_scales()->Add(w8.scales.begin() + static_cast<std::ptrdiff_t>(first),
                                 w8.scales.begin() + static_cast<std::ptrdiff_t>(first + rows));
    if (!w4.codes.empty() && w4.format == flexquant::Int4Format::nested) {
      t.set_int4(tricycle::trace::INT4_NESTED);
    } else if (!w4.codes.empty()) {
      t.set_int4(tricycle::trace::INT4_GROUP);
      t.set_group(static_cast<std::uint32_t>(w4.group));
      t.set_int4_codes(w4.codes.data() + first * w4.row_bytes(), rows * w4.row_bytes());
      const auto scales = w4.scales.begin() + static_cast<std::ptrdiff_t>(first * w4.groups());
      t.mutable_int4_scales()->Add(scales, scales + static_cast<std::ptrdiff_t>(rows * w4.groups()));
    }
    writer.write(record);
  }
}

}  // namespace

void write_tensors(trace::Writer& writer, const ModelShape& shape, const QuantisedOps& ops) {
  trace::Record record;
  for (unsigned l = 0; l < shape.layers; ++l) {
    for (const MatrixKind m :
         {MatrixKind::qkv_proj, MatrixKind::o_proj, MatrixKind::gate_up_proj, MatrixKind::down_proj}) {
      write_tensor(writer, l, m, ops, record);
    }
  }
  write_tensor(writer, shape.layers, MatrixKind::lm_head, ops, record);
}

}  // namespace workload
