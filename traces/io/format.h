// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The numbers of the container (traces/FORMAT.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trace {

/// The version that this library writes. It reads this one and every earlier one.
constexpr unsigned kVersion = 1;

/// The first eight bytes of a file; the last of them is the version. A transfer in text mode, or one that
/// drops the eighth bit, spoils one of the others.
constexpr std::array<unsigned char, 8> kMagic = {0x89, 'T', 'C', 'T', '\r', '\n', 0x1a, kVersion};

/// A frame is written once it holds this much.
constexpr std::size_t kFrameBytes = 256u << 10;

/// Nothing bigger is written or read, so that a small file cannot make a reader allocate much: the content of
/// a frame (and so a record), the zstd window (log2), fields of one record, groups nested in each other.
constexpr std::size_t kMaxFrameBytes = 16u << 20;
constexpr int kMaxWindowLog = 24;
constexpr std::size_t kMaxFields = 1u << 20;
constexpr unsigned kMaxDepth = 16;

/// The kinds of records by their field numbers in Record.
enum class Kind : unsigned {
  header = 1,
  footer = 2,
  tensor = 3,
  tile_digest = 4,
  prefill = 5,
  token = 6,
  gemv = 7,
  kv_append = 8,
  kv_attend = 9,
  modulus = 10,
  mod_mul = 11,
};
constexpr unsigned kKinds = 11;

/// "header", "tile_digest", ...; "kind 99" for one of a later version.
std::string kind_name(unsigned kind);
inline std::string kind_name(Kind kind) { return kind_name(static_cast<unsigned>(kind)); }

/// All names, in the order of their numbers.
const std::vector<std::string>& kind_names();

/// 0 where there is no such kind.
unsigned kind_of_name(std::string_view name);

/// A text of a file for a message or a terminal: control characters become '?', what is long is cut.
std::string printable(std::string_view text);

/// Lower-case hexadecimal, two digits a byte.
std::string hex(std::string_view bytes);

}  // namespace trace
