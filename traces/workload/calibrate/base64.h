// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace workload {

// RFC 4648, with padding.
std::string to_base64(const std::vector<std::uint8_t>& bytes);

// Throws sim::Error (input) for anything but the canonical text of some bytes; `where` leads the message.
std::vector<std::uint8_t> from_base64(std::string_view text, const std::string& where);

}  // namespace workload
