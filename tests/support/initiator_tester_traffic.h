// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "tests/support/initiator_tester.h"

namespace test {

struct Traffic {
  std::uint64_t seed = 1;
  unsigned count = 200;
  std::uint64_t base = 0;  // of the bytes that this initiator alone uses
  unsigned bytes = 256;
  unsigned max_length = 32;
  bool enables = true;
  bool streaming = false;
  sc_core::sc_time max_gap = {};  // random pauses between requests
};

// Random reads and writes against a model of the memory kept here, which must start as zeros. A read is
// compared with what the writes sent before it left: true for any target that executes requests of one
// initiator in the order in which they were sent.
inline Initiator::Script random_traffic(const Traffic& traffic) {
  return [traffic](Initiator& self) {
    std::mt19937_64 random(traffic.seed);
    const auto draw = [&random](std::uint64_t n) { return static_cast<unsigned>(random() % n); };
    Bytes memory(traffic.bytes);
    std::vector<Command> sent;
    sent.reserve(traffic.count);  // payloads point into the enables
    std::vector<Bytes> expected;
    std::vector<std::size_t> index;
    for (unsigned n = 0; n < traffic.count; ++n) {
      Command command;
      const unsigned length = 1 + draw(traffic.max_length);
      const unsigned at = draw(traffic.bytes - length + 1);
      command.command = draw(2) == 0 ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND;
      command.address = traffic.base + at;
      for (unsigned i = 0; i < length; ++i) command.data.push_back(static_cast<unsigned char>(draw(256)));
      if (traffic.enables && draw(3) == 0) {
        for (unsigned i = 0, size = 1 + draw(length); i < size; ++i) {
          command.enables.push_back(draw(2) == 0 ? TLM_BYTE_DISABLED : TLM_BYTE_ENABLED);
        }
      }
      if (traffic.streaming && draw(4) == 0) command.streaming_width = 1 + draw(length);
      const unsigned width = command.streaming_width != 0 ? command.streaming_width : length;
      if (traffic.max_gap != sc_core::SC_ZERO_TIME && draw(2) == 0) {
        command.gap = sc_core::sc_time::from_value(random() % traffic.max_gap.value());
      }
      Bytes after = command.data;  // a byte that is not enabled keeps what the initiator had put there
      for (unsigned i = 0; i < length; ++i) {
        if (!command.enables.empty() && command.enables[i % command.enables.size()] == TLM_BYTE_DISABLED)
          continue;
        if (command.command == tlm::TLM_WRITE_COMMAND) memory[at + i % width] = command.data[i];
        if (command.command == tlm::TLM_READ_COMMAND) after[i] = memory[at + i % width];
      }
      sent.push_back(command);
      expected.push_back(after);
      index.push_back(self.issue(sent.back()));
    }
    self.drain();
    for (unsigned n = 0; n < traffic.count; ++n) {
      const Result& result = self.results()[index[n]];
      ASSERT_TRUE(result.done) << self.name() << ": transaction " << n << " has no end";
      ASSERT_EQ(result.status, tlm::TLM_OK_RESPONSE) << self.name() << ": transaction " << n;
      ASSERT_EQ(result.data, expected[n])
          << self.name() << ": transaction " << n << ", seed " << traffic.seed;
    }
  };
}

}  // namespace test
