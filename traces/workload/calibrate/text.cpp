// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/text.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "sim/core/error.h"
#include "traces/workload/calibrate/digest.h"
#include "traces/workload/model/strict_json.h"

namespace workload {

Text read_text(const std::filesystem::path& file, unsigned vocab, double held_out) {
  if (!(held_out >= 0 && held_out < 1))
    throw sim::Error(sim::Exit::usage, "the held-out share is outside 0 .. 1 (1 excluded)");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream stream;
  if (!in || !(stream << in.rdbuf()))
    throw sim::Error(sim::Exit::input, "cannot read the text " + file.string());
  const std::string bytes = stream.str();
  Text text;
  text.sha256 = sha256_of(bytes);
  if (file.extension() == ".json") {
    const nlohmann::json list = parse_strict_json(bytes, file.string());
    if (!list.is_array()) throw sim::Error(sim::Exit::input, file.string() + ": no JSON list of token ids");
    for (const nlohmann::json& id : list) {
      if (!id.is_number_unsigned() || id.get<std::uint64_t>() > 0xffffffffU)
        throw sim::Error(sim::Exit::input,
                         file.string() + ": item " + std::to_string(text.ids.size()) + " is no token id");
      text.ids.push_back(id.get<std::uint32_t>());
    }
  } else {
    for (const char c : bytes) text.ids.push_back(static_cast<unsigned char>(c));
  }
  for (std::size_t i = 0; i < text.ids.size(); ++i)
    if (text.ids[i] >= vocab)
      throw sim::Error(sim::Exit::input, file.string() + ": token " + std::to_string(i) + " has id " +
                                             std::to_string(text.ids[i]) + ", the vocabulary has " +
                                             std::to_string(vocab));
  text.held_out_begin =
      text.ids.size() - static_cast<std::size_t>(held_out * static_cast<double>(text.ids.size()));
  return text;
}

std::vector<std::vector<std::uint32_t>> windows(const Text& text, std::size_t begin, std::size_t end,
                                                std::size_t count, std::size_t length) {
  const std::size_t size = end - begin;
  if (length < 2 || count == 0)
    throw sim::Error(sim::Exit::usage, "windows need at least two tokens, and there must be one");
  if (size < length)
    throw sim::Error(sim::Exit::input, "the text has " + std::to_string(size) +
                                           " tokens in this part; a window takes " + std::to_string(length));
  count = std::min(count, size / length);
  std::vector<std::vector<std::uint32_t>> all;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t first = begin + (count == 1 ? 0 : (size - length) * i / (count - 1));
    all.emplace_back(text.ids.begin() + static_cast<std::ptrdiff_t>(first),
                     text.ids.begin() + static_cast<std::ptrdiff_t>(first + length));
  }
  return all;
}

}  // namespace workload
