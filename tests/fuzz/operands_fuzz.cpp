// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Reads bytes that may be anything as an operand file, for two lengths. There is at least one operand and all
// are below 2^(2n), or a sim::Error(Exit::input) says why not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "models/allmod/function/operands.h"
#include "sim/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const unsigned n : {5U, 128U}) {
    std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
    try {
      const allmod::FileOperands operands(in, "input", n);
      if (operands.size() == 0) std::abort();
      std::vector<allmod::Limb> x(operands.x_limbs());
      for (std::uint64_t i = 0; i < operands.size(); ++i) {
        operands.get(i, x.data());
        if (2 * n < 64 && x[0] >> 2 * n != 0) std::abort();
      }
    } catch (const sim::Error& e) {
      if (e.exit_code() != sim::Exit::input) std::abort();
    }
  }
  return 0;
}
