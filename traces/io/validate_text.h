// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>

namespace trace {

/// A number within a message: messages are mostly numbers.
inline std::string n(std::uint64_t value) { return std::to_string(value); }

}  // namespace trace
