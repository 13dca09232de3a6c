// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Reads and validates a trace that may be anything. Allowed are only two outcomes: it is read to its end, or
// a sim::Error(Exit::input) says why not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sim/core/error.h"
#include "traces/io/reader.h"
#include "traces/io/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    trace::Reader reader(trace::from_memory({reinterpret_cast<const char*>(data), size}), "input");
    trace::validate(reader, [](const std::string&) {});
  } catch (const sim::Error& e) {
    if (e.exit_code() != sim::Exit::input) std::abort();
  }
  return 0;
}
