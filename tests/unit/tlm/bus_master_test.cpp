// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/bus_master.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "sim/tlm/protocol_checker.h"
#include "tests/support/target_tester.h"

namespace {

// Random writes and reads against a model of the memory, one after the other.
struct Writer : sc_core::sc_module {
  explicit Writer(sc_core::sc_module_name module_name) : sc_module(module_name), master("master") {
    SC_HAS_PROCESS(Writer);
    SC_THREAD(run);
  }
  sim::bus::BusMaster<32> master;
  unsigned reads = 0;
  bool finished = false;

  void run() {
    std::mt19937_64 random(5);
    std::vector<unsigned char> memory(64);
    for (unsigned i = 0; i < 500; ++i) {
      const unsigned bytes = 1 + static_cast<unsigned>(random() % 16);
      const unsigned at = static_cast<unsigned>(random() % (memory.size() - bytes));
      std::vector<unsigned char> data(bytes);
      if (random() % 2 == 0) {
        for (auto& b : data) b = static_cast<unsigned char>(random());
        EXPECT_EQ(master.write(at, data.data(), bytes), tlm::TLM_OK_RESPONSE);
        std::copy(data.begin(), data.end(), memory.begin() + at);
      } else {
        EXPECT_EQ(master.read(at, data.data(), bytes), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(std::equal(data.begin(), data.end(), memory.begin() + at));
        ++reads;
      }
      if (random() % 4 == 0) wait(static_cast<double>(random() % 20), sc_core::SC_NS);
    }
    unsigned char unchanged = 77;
    EXPECT_EQ(master.read(1000, &unchanged, 1), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(unchanged, 77);
    finished = true;
  }
};

// Whatever legal form the target answers in, with delays annotated or waited for.
TEST(BusMaster, UnderstandsEveryLegalForm) {
  Writer writer("writer");
  sim::bus::ProtocolChecker<32> checker("checker");
  test::TargetTester<32> target("target", 64);
  writer.master.socket.bind(checker.target_socket);
  checker.initiator_socket.bind(target.socket);
  sc_core::sc_start();
  EXPECT_TRUE(writer.finished);
  EXPECT_GT(writer.reads, 100u);
  EXPECT_TRUE(checker.violations().empty());
  EXPECT_TRUE(checker.rules().unfinished().empty());
  writer.master.pool().check();
  EXPECT_EQ(writer.master.pool().created(), 1u);  // one transaction at a time
}

}  // namespace
