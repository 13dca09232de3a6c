// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <string_view>

namespace workload {

// SHA-256 as 64 hexadecimal digits.
std::string sha256_of(std::string_view bytes);

}  // namespace workload
