// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "traces/io/wire.h"
#include "traces/workload/app/trace_emitter.h"
#include "traces/workload/flexquant/tile_digest.h"

namespace workload {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;  // weights in a record

template <class T>
std::string_view rows_of(const std::vector<T>& all, std::size_t first, std::size_t rows, std::size_t row) {
  return {reinterpret_cast<const char*>(all.data() + first * row), rows * row * sizeof(T)};
}

// The codes, nearly all of it, go from the matrix to the trace as they are; the fields in front of them and
// between them are messages of their own.
void write_tensor(trace::Writer& writer, unsigned layer, MatrixKind matrix, const QuantisedOps& ops) {
  const flexquant::Int8Matrix& w8 = ops.int8(layer, matrix);
  const flexquant::Int4Matrix& w4 = ops.int4(layer, matrix);
  const bool own_codes = !w4.codes.empty() && w4.format == flexquant::Int4Format::group;
  const std::size_t step = std::max<std::size_t>(1, kPiece / w8.cols);
  trace::Tensor place, middle, last;
  std::string front, between, behind;
  for (std::size_t first = 0; first < w8.rows; first += step) {
    const std::size_t rows = std::min(step, w8.rows - first);
    place.set_layer(layer);
    place.set_matrix(static_cast<trace::Matrix>(matrix));
    place.set_total_rows(static_cast<std::uint32_t>(w8.rows));
    place.set_first_row(static_cast<std::uint32_t>(first));
    place.set_rows(static_cast<std::uint32_t>(rows));
    place.set_cols(static_cast<std::uint32_t>(w8.cols));
    place.SerializeToString(&front);
    const std::string_view codes = rows_of(w8.codes, first, rows, w8.cols);
    trace::append_bytes_field(front, trace::Tensor::kInt8CodesFieldNumber, codes.size());
    std::vector<std::string_view> pieces = {front, codes};

    middle.Clear();
    const auto scales = w8.scales.begin() + static_cast<std::ptrdiff_t>(first);
    middle.mutable_int8_scales()->Add(scales, scales + static_cast<std::ptrdiff_t>(rows));
    if (!w4.codes.empty())
      middle.set_int4(own_codes ? tricycle::trace::INT4_GROUP : tricycle::trace::INT4_NESTED);
    if (own_codes) middle.set_group(static_cast<std::uint32_t>(w4.group));
    middle.SerializeToString(&between);
    pieces.push_back(between);
    if (own_codes) {
      const std::string_view nibbles = rows_of(w4.codes, first, rows, w4.row_bytes());
      trace::append_bytes_field(between, trace::Tensor::kInt4CodesFieldNumber, nibbles.size());
      pieces.back() = between;
      last.Clear();
      const auto more = w4.scales.begin() + static_cast<std::ptrdiff_t>(first * w4.groups());
      last.mutable_int4_scales()->Add(more, more + static_cast<std::ptrdiff_t>(rows * w4.groups()));
      last.SerializeToString(&behind);
      pieces.insert(pieces.end(), {nibbles, behind});
    }
    writer.write_pieces(trace::Kind::tensor, pieces);
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
  each_matrix(shape, [&](unsigned layer, MatrixKind matrix) { write_tensor(writer, layer, matrix, ops); });
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
