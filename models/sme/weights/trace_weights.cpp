// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/weights/trace_weights.h"

#include <algorithm>
#include <utility>

#include "traces/io/reader.h"

namespace sme {
namespace {

constexpr std::size_t kMostWeights = std::size_t{1} << 31;  // of one matrix

std::string text(const TraceKey& key) {
  return "layer " + std::to_string(key.layer) + " " +
         tricycle::trace::Matrix_Name(static_cast<trace::Matrix>(key.matrix));
}

int nibble(const std::string& codes, std::size_t index) {
  const int byte = static_cast<unsigned char>(codes[index / 2]);
  const int value = index % 2 == 0 ? byte & 15 : byte >> 4;
  return value >= 8 ? value - 16 : value;
}

unsigned half_word(const std::string& bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[2 * index]) |
         static_cast<unsigned>(static_cast<unsigned char>(bytes[2 * index + 1])) << 8;
}

void shape(CodedMatrix& matrix, const TraceKey& key, std::uint32_t inputs, std::uint32_t outputs,
           unsigned planes) {
  matrix.name = text(key);
  matrix.inputs = inputs;
  matrix.outputs = outputs;
  matrix.planes = planes;
}

}  // namespace

TraceMatrix& TraceWeights::find(const TraceKey& key) {
  for (TraceMatrix& matrix : matrices_)
    if (!(matrix.key < key) && !(key < matrix.key)) return matrix;
  matrices_.emplace_back();
  matrices_.back().key = key;
  return matrices_.back();
}

bool TraceWeights::offer(trace::Reader& reader) {
  if (reader.kind() == trace::Kind::tensor) {
    add_tensor(reader);
    return true;
  }
  if (reader.kind() == trace::Kind::tile_digest) {
    add_digest(reader);
    return true;
  }
  return false;
}

void TraceWeights::add_tensor(trace::Reader& reader) {
  const auto& t = reader.record().tensor();
  const TraceKey key{t.layer(), static_cast<int>(t.matrix())};
  const std::size_t rows = t.rows(), cols = t.cols(), total = t.total_rows(), first = t.first_row();
  if (rows == 0 || cols == 0 || cols > kMaxInputs || total > kMaxOutputs || first + rows > total ||
      total * cols > kMostWeights)
    reader.refuse("Tensor: " + text(key) + ": rows " + std::to_string(first) + " to " +
                  std::to_string(first + rows) + " of " + std::to_string(total) + " x " +
                  std::to_string(cols) + " make no matrix");
  const std::size_t codes = t.int8_codes().size(), nibbles = t.int4_codes().size();
  if (codes != 0 && (codes != rows * cols || static_cast<std::size_t>(t.int8_scales_size()) != rows))
    reader.refuse("Tensor: " + text(key) + ": int8_codes or int8_scales do not fill its rows");
  if (codes == 0 && nibbles == 0) reader.refuse("Tensor: " + text(key) + " has no codes");
  TraceMatrix& matrix = find(key);
  if (matrix.rows_seen == 0) {
    matrix.nested = t.int4() == tricycle::trace::INT4_NESTED;
    matrix.group = t.group();
    shape(matrix.int8, key, t.cols(), t.total_rows(), 7);
    shape(matrix.int4, key, t.cols(), t.total_rows(), 3);
    if (codes != 0) matrix.int8.codes.resize(total * cols);
    // Nested codes need no crossbars of their own.
    if (nibbles != 0 && !matrix.nested) matrix.int4.codes.resize(total * cols);
  }
  if (matrix.rows_seen != first || matrix.int8.inputs != cols || matrix.int8.outputs != total ||
      matrix.int8.codes.empty() != (codes == 0) ||
      matrix.int4.codes.empty() != (nibbles == 0 || matrix.nested))
    reader.refuse("Tensor: " + text(key) + ": row " + std::to_string(first) +
                  " does not go on from the piece before");
  for (std::size_t r = 0; codes != 0 && r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c)
      matrix.int8.codes[c * total + first + r] = static_cast<signed char>(t.int8_codes()[r * cols + c]);
    matrix.int8.scales.push_back(t.int8_scales(static_cast<int>(r)));
  }
  if (!matrix.int4.codes.empty()) {
    const std::size_t groups = t.group() == 0 ? 0 : (cols + t.group() - 1) / t.group();
    if (cols % 2 != 0 || nibbles != rows * cols / 2 || groups == 0 ||
        static_cast<std::size_t>(t.int4_scales_size()) != rows * groups)
      reader.refuse("Tensor: " + text(key) + ": int4_codes or int4_scales do not fill its rows");
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < cols; ++c)
        matrix.int4.codes[c * total + first + r] =
            static_cast<std::int16_t>(nibble(t.int4_codes(), r * cols + c));
    matrix.int4_scales.insert(matrix.int4_scales.end(), t.int4_scales().begin(), t.int4_scales().end());
    if (matrix.int4.scales.empty()) matrix.int4.scales.push_back(1);  // int4_scales has the real ones
  }
  matrix.rows_seen += static_cast<std::uint32_t>(rows);
}

void TraceWeights::add_digest(trace::Reader& reader) {
  const auto& d = reader.record().tile_digest();
  const TraceKey key{d.layer(), static_cast<int>(d.matrix())};
  if (d.rows() == 0 || d.cols() == 0 || d.cols() > kMaxInputs || d.rows() > kMaxOutputs ||
      d.tile_rows() == 0 || d.tile_cols() == 0 || d.tile_stride() == 0 || d.planes() == 0 ||
      d.planes() > kMaxMagnitudeBits)
    reader.refuse("TileDigest: " + text(key) + " has a size of 0, or one beyond the limits");
  const std::size_t all = std::size_t{(d.cols() + d.tile_rows() - 1) / d.tile_rows()} *
                          ((d.rows() + d.tile_cols() - 1) / d.tile_cols());
  const std::size_t tiles = (all + d.tile_stride() - 1) / d.tile_stride();
  if (d.ones().size() != tiles * d.planes() * 2 ||
      d.rows_by_leading_plane().size() != tiles * (d.planes() + 1))
    reader.refuse("TileDigest: " + text(key) + ": ones or rows_by_leading_plane do not fill its " +
                  std::to_string(tiles) + " tiles");
  TraceMatrix& matrix = find(key);
  if (matrix.rows_seen != 0) reader.refuse("TileDigest: " + text(key) + " is there twice");
  matrix.rows_seen = d.rows();
  shape(matrix.int8, key, d.cols(), d.rows(), d.planes());
  shape(matrix.int4, key, d.cols(), d.rows(), 3);
  TileStatistics& statistics = matrix.statistics;
  statistics.name = text(key);
  statistics.inputs = d.cols();
  statistics.outputs = d.rows();
  statistics.planes = d.planes();
  statistics.tile_rows = d.tile_rows();
  statistics.tile_cols = d.tile_cols();
  statistics.stride = d.tile_stride();
  statistics.tiles.resize(tiles);
  for (std::size_t t = 0; t < tiles; ++t) {
    for (unsigned p = 0; p < d.planes(); ++p)
      statistics.tiles[t].ones[p] = half_word(d.ones(), t * d.planes() + p);
    for (unsigned p = 0; p <= d.planes(); ++p)
      statistics.tiles[t].rows_by_leading[p] =
          static_cast<unsigned char>(d.rows_by_leading_plane()[t * (d.planes() + 1) + p]);
  }
}

std::vector<TraceMatrix> TraceWeights::take(const trace::Reader& reader) {
  for (const TraceMatrix& matrix : matrices_)
    if (matrix.rows_seen != matrix.int8.outputs)
      reader.refuse("Tensor: " + text(matrix.key) + " has only " + std::to_string(matrix.rows_seen) + " of " +
                    std::to_string(matrix.int8.outputs) + " rows");
  std::sort(matrices_.begin(), matrices_.end(),
            [](const TraceMatrix& a, const TraceMatrix& b) { return a.key < b.key; });
  return std::exchange(matrices_, {});
}

}  // namespace sme
