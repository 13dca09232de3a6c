// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Reads bytes that may be anything as the Chakra execution trace of one rank, and imports it as one rank and
// as both of two. It becomes a graph, or a sim::Error(Exit::input) says why not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "models/ring/chakra/import.h"
#include "sim/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  ring::chakra::Rank rank;
  try {
    rank = ring::chakra::read_rank(in, "input");
  } catch (const sim::Error& e) {
    if (e.exit_code() != sim::Exit::input) std::abort();
    return 0;
  }
  ring::chakra::ImportOptions options;
  options.tflops = 100;
  options.memory_gbytes_per_s = 1000;
  for (const auto& ranks :
       {std::vector<ring::chakra::Rank>{rank}, std::vector<ring::chakra::Rank>{rank, rank}}) {
    try {
      ring::chakra::import_ranks(ranks, "input", options);
    } catch (const sim::Error& e) {
      if (e.exit_code() != sim::Exit::input) std::abort();
    }
  }
  return 0;
}
