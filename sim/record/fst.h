// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <string>

namespace sim::record {

// Runs `converter` (vcd2fst of GTKWave, looked up in PATH) and waits for it. Returns "" when `fst` has been
// written, else a sentence for the user; a partial file is removed.
std::string convert_to_fst(const std::filesystem::path& vcd, const std::filesystem::path& fst,
                           const std::string& converter = "vcd2fst");

}  // namespace sim::record
