// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Reads bytes that may be anything as a configuration with every kind of setting. What is wrong must be in
// the diagnostics, nothing may be thrown; what is read without an error must come back the same from its own
// dump.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/unit/config/machine.h"

namespace {

/// The dump of what was read; empty when there were errors.
std::string read_and_dump(const std::string& text) {
  sim::config::Diagnostics diagnostics;
  const auto document = sim::config::Document::parse(text, "input", diagnostics);
  config_test::Machine machine;
  const auto resolved = sim::config::read(document, machine, diagnostics);
  return diagnostics.ok() ? sim::config::dump(machine, &resolved) : std::string();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (text.find("include") != std::string::npos) return 0;  // other files are not part of the input
  const std::string dump = read_and_dump(text);
  if (!dump.empty() && read_and_dump(dump) != dump) std::abort();
  return 0;
}
