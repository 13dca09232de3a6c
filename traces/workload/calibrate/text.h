// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace workload {

// A text as token ids: the bytes of a file (byte-level models), or a JSON list of ids from a file that ends
// in .json (models with a tokenizer). The last share of it is held out: calibration never sees it, evaluation
// uses nothing else.
struct Text {
  std::vector<std::uint32_t> ids;
  std::size_t held_out_begin = 0;
  std::string sha256;  // of the file, hexadecimal
};

// Throws sim::Error (input) for a file that cannot be read or an id outside the vocabulary, (usage) for a
// share outside [0, 1).
Text read_text(const std::filesystem::path& file, unsigned vocab, double held_out);

// `count` windows of `length` ids out of [begin, end), evenly spaced, first at the begin and last at the end.
// Throws sim::Error (input) where not even one fits; gives fewer where they would overlap.
std::vector<std::vector<std::uint32_t>> windows(const Text& text, std::size_t begin, std::size_t end,
                                                std::size_t count, std::size_t length);

}  // namespace workload
