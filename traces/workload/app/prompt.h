// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/core/error.h"
#include "traces/workload/app/run_options.h"
#include "traces/workload/model/shape.h"

namespace workload {

// Whether a token is a byte: 256 tokens, and no tokenizer in the model directory (which may be empty).
bool is_byte_level(const ModelShape& shape, const std::filesystem::path& directory);

// Ids separated by commas or white space. Throws sim::Error with `exit_code`; `where` leads the message.
std::vector<std::uint32_t> parse_ids(const std::string& text, sim::Exit exit_code, const std::string& where);

// The prompt's ids. Throws sim::Error: (usage) for text where the model is not byte-level, ids that are no
// numbers, more tokens than the context has room for; (input) for a file that cannot be read, ids outside the
// vocabulary, a prompt without tokens or longer than the context.
std::vector<std::uint32_t> read_prompt(const RunOptions& options, const ModelShape& shape);

}  // namespace workload
