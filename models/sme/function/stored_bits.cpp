// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/stored_bits.h"

#include <algorithm>

namespace sme {

StoredBits::StoredBits(const CodedMatrix& matrix, SignMode sign, bool diagonal)
    : matrix_(matrix),
      sign_(sign),
      diagonal_(diagonal),
      planes_(matrix.planes + (sign == SignMode::offset ? 1 : 0)),
      rows_(diagonal ? matrix.inputs * matrix.outputs : matrix.inputs) {}

void StoredBits::read_codes(std::uint32_t row, std::uint32_t col, std::uint32_t count,
                            std::int16_t* out) const {
  if (!diagonal_) {
    const std::int16_t* codes = matrix_.codes.data() + std::size_t{row} * matrix_.outputs + col;
    std::copy(codes, codes + count, out);
    return;
  }
  std::fill(out, out + count, std::int16_t{0});
  const std::uint32_t channel = row / matrix_.inputs;
  if (channel >= col && channel - col < count)
    out[channel - col] = matrix_.codes[std::size_t{row % matrix_.inputs} * matrix_.outputs + channel];
}

std::uint16_t StoredBits::stored(unsigned set, std::int16_t code) const {
  switch (sign_) {
    case SignMode::offset:
      return static_cast<std::uint16_t>(code + offset());
    case SignMode::magnitude:
      return static_cast<std::uint16_t>(code < 0 ? -code : code);
    case SignMode::differential:
      break;
  }
  const int part = set == 0 ? code : -code;
  return static_cast<std::uint16_t>(part > 0 ? part : 0);
}

void StoredBits::read(unsigned set, std::uint32_t row, std::uint32_t col, std::uint32_t count,
                      std::uint16_t* out) const {
  std::int16_t codes[kMaxCrossbarSide];
  for (std::uint32_t done = 0; done < count;) {
    const std::uint32_t n = std::min<std::uint32_t>(count - done, kMaxCrossbarSide);
    read_codes(row, col + done, n, codes);
    // A cell of a diagonal mapping that belongs to another channel's rows is not programmed.
    if (diagonal_ && sign_ == SignMode::offset) {
      for (std::uint32_t i = 0; i < n; ++i)
        out[done + i] = row / matrix_.inputs == col + done + i ? stored(set, codes[i]) : std::uint16_t{0};
    } else if (sign_ == SignMode::magnitude) {
      for (std::uint32_t i = 0; i < n; ++i)
        out[done + i] = static_cast<std::uint16_t>(codes[i] < 0 ? -codes[i] : codes[i]);
    } else {
      for (std::uint32_t i = 0; i < n; ++i) out[done + i] = stored(set, codes[i]);
    }
    done += n;
  }
}

std::vector<Block> blocks(const StoredBits& bits, const CrossbarShape& shape) {
  std::vector<Block> all;
  if (bits.diagonal()) {
    const std::uint32_t channels = std::max(1u, std::min(shape.rows / bits.taps(), shape.cols));
    for (std::uint32_t c = 0; c < bits.cols(); c += channels) {
      const std::uint32_t n = std::min(channels, bits.cols() - c);
      all.push_back({c * bits.taps(), n * bits.taps(), c, n});
    }
    return all;
  }
  for (std::uint32_t r = 0; r < bits.rows(); r += shape.rows)
    for (std::uint32_t c = 0; c < bits.cols(); c += shape.cols)
      all.push_back({r, std::min(shape.rows, bits.rows() - r), c, std::min(shape.cols, bits.cols() - c)});
  return all;
}

}  // namespace sme
