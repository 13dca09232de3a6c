// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Rules of the records that carry weights.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "sim/core/ceil_div.h"
#include "traces/io/shape.h"
#include "traces/io/validate.h"
#include "traces/io/validate_text.h"

namespace trace {
namespace {

using sim::ceil_div;

template <class List>
bool all_finite(const List& scales) {
  return std::all_of(scales.begin(), scales.end(), [](float x) { return std::isfinite(x) && x >= 0; });
}

bool has_minus_eight(const std::string& codes) {
  return std::any_of(codes.begin(), codes.end(),
                     [](char c) { return (c & 0x0f) == 8 || (c & 0xf0) == 0x80; });
}

}  // namespace

void Validator::check(const Tensor& t) {
  check_before_token("Tensor");
  if (!header_.content().weights()) wrong("Tensor: the header's content.weights says that there is none");
  if (!check_matrix("Tensor", t.layer(), t.matrix(), t.total_rows(), t.cols())) return;
  const std::string name = matrix_name(t.matrix()) + " of layer " + n(t.layer());
  const std::uint64_t end = std::uint64_t{t.first_row()} + t.rows();
  if (t.rows() == 0 || end > t.total_rows()) {
    wrong("Tensor: rows " + n(t.first_row()) + " to " + n(end) + " of " + name + ", which has " +
          n(t.total_rows()));
    return;
  }
  std::uint64_t& rows = tensor_rows_[{t.layer(), t.matrix()}];
  if (t.first_row() != rows) {
    wrong("Tensor: " + name + " goes on with row " + n(t.first_row()) + ", expected is row " + n(rows));
  }
  rows = end;
  check_codes(t);
}

void Validator::check_codes(const Tensor& t) {
  const std::uint64_t codes = std::uint64_t{t.rows()} * t.cols();
  const auto size = [this](const char* field, std::uint64_t is, std::uint64_t expected) {
    if (is != expected)
      wrong(std::string("Tensor: ") + field + " has " + n(is) + " entries, expected are " + n(expected));
  };
  if (t.int8_codes().empty() && t.int4_codes().empty()) wrong("Tensor: neither int8_codes nor int4_codes");
  if (!t.int8_codes().empty()) {
    size("int8_codes", t.int8_codes().size(), codes);
    size("int8_scales", t.int8_scales_size(), t.rows());
    if (std::memchr(t.int8_codes().data(), 0x80, t.int8_codes().size()) != nullptr) {
      wrong("Tensor: int8_codes has a code of -128; the least is -127");
    }
  }
  if (t.int4() != tricycle::trace::INT4_GROUP && t.int4() != tricycle::trace::INT4_NESTED &&
      t.int4() != tricycle::trace::INT4_UNSPECIFIED) {
    wrong("Tensor: there is no INT4 format " + n(t.int4()));
  }
  if (t.int4_codes().empty()) {
    // Nested codes are part of the INT8 codes and may be left out.
    if (t.int4() == tricycle::trace::INT4_GROUP)
      wrong("Tensor: int4 is INT4_GROUP, but there are no int4_codes");
  } else {
    if (t.int4() == tricycle::trace::INT4_UNSPECIFIED) wrong("Tensor: int4_codes without a format in int4");
    if (t.cols() % 2 != 0) wrong("Tensor: int4_codes of a matrix with an odd number of columns");
    size("int4_codes", t.int4_codes().size(), codes / 2);
    if (has_minus_eight(t.int4_codes())) wrong("Tensor: int4_codes has a code of -8; the least is -7");
  }
  if (t.int4() == tricycle::trace::INT4_GROUP) {
    if (t.group() == 0) {
      wrong("Tensor: group is 0");
    } else {
      size("int4_scales", t.int4_scales_size(), t.rows() * ceil_div(t.cols(), t.group()));
    }
  }
  if (!all_finite(t.int8_scales()) || !all_finite(t.int4_scales())) {
    wrong("Tensor: a scale is negative, infinite or no number");
  }
}

void Validator::check(const TileDigest& d) {
  check_before_token("TileDigest");
  if (!header_.content().tile_digests()) {
    wrong("TileDigest: the header's content.tile_digests says that there is none");
  }
  if (!check_matrix("TileDigest", d.layer(), d.matrix(), d.rows(), d.cols())) return;
  if (!digests_.emplace(std::pair{d.layer(), static_cast<int>(d.matrix())}, true).second) {
    wrong("TileDigest: a second one of " + matrix_name(d.matrix()) + " of layer " + n(d.layer()));
  }
  if (d.tile_rows() == 0 || d.tile_rows() > 255 || d.tile_cols() == 0 || d.tile_stride() == 0) {
    wrong("TileDigest: tile_rows " + n(d.tile_rows()) + " is outside 1 to 255, or tile_cols " +
          n(d.tile_cols()) + " or tile_stride " + n(d.tile_stride()) + " is 0");
    return;
  }
  if (d.planes() == 0 || d.planes() > 7) {
    wrong("TileDigest: " + n(d.planes()) + " planes, outside 1 to 7");
    return;
  }
  const std::uint64_t across = ceil_div(d.rows(), d.tile_cols());
  const std::uint64_t tiles = ceil_div(d.cols(), d.tile_rows()) * across;
  const std::uint64_t present = ceil_div(tiles, d.tile_stride());
  const std::uint64_t ones = present * d.planes() * 2, leading = present * (d.planes() + 1);
  if (d.ones().size() != ones || d.rows_by_leading_plane().size() != leading) {
    wrong("TileDigest: " + n(present) + " tiles of " + n(tiles) + " need " + n(ones) + " bytes of ones and " +
          n(leading) + " of rows_by_leading_plane, there are " + n(d.ones().size()) + " and " +
          n(d.rows_by_leading_plane().size()));
    return;
  }
  for (std::uint64_t i = 0; i < present; ++i) {
    const std::uint64_t tile = i * d.tile_stride();
    const std::uint64_t expected =
        std::min<std::uint64_t>(d.tile_rows(), d.cols() - tile / across * d.tile_rows());
    std::uint64_t sum = 0;
    for (unsigned p = 0; p <= d.planes(); ++p) {
      sum += static_cast<unsigned char>(d.rows_by_leading_plane()[i * (d.planes() + 1) + p]);
    }
    if (sum != expected) {
      wrong("TileDigest: tile " + n(tile) + " has " + n(expected) +
            " rows, rows_by_leading_plane adds up to " + n(sum));
      return;
    }
    const std::uint64_t codes =
        expected * std::min<std::uint64_t>(d.tile_cols(), d.rows() - tile % across * d.tile_cols());
    for (unsigned p = 0; p < d.planes(); ++p) {
      const char* const at = d.ones().data() + 2 * (i * d.planes() + p);
      const unsigned count = static_cast<unsigned char>(at[0]) + 256U * static_cast<unsigned char>(at[1]);
      if (count <= codes) continue;
      wrong("TileDigest: tile " + n(tile) + " has " + n(codes) + " codes, " + n(count) +
            " of them with a one in plane " + n(p + 1));
      return;
    }
  }
}

// Once, where the last weights must have come.
void Validator::check_content() {
  if (weights_checked_) return;
  weights_checked_ = true;
  for (const auto& [place, rows] : tensor_rows_) {
    const std::uint64_t all = matrix_shape(header_.model(), static_cast<Matrix>(place.second)).rows;
    if (rows == all) continue;
    wrong("Tensor records of " + matrix_name(place.second) + " of layer " + n(place.first) + " end at row " +
          n(rows) + " of " + n(all));
  }
}

}  // namespace trace
