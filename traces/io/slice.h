// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "traces/io/reader.h"

namespace trace {

/// Tokens [begin, end) by their index.
struct TokenRange {
  std::uint64_t begin = 0;
  std::uint64_t end = UINT64_MAX;
};

struct SliceResult {
  std::uint64_t tokens = 0;
  std::uint64_t left_out = 0;  ///< records of unknown kinds, which cannot be copied
};

/// Writes header, what stands before the first token, every Modulus and the tokens of the range with what
/// belongs to them into a trace of its own. The new file appears under its name when it is whole.
/// Where `reader`'s file is damaged, the new one ends before the damage and says that it is not complete; the
/// error is thrown then. Throws sim::Error(Exit::usage) where the range holds no token.
SliceResult slice(Reader& reader, const TokenRange& range, const std::filesystem::path& to,
                  const std::function<void()>& progress = {});

}  // namespace trace
