// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The module allmod_reducer of each form: what stands between its ports, and the names of what it needs.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/allmod/rtl/rtl.h"

namespace allmod {

// A read-only memory of the module: file tables/<name>.hex, `depth` words of n bits.
struct RtlMemory {
  std::string name;
  unsigned depth = 0;
  unsigned address_bits = 0;
  std::vector<std::pair<unsigned, unsigned>> groups;  // (group, words) one behind the other; empty = overflow
  unsigned low = 0, bits = 0;                         // the piece [low, low + bits) of every entry
};

struct RtlBody {
  std::string text;
  std::vector<RtlMemory> memories;
};

RtlBody rtl_pipelined(const Datapath& datapath, const Modulus& modulus, const RtlOptions& options);
RtlBody rtl_template(const Datapath& datapath, const Modulus& modulus, const RtlOptions& options);
RtlBody rtl_serial(const Datapath& datapath, const Modulus& modulus,
                   const RtlOptions& options);  // and iterative

// Whether synthesis shall put a table of that size into block RAM.
bool rtl_in_bram(std::uint64_t depth, std::uint64_t width, const RtlOptions& options);

// An instance of the memory. Combinational: `data` follows `address`; registered: one cycle later, with the
// clock enable `enable`.
std::string memory_instance(const RtlMemory& memory, bool block, const std::string& address,
                            const std::string& data, const std::string& enable = "");

}  // namespace allmod
