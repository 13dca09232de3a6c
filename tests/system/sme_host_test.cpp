// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The memory-mapped port of the chip, through the base-protocol checker: products started by software have
// the values of the function library and take the cycles of the same products without the port.
#include <cstring>
#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "sim/tlm/bus_master.h"
#include "sim/tlm/protocol_checker.h"
#include "tests/support/sme_bench.h"

namespace sme::test {
namespace {

struct HostBench : sc_core::sc_module {
  HostBench(sc_core::sc_module_name module_name, const ChipConfig& config,
            std::vector<std::shared_ptr<const Layer>> layers, std::function<void(HostBench&)> software)
      : sc_module(module_name),
        stats("host"),
        chip("chip", config, std::move(layers), failure, stats, recorder, &host),
        master("master"),
        checker("checker"),
        irq("irq"),
        software_(std::move(software)) {
    master.socket.bind(checker.target_socket);
    checker.initiator_socket.bind(chip.socket());
    chip.irq.bind(irq);
    SC_HAS_PROCESS(HostBench);
    SC_THREAD(run);
  }
  void run() {
    software_(*this);
    finished = true;
  }
  tlm::tlm_response_status set(std::uint64_t at, std::uint64_t value) { return master.write(at, &value, 8); }
  std::uint64_t get(std::uint64_t at) {
    std::uint64_t value = 0;
    EXPECT_EQ(master.read(at, &value, 8), tlm::TLM_OK_RESPONSE);
    return value;
  }
  std::vector<std::int64_t> sums(std::size_t count) {
    std::vector<std::int64_t> y(count);
    EXPECT_EQ(master.read(HostMap::kResult, y.data(), static_cast<unsigned>(8 * count)),
              tlm::TLM_OK_RESPONSE);
    return y;
  }

  HostPortConfig host;
  sim::Failure failure;
  sim::stats::Group stats;
  sim::record::Recorder recorder;
  Chip chip;
  sim::bus::BusMaster<64> master;
  sim::bus::ProtocolChecker<64> checker;
  sc_core::sc_signal<bool> irq;
  bool finished = false;

 private:
  std::function<void(HostBench&)> software_;
};

std::vector<std::uint8_t> vector_of(std::uint32_t length, unsigned seed) {
  std::vector<std::uint8_t> a(length);
  std::mt19937_64 random(seed);
  for (std::uint8_t& x : a) x = static_cast<std::uint8_t>(random());
  return a;
}

std::vector<std::int64_t> expected(const Layer& layer, const std::vector<std::uint8_t>& a,
                                   unsigned planes = 0) {
  GemvOptions options;
  options.planes_driven = planes;
  GemvResult result;
  layer.gemv(a.data(), 1, options, result);
  return result.y;
}

ChipConfig small_chip() {
  ChipConfig c;
  c.banks = 3;
  c.units = 4;
  return c;
}

TEST(Host, ProductsHaveTheirValuesAndCycles) {
  const auto first = make_layer(100, 40, magnitude(1), 1), second = make_layer(200, 130, LayerSettings{}, 2);
  HostBench bench("bench", small_chip(), {first, second}, [&](HostBench& b) {
    EXPECT_EQ(b.get(HostMap::kId), 0x534D45u);
    EXPECT_EQ(b.get(HostMap::kLayers), 2u);
    EXPECT_EQ(b.get(HostMap::kBanks), 3u);
    EXPECT_EQ(b.set(HostMap::kLayer, 2), tlm::TLM_GENERIC_ERROR_RESPONSE);
    b.set(HostMap::kLayer, 1);
    EXPECT_EQ(b.get(HostMap::kInputs), 200u);
    EXPECT_EQ(b.get(HostMap::kOutputs), 130u);
    EXPECT_EQ(b.set(HostMap::kControl, HostMap::kPop), tlm::TLM_GENERIC_ERROR_RESPONSE);
    std::int64_t none = 0;
    EXPECT_EQ(b.master.read(HostMap::kResult, &none, 8), tlm::TLM_GENERIC_ERROR_RESPONSE);
    EXPECT_EQ(b.master.read(HostMap::kShortResult, &none, 4), tlm::TLM_GENERIC_ERROR_RESPONSE);
    for (unsigned round = 0; round < 3; ++round) {
      const unsigned layer = round % 2 == 0 ? 1 : 0, planes = round == 2 ? 3 : 0;
      const Layer& mapped = b.chip.layer(layer);
      const auto a = vector_of(mapped.map().inputs, round);
      b.set(HostMap::kLayer, layer);
      b.set(HostMap::kPlanes, planes);
      EXPECT_EQ(b.master.write(HostMap::kInput, a.data(), static_cast<unsigned>(a.size())),
                tlm::TLM_OK_RESPONSE);
      EXPECT_EQ(b.set(HostMap::kControl, HostMap::kIrqEnable | HostMap::kStart), tlm::TLM_OK_RESPONSE);
      EXPECT_EQ(b.get(HostMap::kStatus), HostMap::kRoomLeft | HostMap::kBusy);
      if (!b.irq.read()) sc_core::wait(b.irq.posedge_event());
      EXPECT_EQ(b.get(HostMap::kResults), 1u);
      EXPECT_EQ(b.sums(mapped.map().outputs), expected(mapped, a, planes));
      std::vector<std::int32_t> words(mapped.map().outputs);
      EXPECT_EQ(b.master.read(HostMap::kShortResult, words.data(), static_cast<unsigned>(4 * words.size())),
                tlm::TLM_OK_RESPONSE);
      EXPECT_EQ(std::vector<std::int64_t>(words.begin(), words.end()), expected(mapped, a, planes));
      unsigned char part[7];  // bytes 6 to 12: of words 1, 2 and 3
      EXPECT_EQ(b.master.read(HostMap::kShortResult + 6, part, sizeof part), tlm::TLM_OK_RESPONSE);
      EXPECT_EQ(std::memcmp(part, reinterpret_cast<const char*>(words.data()) + 6, sizeof part), 0);
      EXPECT_EQ(b.master.read(HostMap::kShortResult + 4 * words.size() - 3, part, 4),
                tlm::TLM_ADDRESS_ERROR_RESPONSE);
      // The same product without the port.
      EXPECT_GT(b.get(HostMap::kCycles), 900u);
      b.set(HostMap::kControl, HostMap::kIrqEnable | HostMap::kPop);
      EXPECT_EQ(b.get(HostMap::kStatus), HostMap::kRoomLeft);
      sc_core::wait(sc_core::SC_ZERO_TIME);
      EXPECT_FALSE(b.irq.read());
    }
    EXPECT_EQ(b.get(HostMap::kDone), 3u);
    // Banks can be looked into.
    std::uint64_t products = 0;
    for (unsigned i = 0; i < 3; ++i) {
      EXPECT_EQ(b.get(HostMap::bank(i) + BankMap::kIndex), i);
      EXPECT_EQ(b.get(HostMap::bank(i) + BankMap::kInFlight), 0u);
      products += b.get(HostMap::bank(i) + BankMap::kProducts);
    }
    EXPECT_GT(products, 0u);
    std::uint64_t value = 0;
    EXPECT_EQ(b.master.write(HostMap::bank(0), &value, 8), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(b.master.read(HostMap::bank(3), &value, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  sc_core::sc_start();
  bench.failure.rethrow();
  EXPECT_TRUE(bench.finished);
  bench.master.pool().check();
  EXPECT_EQ(bench.checker.rules().unfinished(), "");
}

// CYCLES is what the same product takes in a chip without the port.
TEST(Host, CyclesAreThoseOfTheChip) {
  const auto layer = make_layer(300, 200, magnitude(2), 5);
  std::uint64_t cycles = 0;
  HostBench bench("bench", small_chip(), {layer}, [&](HostBench& b) {
    const auto a = vector_of(300, 1);
    b.master.write(HostMap::kInput, a.data(), 300);
    b.set(HostMap::kControl, HostMap::kIrqEnable | HostMap::kStart);
    if (!b.irq.read()) sc_core::wait(b.irq.posedge_event());
    cycles = b.get(HostMap::kCycles);
  });
  ChipBench plain("plain", small_chip(), {layer});
  plain.add(0, 1);
  sc_core::sc_start();
  EXPECT_TRUE(bench.finished);
  ASSERT_EQ(plain.script.products.size(), 1u);
  EXPECT_EQ(cycles, plain.script.products[0].cycle - plain.script.begins[0].cycle);
}

// The queue holds as many products as it says; the next is refused until a result is dropped. Reload works
// too.
TEST(Host, QueueAndReload) {
  ChipConfig config;
  config.banks = 1;
  config.units = 1;
  config.write_row = 2;
  const auto first = make_layer(64, 64, magnitude(), 1), second = make_layer(64, 64, magnitude(), 2);
  HostBench bench("bench", config, {first, second}, [&](HostBench& b) {
    const auto a = vector_of(64, 9);
    b.master.write(HostMap::kInput, a.data(), 64);
    EXPECT_EQ(b.set(HostMap::kControl, HostMap::kStart), tlm::TLM_OK_RESPONSE);
    b.set(HostMap::kLayer, 1);
    EXPECT_EQ(b.set(HostMap::kControl, HostMap::kStart), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(b.get(HostMap::kRoom), 0u);
    EXPECT_EQ(b.set(HostMap::kControl, HostMap::kStart), tlm::TLM_GENERIC_ERROR_RESPONSE);
    while (b.get(HostMap::kResults) < 2) sc_core::wait(100, sc_core::SC_NS);
    EXPECT_EQ(b.sums(64), expected(*first, a));
    b.set(HostMap::kControl, HostMap::kPop);
    EXPECT_EQ(b.sums(64), expected(*second, a));
    EXPECT_EQ(b.get(HostMap::bank(0) + BankMap::kWriteBusy), 2u * 128 * 2);
  });
  ASSERT_EQ(bench.chip.placement().rounds.size(), 2u);
  sc_core::sc_start();
  EXPECT_TRUE(bench.finished);
}

}  // namespace
}  // namespace sme::test
