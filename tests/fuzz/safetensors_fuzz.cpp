// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Reads bytes that may be anything as a safetensors file (length, header, data) and as a config.json. Allowed
// are only two outcomes: it is read, or a sim::Error(Exit::input) says why not. A header that is accepted
// must describe the data: every byte in exactly one tensor.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "sim/core/error.h"
#include "traces/workload/model/config.h"
#include "traces/workload/model/safetensors.h"
#include "traces/workload/model/strict_json.h"

namespace {

void read_weights(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return;
  std::uint64_t length = 0;
  std::memcpy(&length, data, 8);
  if (length > size - 8) return;
  const std::string text(reinterpret_cast<const char*>(data) + 8, length);
  std::uint64_t bytes = 0;
  for (const auto& [name, entry] : workload::parse_safetensors_header(text, 8 + length, size, "input")) {
    if (entry.begin < 8 + length || entry.bytes > size - entry.begin) std::abort();
    if (entry.bytes != entry.elements * (entry.type == workload::TensorType::f32 ? 4 : 2)) std::abort();
    bytes += entry.bytes;
  }
  if (bytes != size - 8 - length) std::abort();
}

template <class Call>
void expect_input_error(const Call& call) {
  try {
    call();
  } catch (const sim::Error& e) {
    if (e.exit_code() != sim::Exit::input) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  expect_input_error([&] { read_weights(data, size); });
  expect_input_error([&] {
    const std::string text(reinterpret_cast<const char*>(data), size);
    workload::shape_from_config(workload::parse_strict_json(text, "input"), "input");
  });
  return 0;
}
