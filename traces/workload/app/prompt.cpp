// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/prompt.h"

#include <charconv>
#include <fstream>
#include <iterator>

#include "sim/core/error.h"

namespace workload {
namespace {

constexpr std::uintmax_t kMostFileBytes = std::uintmax_t{64} << 20;

std::string read_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  std::ifstream in(file, std::ios::binary);
  if (error || !in) throw sim::Error(sim::Exit::input, file.string() + ": the prompt cannot be read");
  if (size > kMostFileBytes) {
    throw sim::Error(sim::Exit::input, file.string() + ": a prompt of more than 64 MiB fits no context");
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::uint32_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()),
          reinterpret_cast<const unsigned char*>(text.data()) + text.size()};
}

}  // namespace

bool is_byte_level(const ModelShape& shape, const std::filesystem::path& directory) {
  if (shape.vocab != 256) return false;
  std::error_code error;
  return directory.empty() || (!std::filesystem::exists(directory / "tokenizer.json", error) &&
                               !std::filesystem::exists(directory / "tokenizer.model", error));
}

std::vector<std::uint32_t> parse_ids(const std::string& text, sim::Exit exit_code, const std::string& where) {
  std::vector<std::uint32_t> ids;
  const std::string separators = ", \t\r\n";
  std::size_t at = text.find_first_not_of(separators);
  while (at != std::string::npos) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    std::uint32_t id = 0;
    const auto result = std::from_chars(text.data() + at, text.data() + end, id);
    if (result.ec != std::errc() || result.ptr != text.data() + end) {
      throw sim::Error(exit_code, where + ": '" + text.substr(at, std::min<std::size_t>(end - at, 40)) +
                                      "' is no token id; ids are numbers separated by commas");
    }
    ids.push_back(id);
    at = text.find_first_not_of(separators, end);
  }
  return ids;
}

std::vector<std::uint32_t> read_prompt(const RunOptions& o, const ModelShape& shape) {
  const bool bytes = is_byte_level(shape, o.model);
  std::vector<std::uint32_t> ids;
  std::string where = "--prompt-ids";
  if (!o.prompt_ids.empty()) {
    ids = parse_ids(o.prompt_ids, sim::Exit::usage, where);
  } else if (!o.prompt_file.empty()) {
    where = o.prompt_file;
    const std::string text = read_file(o.prompt_file);
    ids = bytes ? bytes_of(text) : parse_ids(text, sim::Exit::input, where);
  } else {
    where = "--prompt";
    if (!bytes) {
      throw sim::Error(sim::Exit::usage,
                       "--prompt: the model has a vocabulary of " + std::to_string(shape.vocab) +
                           " tokens or a tokenizer of its own, so text cannot be turned into ids "
                           "here; give --prompt-ids");
    }
    ids = bytes_of(o.prompt);
  }
  if (ids.empty()) throw sim::Error(sim::Exit::input, where + ": the prompt has no tokens");
  if (ids.size() > shape.context) {
    throw sim::Error(sim::Exit::input, where + ": the prompt has " + std::to_string(ids.size()) +
                                           " tokens, the model's context " + std::to_string(shape.context));
  }
  if (o.tokens > shape.context - ids.size()) {
    throw sim::Error(sim::Exit::usage, "--tokens " + std::to_string(o.tokens) + " behind a prompt of " +
                                           std::to_string(ids.size()) +
                                           " is more than the model's context of " +
                                           std::to_string(shape.context) + "; at most " +
                                           std::to_string(shape.context - ids.size()) + " fit");
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= shape.vocab) {
      throw sim::Error(sim::Exit::input, where + ": id " + std::to_string(ids[i]) + " of token " +
                                             std::to_string(i) + " is outside the vocabulary of " +
                                             std::to_string(shape.vocab));
    }
  }
  return ids;
}

}  // namespace workload
