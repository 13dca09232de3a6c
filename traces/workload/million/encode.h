// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/workload/million/codebook.h"
#include "traces/workload/numeric/cpu.h"

namespace million {

// One code a sub-vector, whatever the code's width; codes are packed only where bytes count (pack_codes).
using Code = std::uint16_t;

// Codes of `count` vectors of head_dim: codes[count][M]. Per sub-vector the centroid with the smallest
// squared distance, lowest index on ties. The distance is added up in f32 over the components in order, each
// operation rounded on its own: acc = acc + (x - c) * (x - c). Vectors must be finite.
void encode(const Codebook& book, const float* vectors, std::size_t count, Code* codes,
            workload::SimdLevel level = workload::detect_simd_level());

// The vectors that codes stand for, [count][head_dim].
void decode(const Codebook& book, const Code* codes, std::size_t count, float* vectors);

// As the codes are stored and moved: per vector M codes of code_bits as one bit stream, least significant bit
// first, shape.code_bytes() bytes a vector. With 8-bit codes that is one byte a code.
std::vector<std::uint8_t> pack_codes(const PqShape& shape, const Code* codes, std::size_t count);
std::vector<Code> unpack_codes(const PqShape& shape, const std::uint8_t* bytes, std::size_t count);

}  // namespace million
