// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/slice.h"

#include <exception>
#include <optional>
#include <system_error>

#include "sim/core/error.h"
#include "traces/io/writer.h"

namespace trace {
namespace {

namespace fs = std::filesystem;

struct Copy {
  std::optional<std::uint32_t> first, last;  // token indices met
  std::uint64_t tokens = 0;
};

void copy(Reader& reader, const TokenRange& range, Writer& writer, Copy& state,
          const std::function<void()>& progress) {
  bool in_range = true;  // what stands before the first token
  while (reader.next()) {
    if (progress) progress();
    if (reader.kind() == Kind::token) {
      const std::uint32_t index = reader.record().token().index();
      if (!state.first) state.first = index;
      state.last = index;
      in_range = index >= range.begin && index < range.end;
      if (in_range) ++state.tokens;
    }
    // A modulus may be named by any token behind it.
    if (in_range || reader.kind() == Kind::modulus) writer.write_bytes(reader.bytes());
  }
}

}  // namespace

SliceResult slice(Reader& reader, const TokenRange& range, const fs::path& to,
                  const std::function<void()>& progress) {
  fs::path partial = to;
  partial += ".partial";
  Copy state;
  std::exception_ptr damage;
  {
    Writer writer(partial, reader.header());
    try {
      copy(reader, range, writer, state, progress);
    } catch (const sim::Error&) {
      damage = std::current_exception();
    }
    if (state.tokens > 0) writer.finish(!damage && reader.footer().complete());
  }
  std::error_code error;
  if (state.tokens == 0) {
    fs::remove(partial, error);
    if (damage) std::rethrow_exception(damage);
    throw sim::Error(
        sim::Exit::usage,
        reader.name() + (state.first ? ": has the tokens " + std::to_string(*state.first) + " to " +
                                           std::to_string(*state.last) + "; the range holds none of them"
                                     : ": has no tokens"));
  }
  fs::rename(partial, to, error);
  if (error) {
    throw sim::Error(sim::Exit::input,
                     "cannot rename " + partial.string() + " to " + to.string() + ": " + error.message());
  }
  if (damage) {
    try {
      std::rethrow_exception(damage);
    } catch (const sim::Error& e) {
      throw sim::Error(e.exit_code(), std::string(e.what()) + "\n" + to.string() + " holds the " +
                                          std::to_string(state.tokens) +
                                          " tokens before that, marked incomplete");
    }
  }
  return {state.tokens, reader.skipped()};
}

}  // namespace trace
