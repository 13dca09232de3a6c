// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Every latency of models/common/README.md is exact to the picosecond.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/gpu_channel.h"
#include "models/common/gpu_unit.h"
#include "models/common/hbm.h"
#include "models/common/player.h"
#include "sim/core/error.h"
#include "sim/core/run.h"
#include "sim/tlm/protocol_checker.h"
#include "sim/tlm/router.h"
#include "tests/support/at_initiator.h"
#include "tests/support/context.h"
#include "tests/support/latency_table.h"
#include "tests/timing/common_memory.h"

namespace common {
namespace {

const char* const kReadme = TRICYCLE_SOURCE_DIR "/models/common/README.md";

::test::AtOptions deep() {
  ::test::AtOptions options;
  options.window = 8;
  return options;
}

std::string plain(std::string cell) {
  cell.erase(std::remove(cell.begin(), cell.end(), '`'), cell.end());
  return cell;
}

// "r:0:64+w:64:128": what is sent, and whether it waits for the answer before.
struct Access {
  test::Command command;
  bool behind_answer = true;
};
std::vector<Access> accesses(const std::string& text) {
  std::vector<Access> list;
  std::size_t at = 0;
  while (at < text.size()) {
    Access a;
    a.behind_answer = at == 0 || text[at - 1] == ',';
    const std::size_t end = std::min(text.find_first_of("+,", at), text.size());
    const std::string word = text.substr(at, end - at);
    const std::size_t second = word.find(':', 2);
    a.command.command = word[0] == 'w' ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
    a.command.address = std::stoull(word.substr(2, second - 2));
    a.command.data.resize(std::stoul(word.substr(second + 1)));
    list.push_back(a);
    at = end + 1;
  }
  return list;
}

TEST(CommonLatency, MemoryAnswersAtTheDocumentedPicosecond) {
  for (const auto& row : ::test::read_table(kReadme, "hbm latency")) {
    ::test::fresh_context();
    const std::string text = plain(row.cells.at("access"));
    SCOPED_TRACE(text);
    const std::vector<Access> list = accesses(text);
    sim::stats::Group stats("run");
    Hbm hbm("hbm", table_memory(), stats, 0);
    ::test::AtInitiator<64> initiator(
        "initiator",
        [&](::test::Initiator& i) {
          for (const Access& a : list) {
            if (a.behind_answer) i.drain();
            if (a.behind_answer) sc_core::wait(100, sc_core::SC_NS);
            i.issue(a.command);
          }
        },
        deep());
    sim::bus::ProtocolChecker<64> checker("checker");
    initiator.socket.bind(checker.target_socket);
    checker.initiator_socket.bind(hbm.socket);
    sc_core::sc_start();
    ASSERT_TRUE(initiator.finished());
    const auto& last = initiator.results().back();
    EXPECT_EQ(last.status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ((last.begin_resp - last.begin_req).value(), row.number("ps"));
  }
}

TEST(CommonLatency, MemoryHoldsBackRequestsBehindItsQueue) {
  sim::stats::Group stats("run");
  HbmConfig config = table_memory();
  config.queue = 2;
  Hbm hbm("hbm", config, stats, 0);
  ::test::AtInitiator<64> initiator(
      "initiator",
      [&](::test::Initiator& i) {
        for (int n = 0; n < 3; ++n) i.issue({tlm::TLM_READ_COMMAND, 0, ::test::Bytes(64)});
      },
      deep());
  initiator.socket.bind(hbm.socket);
  sc_core::sc_start();
  const auto& r = initiator.results();
  EXPECT_EQ(r[0].begin_resp.value(), 52400u);
  EXPECT_EQ(r[2].end_req, r[0].begin_resp);  // room at the first answer
  EXPECT_EQ(hbm.outstanding(), 0u);
  EXPECT_EQ(hbm.bytes_read(), 192u);
}

TEST(CommonLatency, MemoryRefusesWhatIsNotThere) {
  sim::stats::Group stats("run");
  Hbm hbm("hbm", table_memory(), stats, 0);
  ::test::AtInitiator<64> initiator("initiator", [&](::test::Initiator& i) {
    i.write((std::uint64_t{1} << 30) - 4, ::test::Bytes(8));
    i.transfer({tlm::TLM_WRITE_COMMAND, 0, ::test::Bytes(8), ::test::Bytes(8, 0xff)});
  });
  initiator.socket.bind(hbm.socket);
  sc_core::sc_start();
  EXPECT_EQ(initiator.results()[0].status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(initiator.results()[1].status, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  EXPECT_EQ(hbm.bytes_written(), 0u);
}

// Bandwidth: a long run reaches the data buses' rate, whatever the rows.
TEST(CommonLatency, LongRunsReachTheRateOfTheDataBuses) {
  HbmConfig config;  // the defaults: 32 channels of 25 GB/s
  const HbmTiming timing(config);
  HbmChannel channel(timing);
  const std::uint64_t bytes = 1 << 20;
  EXPECT_EQ(channel.serve(0, bytes, false, 0),
            picoseconds(config.activate_ns) + timing.beat(config.row_bytes) * (bytes / config.row_bytes));
  // One bank only: every row waits for the row cycle.
  config.banks = 1;
  HbmChannel one((HbmTiming(config)));
  EXPECT_GT(one.serve(0, bytes, false, 0), picoseconds(config.row_cycle_ns) * (bytes / config.row_bytes - 1));
}

// --- GPU

struct GpuBench {
  explicit GpuBench(std::uint64_t burst) {
    config.burst_bytes = burst;
    gpu = std::make_unique<GpuUnit>("gpu", config, stats, 0);
    gpu->memory.bind(hbm.socket);
    gpu->irq.bind(irq);
  }
  sim::stats::Group stats{"run"};
  GpuUnitConfig config;
  Hbm hbm{"hbm", table_memory(), stats, 0};
  std::unique_ptr<GpuUnit> gpu;
  sc_core::sc_signal<bool> irq{"irq"};
};

TEST(CommonLatency, KernelsEndAtTheDocumentedPicosecond) {
  for (const auto& row : ::test::read_table(kReadme, "gpu latency")) {
    ::test::fresh_context();
    SCOPED_TRACE(row.cells.at("kernel"));
    GpuCommand kernel;
    std::uint64_t burst = 1 << 20;
    for (const auto& [key, value] : row.settings("kernel")) {
      if (key == "duration") kernel.duration = std::stoull(value) * 1000;
      if (key == "read") kernel.read = std::stoull(value);
      if (key == "burst") burst = std::stoull(value);
    }
    GpuBench bench(burst);
    std::uint64_t begun = 0;
    ::test::AtInitiator<64> host("host", [&](::test::Initiator& i) {
      i.write(GpuMap::kControl, {1, 0, 0, 0, 0, 0, 0, 0});
      const auto* bytes = reinterpret_cast<const unsigned char*>(&kernel);
      begun = sc_core::sc_time_stamp().value();
      i.issue({tlm::TLM_WRITE_COMMAND, GpuMap::kCommand, ::test::Bytes(bytes, bytes + sizeof kernel)});
    });
    host.socket.bind(bench.gpu->socket());
    sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_NS));
    const Ps end = begun + row.number("ps");
    sc_core::sc_start(sc_core::sc_time::from_value(end - 1) - sc_core::sc_time_stamp());
    EXPECT_FALSE(bench.irq.read()) << "a picosecond early";
    sc_core::sc_start(sc_core::sc_time::from_value(1));
    while (sc_core::sc_pending_activity_at_current_time()) sc_core::sc_start(sc_core::SC_ZERO_TIME);
    EXPECT_TRUE(bench.irq.read()) << "late";
  }
}

// --- Host

class Script final : public CommandSource {
 public:
  bool next(Command& command) override {
    if (at == commands.size()) return false;
    command = std::move(commands[at++]);
    return true;
  }
  Command& add(Ps duration, std::vector<CommandId> waits_for, unsigned stream = 0) {
    commands.emplace_back();
    Command& c = commands.back();
    c.id = commands.size();
    c.waits_for = std::move(waits_for);
    c.stream = stream;
    auto work = std::make_unique<GpuWork>();
    work->kernel.tag = c.id;
    work->kernel.duration = duration;
    work->kernel.stream = stream;
    c.work = std::move(work);
    return c;
  }
  std::vector<Command> commands;
  std::size_t at = 0;
};

struct Done {
  CommandId id;
  Ps submitted, begun, finished, done;
};

struct HostBench : GpuBench {
  explicit HostBench(Script& script, unsigned window = 16) : GpuBench(1 << 20) {
    host.window = window;
    bus.gbytes_per_s = 1;
    link = std::make_unique<HostLink>("link", bus, 1, stats);
    channel = std::make_unique<GpuChannel>("channel", 0, config.queue, *link, failure);
    channel->irq.bind(irq);
    channel->socket().bind(gpu->socket());
    player = std::make_unique<Player>("host", host, script, std::vector<UnitChannel*>{channel.get()}, failure,
                                      stats);
    player->on_command([this](const Command& c) {
      const Ps gpu_time = static_cast<const GpuWork&>(*c.work).kernel.duration;
      done.push_back({c.id, c.submitted, c.finished - gpu_time, c.finished, c.done});
    });
    player->on_token([this](const TokenTimes& t) { tokens.push_back(t); });
  }
  HostConfig host;
  BusConfig bus;
  sim::Failure failure;
  std::unique_ptr<HostLink> link;
  std::unique_ptr<GpuChannel> channel;
  std::unique_ptr<Player> player;
  std::vector<Done> done;
  std::vector<TokenTimes> tokens;
};

TEST(CommonLatency, HostStartsAndCollectsAtTheDocumentedPicosecond) {
  const auto rows = ::test::read_table(kReadme, "host latency");
  Script script;
  script.add(5'000'000, {}).last_of_token = true;
  // A kernel that waits for the first one's completion being known is in another stream.
  script.add(7'000'000, {1}, 1).last_of_token = true;
  HostBench bench(script);
  sim::run(bench.failure);
  ASSERT_EQ(bench.done.size(), 2u);
  EXPECT_TRUE(bench.player->finished());
  const Done& second = bench.done[1];
  EXPECT_EQ(second.submitted, bench.done[0].done);
  EXPECT_EQ(second.begun - second.submitted, rows[0].number("ps"));
  EXPECT_EQ(second.done - second.finished, rows[1].number("ps"));
}

TEST(CommonPlayer, SendsAStreamAheadAndAccountsForEveryPicosecond) {
  Script script;
  for (CommandId i = 1; i <= 40; ++i) {
    Command& c = script.add(1'000'000, i == 1 ? std::vector<CommandId>{} : std::vector<CommandId>{i - 1});
    c.last_of_token = i % 10 == 0;
    c.token = (i - 1) / 10;
  }
  HostBench bench(script, 4);  // fewer than a token has
  sim::run(bench.failure);
  ASSERT_EQ(bench.done.size(), 40u);
  ASSERT_EQ(bench.tokens.size(), 4u);
  for (std::size_t i = 1; i < 40; ++i)
    EXPECT_EQ(bench.done[i].begun, bench.done[i - 1].finished) << i;  // back to back
  for (const TokenTimes& t : bench.tokens) {
    Ps causes = 0, operations = 0;
    for (const Ps ps : t.causes) causes += ps;
    for (const Ps ps : t.operations) operations += ps;
    EXPECT_EQ(causes, t.end - t.begin);
    EXPECT_EQ(operations, t.end - t.begin);
  }
  EXPECT_EQ(bench.tokens[2].causes[static_cast<std::size_t>(Cause::gpu)] +
                bench.tokens[2].causes[static_cast<std::size_t>(Cause::bus)],
            bench.tokens[2].end - bench.tokens[2].begin);
}

TEST(CommonPlayer, RefusesCyclesOfDependencies) {
  Script script;
  script.add(1000, {});
  script.add(1000, {3});
  script.add(1000, {2});
  HostBench bench(script);
  try {
    sim::run(bench.failure);
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::check);
    EXPECT_NE(std::string(e.what()).find("command 2 (other of token 0, layer 0) waits for command 3"),
              std::string::npos)
        << e.what();
  }
}

}  // namespace
}  // namespace common
