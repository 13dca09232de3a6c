// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <string_view>

namespace sim::app {

/// SHA-256 in lower-case hex (64 digits).
std::string sha256(std::string_view bytes);

}  // namespace sim::app
