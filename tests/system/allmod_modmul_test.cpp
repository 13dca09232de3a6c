// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The front end for modular multiplication: right values, exact cycles of dependent chains, independence of
// the order of evaluation and of the level of detail.
#include <cstring>
#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "models/allmod/function/oracle.h"
#include "models/allmod/modmul.h"
#include "models/allmod/modmul_unit.h"
#include "models/allmod/program_time.h"
#include "models/allmod/reducer.h"
#include "sim/core/failure.h"
#include "sim/core/run.h"
#include "tests/support/at_initiator.h"

namespace allmod {
namespace {

struct Bench {
  Bench(const std::string& name, const ChainProgram& program, ReducerConfig config, MultiplierCycles timing)
      : stats(name),
        reducer(name.c_str(), without_socket(config), program.modulus(), failure, stats, recorder),
        front(reducer.domain(), program, config.lanes, timing, reducer.datapath().x_limbs(),
              reducer.datapath().n_limbs(), stats) {
    for (unsigned i = 0; i < config.lanes; ++i) {
      reducer.operands[i].bind(front.source(i));
      reducer.results[i].bind(front.sink(i));
    }
    front.on_product([this](unsigned lane, sim::Cycle at) { reducer.lane(lane).wake(at); });
    front.on_result([this](std::uint32_t operation, const Limb* y, sim::Cycle) {
      std::vector<Limb> x(reducer.datapath().x_limbs());
      front.product(operation, x.data());
      if (!Oracle(reducer.tables().modulus()).agrees(x.data(), y)) ++mismatches;
    });
  }
  static ReducerConfig without_socket(ReducerConfig c) {
    c.with_socket = false;
    return c;
  }
  void expect_right() const {
    EXPECT_EQ(front.done(), front.total());
    EXPECT_EQ(mismatches, 0u);
    EXPECT_EQ(front.wrong_outputs(), 0u);
  }

  sim::Failure failure;
  sim::stats::Group stats;
  sim::record::Recorder recorder;
  Reducer reducer;
  ModMulFrontEnd front;
  unsigned mismatches = 0;
};

ReducerConfig config_for(unsigned n) {
  ReducerConfig c;
  c.design = {Form::pipelined, n, 8, 1, 2, 1, 1, 2, 0};
  return c;
}

// A chain in which each product needs the one before runs at the sum of all latencies: dispatched in cycle t,
// the product is accepted at t + multiplier, the result leaves `latency` later and is usable one cycle after.
TEST(ModMul, ADependentChainTakesTheSumOfItsLatencies) {
  const Modulus m = Modulus::named("goldilocks", 64);
  ChainProgram p(m);
  std::uint32_t y = p.add_input(12345);
  for (int i = 0; i < 10; ++i) y = p.multiply(y, y);
  mpz_class expected;
  mpz_powm_ui(expected.get_mpz_t(), mpz_class(12345).get_mpz_t(), 1024, m.value().get_mpz_t());
  p.add_output(y, expected);
  std::vector<std::unique_ptr<Bench>> benches;
  for (Detail detail : {Detail::event, Detail::clocked}) {
    for (unsigned multiplier : {1u, 5u}) {
      ReducerConfig c = config_for(64);
      c.detail = detail;
      benches.push_back(std::make_unique<Bench>("b" + std::to_string(benches.size()), p, c,
                                                MultiplierCycles{multiplier, 1}));
    }
  }
  sc_core::sc_start();
  for (std::size_t i = 0; i < benches.size(); ++i) {
    benches[i]->failure.rethrow();
    benches[i]->expect_right();
    const sim::Cycle multiplier = i % 2 == 0 ? 1 : 5;
    const sim::Cycle round = multiplier + benches[i]->reducer.datapath().latency() + 1;
    EXPECT_EQ(benches[i]->front.last_cycle(), 1 + 10 * round - 1) << i;
  }
}

// Independent products start one every `interval` cycles a lane.
TEST(ModMul, IndependentProductsRunAtTheMultipliersInterval) {
  const ChainProgram p = power_chains(Modulus::named("curve25519", 255), 64, 2, 5);
  std::vector<std::unique_ptr<Bench>> benches;
  for (unsigned interval : {1u, 3u, 7u}) {
    ReducerConfig c = config_for(255);
    benches.push_back(
        std::make_unique<Bench>("b" + std::to_string(interval), p, c, MultiplierCycles{7, interval}));
  }
  sc_core::sc_start();
  for (const auto& b : benches) b->expect_right();
  EXPECT_GT(benches[1]->front.last_cycle(), 3 * 64u);
  EXPECT_GT(benches[2]->front.last_cycle(), 7 * 64u);
}

TEST(ModMul, OrderAndDetailDoNotMatter) {
  const ChainProgram p = encrypted_layer(Modulus::named("rsa_like", 256, 2), 7, 4, 5, 11);
  for (Stall stall : {Stall::elastic, Stall::global}) {
    for (Detail detail : {Detail::event, Detail::clocked}) {
      for (std::uint64_t shuffle : {0u, 1u, 2u}) {
        const std::string name = "b" + std::to_string(static_cast<int>(stall)) +
                                 std::to_string(static_cast<int>(detail)) + std::to_string(shuffle);
        ReducerConfig c = config_for(256);
        c.lanes = 3;
        c.stall = stall;
        c.detail = detail;
        static std::vector<std::unique_ptr<Bench>> keep;
        keep.push_back(std::make_unique<Bench>(name, p, c, MultiplierCycles{4, 2}));
        keep.back()->reducer.domain().shuffle(shuffle);
        if (keep.size() < 12) continue;
        sc_core::sc_start();
        for (const auto& b : keep) {
          b->failure.rethrow();
          b->expect_right();
          EXPECT_EQ(b->front.last_cycle(), keep.front()->front.last_cycle());
        }
        keep.clear();
      }
    }
  }
}

// The loosely timed unit's closed form gives the edge of every program's last result.
TEST(ModMul, ClosedFormOfAProgramIsWhatTheUnitsTake) {
  const Modulus m = Modulus::named("rsa_like", 256, 2);
  const std::vector<ChainProgram> programs = {power_chains(m, 5, 9, 3), encrypted_layer(m, 7, 4, 5, 11),
                                              product_tree(m, 32, 5)};
  std::vector<std::unique_ptr<Bench>> benches;
  std::vector<sim::Cycle> expected;
  for (const ChainProgram& p : programs) {
    for (const unsigned lanes : {1u, 3u, 4u}) {
      for (const MultiplierCycles multiplier :
           {MultiplierCycles{1, 1}, MultiplierCycles{4, 2}, MultiplierCycles{9, 9}}) {
        ReducerConfig c = config_for(256);
        c.lanes = lanes;
        benches.push_back(std::make_unique<Bench>("l" + std::to_string(benches.size()), p, c, multiplier));
        const Datapath& d = benches.back()->reducer.datapath();
        const auto cycles = result_cycles(p, lanes, multiplier, d.latency(), d.ii());
        expected.push_back(*std::max_element(cycles.begin(), cycles.end()));
      }
    }
  }
  sc_core::sc_start();
  for (std::size_t i = 0; i < benches.size(); ++i) {
    benches[i]->failure.rethrow();
    benches[i]->expect_right();
    EXPECT_EQ(expected[i] + 1, benches[i]->front.last_cycle()) << i;  // the first edge is number 1
  }
}

// The memory-mapped unit around it: registers, refusals, and the picosecond of the interrupt.
struct UnitBench {
  static constexpr unsigned kBits = 64;
  UnitBench() : modulus(Modulus::named("random", kBits, 3)) {
    unit.irq.bind(irq);
    host.socket.bind(unit.socket());
  }
  void set(::test::Initiator& i, std::uint64_t at, std::uint64_t value,
           tlm::tlm_response_status want = tlm::TLM_OK_RESPONSE) {
    ::test::Bytes bytes(8);
    std::memcpy(bytes.data(), &value, 8);
    EXPECT_EQ(i.write(at, bytes).status, want) << "offset " << at << ", value " << value;
  }
  std::uint64_t get(::test::Initiator& i, std::uint64_t at) {
    const auto result = i.read(at, 8);
    EXPECT_EQ(result.status, tlm::TLM_OK_RESPONSE) << "offset " << at;
    std::uint64_t value = 0;
    if (result.data.size() == 8) std::memcpy(&value, result.data.data(), 8);
    return value;
  }
  Modulus modulus;
  sim::Failure failure;
  sim::stats::Group stats{"run"};
  sim::record::Recorder recorder;
  ModMulUnit unit{"unit", config_for(kBits), HostPortConfig{}, modulus, MultiplierCycles{3, 1}, failure,
                  stats,  recorder};
  sc_core::sc_signal<bool> irq{"irq"};
  std::function<void(::test::Initiator&)> script;
  ::test::AtInitiator<64> host{"host", [this](::test::Initiator& i) { script(i); }};
};

TEST(ModMulUnit, RunsProgramsOneAfterTheOtherInTheDocumentedCycles) {
  UnitBench b;
  using Map = ModMulMap;
  const std::uint64_t x = 0x123456789abcdefull;
  const mpz_class m = b.modulus.value(), a = mpz_class(static_cast<unsigned long>(x));
  bool ran = false;
  b.script = [&](::test::Initiator& i) {
    EXPECT_EQ(b.get(i, Map::kId), 0x4D4F444D554Cull);
    b.set(i, Map::kControl, Map::kStart, tlm::TLM_GENERIC_ERROR_RESPONSE);  // nothing to run
    b.set(i, Map::kControl, Map::kClear, tlm::TLM_GENERIC_ERROR_RESPONSE);  // nothing to drop
    b.set(i, Map::kInputs, 1);
    b.set(i, Map::kOperations, 2);
    b.set(i, Map::kValue, x);
    b.set(i, Map::kProgram, 0);                           // value 1 = 0 x 0
    b.set(i, Map::kProgram + 8, std::uint64_t{2} << 32);  // 0 x 2: not made yet
    b.set(i, Map::kControl, Map::kStart, tlm::TLM_GENERIC_ERROR_RESPONSE);
    b.set(i, Map::kProgram + 8, std::uint64_t{1} << 32 | 1);  // value 2 = 1 x 1
    for (int round = 0; round < 2; ++round) {
      b.set(i, Map::kControl, Map::kIrqEnable | Map::kStart);
      EXPECT_EQ(b.get(i, Map::kStatus), std::uint64_t{Map::kBusy});
      EXPECT_EQ(i.read(Map::kValue, 8).status, tlm::TLM_GENERIC_ERROR_RESPONSE);
      if (!b.irq.read()) sc_core::wait(b.irq.posedge_event());
      EXPECT_EQ(sc_core::sc_time_stamp().value() % b.unit.reducer().domain().period().value(), 0u);
      EXPECT_EQ(b.get(i, Map::kStatus), std::uint64_t{Map::kResultReady});
      // Each waits for the one before: multiplier and reducer twice, and the cycle in which a result becomes
      // an operand.
      const auto latency = b.unit.reducer().datapath().latency();
      EXPECT_EQ(b.get(i, Map::kCycles), 2 * (3 + latency) + 1);
      const mpz_class square = a * a % m, fourth = square * square % m;
      EXPECT_EQ(mpz_class(static_cast<unsigned long>(b.get(i, Map::kValue + 8))), square);
      EXPECT_EQ(mpz_class(static_cast<unsigned long>(b.get(i, Map::kValue + 16))), fourth);
      b.set(i, Map::kValue, 5, tlm::TLM_GENERIC_ERROR_RESPONSE);  // results are still there
      b.set(i, Map::kControl, Map::kIrqEnable | Map::kClear);
      EXPECT_EQ(b.get(i, Map::kStatus), std::uint64_t{Map::kIdle});
    }
    b.set(i, Map::kValue, ~std::uint64_t{0});
    b.set(i, Map::kControl, Map::kStart, tlm::TLM_GENERIC_ERROR_RESPONSE);  // not below M
    EXPECT_EQ(b.get(i, Map::kDone), 2u);
    ran = true;
  };
  sim::run(b.failure);
  EXPECT_TRUE(ran);
  EXPECT_EQ(b.unit.multiplications(), 4u);
}

}  // namespace
}  // namespace allmod
