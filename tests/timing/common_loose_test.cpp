// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Loosely timed parts of a platform: closed forms beside the units that they stand for, DMI and its end, and
// what the quantum may change.
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/gpu_channel.h"
#include "models/common/hbm.h"
#include "models/common/loose_gpu.h"
#include "models/common/player.h"
#include "sim/core/run.h"
#include "tests/support/context.h"
#include "tests/support/latency_table.h"
#include "tests/support/lt_initiator.h"
#include "tests/timing/common_memory.h"

namespace common {
namespace {

constexpr Ps kWindow = 1'000'000;  // 1 us

struct LooseBench {
  explicit LooseBench(std::uint64_t burst = 1 << 20, Ps window = kWindow) {
    config.burst_bytes = burst;
    hbm.decouple(window, GpuUnit::kStreams);
    gpu = std::make_unique<LooseGpu>("gpu", config, stats, 0);
    gpu->memory.bind(hbm.socket);
  }
  sim::stats::Group stats{"run"};
  GpuUnitConfig config;
  Hbm hbm{"hbm", table_memory(), stats, 0};
  std::unique_ptr<LooseGpu> gpu;
};

// A kernel by hand: written, and its completion read.
GpuCompletion run_kernel(::test::Initiator& i, GpuCommand kernel) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&kernel);
  EXPECT_EQ(i.write(GpuMap::kCommand, ::test::Bytes(bytes, bytes + sizeof kernel)).status,
            tlm::TLM_OK_RESPONSE);
  const auto read = i.read(GpuMap::kCompletion, sizeof(GpuCompletion));
  GpuCompletion done;
  EXPECT_EQ(read.status, tlm::TLM_OK_RESPONSE);
  if (read.data.size() == sizeof done) std::memcpy(&done, read.data.data(), sizeof done);
  return done;
}

// The rows of the table that GpuUnit is held to; but an open row is not known, so a burst may take an
// activation (10 ns) longer.
TEST(CommonLoose, KernelsTakeWhatTheirClosedFormSays) {
  for (const auto& row : ::test::read_table(TRICYCLE_SOURCE_DIR "/models/common/README.md", "gpu latency")) {
    ::test::fresh_context();
    SCOPED_TRACE(row.cells.at("kernel"));
    GpuCommand kernel;
    std::uint64_t burst = 1 << 20;
    for (const auto& [key, value] : row.settings("kernel")) {
      if (key == "duration") kernel.duration = std::stoull(value) * 1000;
      if (key == "read") kernel.read = std::stoull(value);
      if (key == "burst") burst = std::stoull(value);
    }
    LooseBench bench(burst);
    GpuCompletion done;
    ::test::LtInitiator<64> host("host", [&](::test::Initiator& i) { done = run_kernel(i, kernel); });
    host.socket.bind(bench.gpu->socket());
    sc_core::sc_start();
    const Ps took = done.finished - done.started;
    EXPECT_GE(took, row.number("ps"));
    EXPECT_LE(took, row.number("ps") + (kernel.read > burst ? 10'000 : 0));
    EXPECT_EQ(done.memory, took - kernel.duration);
    EXPECT_EQ(bench.hbm.bytes_read(), kernel.read);
    EXPECT_EQ(bench.gpu->direct_kernels(), kernel.read > 0 ? 1u : 0u);
  }
}

// The pointer is granted to a lone user, taken back when a second one makes its latencies untrue, refused
// while they share, and granted again when they do not any more.
TEST(CommonLoose, MemoryTakesItsPointerBackWhenASecondUserComes) {
  LooseBench bench;
  GpuCommand kernel;
  kernel.duration = 500'000;
  kernel.read = 4000;  // 200 ns of data
  std::vector<Ps> took;
  std::vector<std::uint64_t> direct, grants, taken_back;
  ::test::LtInitiator<64> host("host", [&](::test::Initiator& i) {
    const auto run = [&](unsigned stream, double at_us) {
      sc_core::wait(sc_core::sc_time(at_us, sc_core::SC_US) - sc_core::sc_time_stamp());
      kernel.stream = stream;
      const GpuCompletion done = run_kernel(i, kernel);
      took.push_back(done.finished - done.started);
      direct.push_back(bench.gpu->direct_kernels());
      grants.push_back(bench.hbm.direct_grants());
      taken_back.push_back(bench.hbm.direct_invalidations());
    };
    run(0, 10.1);  // 1. alone
    run(1, 10.2);  // 2. the second user: it had the pointer when it came, its use ends it
    run(0, 10.3);  // 3. no pointer; the load of this window is not known yet
    run(0, 11.1);  // 4. the window before had two users
    run(0, 13.1);  // 5. clean again; asks when the answer to this one says that it may
    run(0, 14.1);  // 6. by pointer
  });
  host.socket.bind(bench.gpu->socket());
  sc_core::sc_start();
  ASSERT_EQ(took.size(), 6u);
  EXPECT_EQ(direct, (std::vector<std::uint64_t>{1, 2, 2, 2, 2, 3}));
  EXPECT_EQ(grants, (std::vector<std::uint64_t>{1, 1, 1, 1, 1, 2}));
  EXPECT_EQ(taken_back, (std::vector<std::uint64_t>{0, 1, 1, 1, 1, 1}));
  EXPECT_EQ(took[1], took[0]);
  EXPECT_EQ(took[2], took[0]);  // with or without the pointer: the same
  EXPECT_EQ(took[5], took[0]);
  EXPECT_EQ(bench.hbm.bytes_read(), 6 * 4000u);  // those by pointer, too
}

TEST(CommonLoose, ASharedMemoryMakesKernelsLate) {
  LooseBench bench;
  GpuCommand kernel;
  kernel.duration = 100'000;
  kernel.read = 8000;  // 400 ns of data: bound by the memory
  Ps alone = 0, beside = 0;
  ::test::LtInitiator<64> host("host", [&](::test::Initiator& i) {
    const auto run = [&](unsigned stream) {
      kernel.stream = stream;
      const GpuCompletion done = run_kernel(i, kernel);
      return done.finished - done.started;
    };
    sc_core::wait(10'100, sc_core::SC_NS);
    alone = run(0);
    run(1);
    sc_core::wait(sc_core::sc_time(11'100, sc_core::SC_NS) - sc_core::sc_time_stamp());
    beside = run(0);
  });
  host.socket.bind(bench.gpu->socket());
  sc_core::sc_start();
  // The other one had the data buses for 400 ns of the last microsecond: what is left is 60 %.
  const double data = static_cast<double>(alone) - 52'400;
  EXPECT_NEAR(static_cast<double>(beside), 52'400 + data / 0.6, 0.01 * static_cast<double>(beside));
}

TEST(CommonLoose, PointerLeadsToAddressSpaceOfTheMemorysSize) {
  sim::stats::Group stats("run");
  Hbm timed("timed", table_memory(), stats, 0), loose("loose", table_memory(), stats, 1);
  loose.decouple(kWindow, 1);
  tlm::tlm_generic_payload payload;
  payload.set_read();
  payload.set_data_length(64);
  tlm::tlm_dmi dmi;
  ::test::LtInitiator<64> a("a", [](::test::Initiator&) {}), b("b", [](::test::Initiator&) {});
  a.socket.bind(timed.socket);
  b.socket.bind(loose.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  EXPECT_FALSE(a.socket->get_direct_mem_ptr(payload, dmi));  // cycle-accurate: never
  EXPECT_TRUE(dmi.is_none_allowed());
  ASSERT_TRUE(b.socket->get_direct_mem_ptr(payload, dmi));
  EXPECT_EQ(dmi.get_start_address(), 0u);
  EXPECT_EQ(dmi.get_end_address(), (std::uint64_t{1} << 30) - 1);
  EXPECT_EQ(dmi.get_read_latency().value(), 52'400u);
  dmi.get_dmi_ptr()[dmi.get_end_address()] = 1;  // may be touched anywhere
  EXPECT_EQ(dmi.get_dmi_ptr()[0], 0);
}

TEST(WindowLoad, ShowsTheOthersUseOfTheLastWindow) {
  WindowLoad load(1000, 3);
  load.add(0, 0, 0, 100);
  load.add(1, 500, 1500, 400);  // half of it in each of two windows
  load.add(2, 1000, 1000, 50);
  EXPECT_EQ(load.others(0, 999).share, 0);  // no window is over
  EXPECT_DOUBLE_EQ(load.others(0, 1000).share, 0.2);
  EXPECT_DOUBLE_EQ(load.others(1, 1000).share, 0.1);
  EXPECT_DOUBLE_EQ(load.others(1, 1000).mean, 100);
  EXPECT_TRUE(load.contended(1000, false));
  EXPECT_DOUBLE_EQ(load.others(2, 2000).share, 0.2);
  EXPECT_FALSE(load.contended(3000, false));
  EXPECT_EQ(load.others(0, 3000).share, 0);
  load.add(1, 4000, 5000, 5000);
  EXPECT_DOUBLE_EQ(load.others(0, 5000).share, WindowLoad::kMostShare);  // never all of it
}

// --- Host

class Kernels final : public CommandSource {
 public:
  // Chains of `length` kernels; every third has one beside it, on the second stream.
  Kernels(unsigned tokens, unsigned length) : tokens_(tokens), length_(length) {}
  bool next(Command& command) override {
    if (token_ == tokens_) return false;
    command.id = ++id_;
    command.token = token_;
    auto work = std::make_unique<GpuWork>();
    work->kernel.tag = id_;
    work->kernel.duration = 700'000;
    work->kernel.read = 2000;
    if (chain_ != 0) command.waits_for.push_back(chain_);
    if (beside_) {
      beside_ = false;
      command.stream = 1;
      command.beside = true;
      work->kernel.stream = 1;
      work->kernel.duration = 1'500'000;
      work->kernel.read = 6000;
    } else {
      chain_ = id_;
      beside_ = ++at_ % 3 == 0;
      if (at_ % length_ == 0) {
        command.last_of_token = true;
        ++token_;
      }
    }
    command.account.hbm_bytes = work->kernel.read;
    command.work = std::move(work);
    return true;
  }

 private:
  unsigned tokens_, length_, token_ = 0, at_ = 0;
  bool beside_ = false;
  CommandId id_ = 0, chain_ = 0;
};

struct LooseRun {
  std::vector<TokenTimes> tokens;
  std::uint64_t commands = 0, bytes = 0, link_bytes = 0, deltas = 0;
};

LooseRun play(double quantum_us, std::uint64_t shuffle = 0) {
  ::test::fresh_context();
  LooseRun result;
  const auto quantum = sc_core::sc_time(quantum_us, sc_core::SC_US);
  LooseBench bench(1 << 20, quantum.value());
  Kernels source(20, 9);
  sim::Failure failure;
  BusConfig bus;
  bus.gbytes_per_s = 1;
  HostLink link("link", bus, 1, bench.stats);
  GpuChannel channel("channel", 0, 64, link, failure);
  sc_core::sc_signal<bool> irq{"irq"};
  channel.irq.bind(irq);
  channel.socket().bind(bench.gpu->socket());
  channel.decouple();
  link.decouple(quantum.value());
  tlm::tlm_global_quantum::instance().set(quantum);
  Player player("host", HostConfig{}, source, {&channel}, failure, bench.stats);
  player.shuffle(shuffle);
  player.on_token([&](const TokenTimes& t) { result.tokens.push_back(t); });
  sim::run(failure);
  EXPECT_TRUE(player.finished());
  result.commands = player.done();
  result.bytes = bench.gpu->bytes();
  EXPECT_EQ(bench.hbm.bytes_read(), result.bytes);
  result.link_bytes = link.bytes();
  result.deltas = sc_core::sc_delta_count();
  return result;
}

// The quantum changes how often units meet, and by that the estimate of contention; nothing that is counted.
TEST(CommonLoose, QuantumChangesNothingButTheEstimateOfContention) {
  const LooseRun base = play(1);
  ASSERT_EQ(base.tokens.size(), 20u);
  std::uint64_t most = 0;
  for (const double quantum : {0.01, 0.1, 1.0, 10.0, 1000.0}) {
    SCOPED_TRACE(quantum);
    const LooseRun run = play(quantum);
    EXPECT_EQ(run.commands, base.commands);
    EXPECT_EQ(run.bytes, base.bytes);
    EXPECT_EQ(run.link_bytes, base.link_bytes);
    const double all = static_cast<double>(run.tokens.back().end),
                 expected = static_cast<double>(base.tokens.back().end);
    EXPECT_NEAR(all / expected, 1, 0.02);
    if (quantum == 0.01) most = run.deltas;
    if (quantum == 1000.0) {
      EXPECT_LT(run.deltas, most);  // fewer synchronisations
    }
  }
}

TEST(CommonLoose, OrderOfHandingOverDoesNotMatter) {
  const LooseRun a = play(1), b = play(1, 7), c = play(1, 99);
  ASSERT_EQ(a.tokens.size(), b.tokens.size());
  for (std::size_t i = 0; i < a.tokens.size(); ++i) {
    EXPECT_EQ(a.tokens[i].end, b.tokens[i].end);
    EXPECT_EQ(a.tokens[i].end, c.tokens[i].end);
    EXPECT_EQ(a.tokens[i].causes, b.tokens[i].causes);
  }
}

}  // namespace
}  // namespace common
