// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "traces/workload/app/trace_emitter.h"
#include "traces/workload/flexquant/tile_digest.h"

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

// write(layer, matrix) of all matrices in the order of a trace.
template <class Write>
void each_matrix(const ModelShape& shape, const Write& write) {
  for (unsigned l = 0; l < shape.layers; ++l) {
    for (const MatrixKind m :
         {MatrixKind::qkv_proj, MatrixKind::o_proj, MatrixKind::gate_up_proj, MatrixKind::down_proj}) {
      write(l, m);
    }
  }
  write(shape.layers, MatrixKind::lm_head);
}

}  // namespace

void write_tensors(trace::Writer& writer, const ModelShape& shape, const QuantisedOps& ops) {
  trace::Record record;
  each_matrix(shape,
              [&](unsigned layer, MatrixKind matrix) { write_tensor(writer, layer, matrix, ops, record); });
}

void write_tile_digests(trace::Writer& writer, const ModelShape& shape, const QuantisedOps& ops,
                        unsigned stride) {
  flexquant::TileGrid grid;
  grid.stride = stride;
  each_matrix(shape, [&](unsigned layer, MatrixKind matrix) {
    const flexquant::Int8Matrix& w8 = ops.int8(layer, matrix);
    const flexquant::TileDigest digest = flexquant::tile_digest(w8, grid);
    trace::Record record;
    trace::TileDigest& d = *record.mutable_tile_digest();
    d.set_layer(layer);
    d.set_matrix(static_cast<trace::Matrix>(matrix));
    d.set_rows(static_cast<std::uint32_t>(w8.rows));
    d.set_cols(static_cast<std::uint32_t>(w8.cols));
    d.set_tile_rows(static_cast<std::uint32_t>(grid.rows));
    d.set_tile_cols(static_cast<std::uint32_t>(grid.cols));
    d.set_tile_stride(stride);
    d.set_planes(flexquant::kMagnitudePlanes);
    d.set_ones(digest.ones);
    d.set_rows_by_leading_plane(digest.rows_by_leading_plane);
    writer.write(record);
  });
}

}  // namespace workload
