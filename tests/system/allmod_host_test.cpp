// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The memory-mapped port of the reducer, driven by initiators in the styles of Accellera's `lt` and
// `at_4_phase` examples, each through the base-protocol checker.
#include <cstring>
#include <memory>

#include <gtest/gtest.h>

#include "models/allmod/function/operands.h"
#include "models/allmod/reducer.h"
#include "sim/tlm/protocol_checker.h"
#include "tests/support/at_initiator.h"
#include "tests/support/lt_initiator.h"

namespace allmod {
namespace {

using test::Bytes;
using test::Initiator;
using test::Result;

constexpr unsigned kN = 100;  // not a multiple of 64: operands have padding bits

ReducerConfig small_config() {
  ReducerConfig c;
  c.design = {Form::pipelined, kN, 8, 1, 2, 1, 1, 2, 0};
  c.clock_mhz = 1000;  // a cycle is a nanosecond
  c.host.operand_fifo = 4;
  c.host.result_fifo = 4;
  return c;
}

Bytes word(std::uint64_t value) {
  Bytes b(8);
  std::memcpy(b.data(), &value, 8);
  return b;
}
std::uint64_t word(const Result& r) {
  std::uint64_t value = 0;
  EXPECT_EQ(r.status, tlm::TLM_OK_RESPONSE);
  std::memcpy(&value, r.data.data(), 8);
  return value;
}
Bytes bytes(const mpz_class& v, std::size_t limbs) {
  std::vector<Limb> l(limbs);
  to_limbs(v, l.data(), limbs);
  Bytes b(limbs * 8);
  std::memcpy(b.data(), l.data(), b.size());
  return b;
}
mpz_class number(const Bytes& b, std::size_t at, std::size_t limbs) {
  std::vector<Limb> l(limbs);
  std::memcpy(l.data(), b.data() + at, limbs * 8);
  return to_mpz(l.data(), limbs);
}
mpz_class operand(std::uint64_t i) {
  RandomOperands all(kN, 11);
  std::vector<Limb> x(all.x_limbs());
  all.get(i, x.data());
  return to_mpz(x.data(), x.size());
}
Bytes operands(std::uint64_t first, unsigned count) {
  Bytes all;
  for (unsigned i = 0; i < count; ++i) {
    const Bytes b = bytes(operand(first + i), 4);
    all.insert(all.end(), b.begin(), b.end());
  }
  return all;
}

enum class Style { lt, at_later, at_updated, at_completed };
const char* name_of(Style s) {
  const char* const names[] = {"lt", "at_later", "at_updated", "at_completed"};
  return names[static_cast<int>(s)];
}

// A reducer, the checker, and an initiator of the wanted style.
struct Platform {
  Platform(Style style, const ReducerConfig& config, Initiator::Script script, const char* kind = "random")
      : modulus(Modulus::named(kind, config.design.n, 9)),
        reducer("reducer", config, modulus, failure, stats, recorder),
        checker("checker") {
    if (style == Style::lt) {
      auto i = std::make_unique<test::LtInitiator<64>>("initiator", std::move(script));
      i->socket.bind(checker.target_socket);
      initiator = std::move(i);
    } else {
      test::AtOptions options;
      options.answer = style == Style::at_later     ? test::Answer::end_resp_later
                       : style == Style::at_updated ? test::Answer::updated
                                                    : test::Answer::completed;
      auto i = std::make_unique<test::AtInitiator<64>>("initiator", std::move(script), options);
      i->socket.bind(checker.target_socket);
      initiator = std::move(i);
    }
    checker.initiator_socket.bind(reducer.socket());
    reducer.irq.bind(irq);
  }
  ~Platform() {
    EXPECT_TRUE(checker.violations().empty());
    EXPECT_EQ(initiator->pool().outstanding(), 0u);
  }
  void run() {
    sc_core::sc_start(1, sc_core::SC_MS);
    failure.rethrow();
    EXPECT_TRUE(initiator->finished());
  }

  sim::Failure failure;
  sim::stats::Group stats{"root"};
  sim::record::Recorder recorder;
  Modulus modulus;
  Reducer reducer;
  sim::bus::ProtocolChecker<64> checker;
  sc_core::sc_signal<bool> irq{"irq"};
  std::unique_ptr<Initiator> initiator;
};

void wait_for_results(Initiator& self, std::uint64_t count) {
  while (word(self.read(HostMap::kResultCount, 8)) < count) self.wait(3, sc_core::SC_NS);
}

class Host : public testing::TestWithParam<Style> {};

TEST_P(Host, WritesOperandsAndReadsResults) {
  ReducerConfig config = small_config();
  config.lanes = 3;  // results come back in the order of their operands
  std::vector<mpz_class> got;
  Platform p(GetParam(), config, [&](Initiator& self) {
    self.wait(5, sc_core::SC_NS);
    EXPECT_EQ(word(self.read(HostMap::kId, 8)), 0x414C4C4D4F44u);
    EXPECT_EQ(word(self.read(HostMap::kBits, 8)), kN);
    EXPECT_EQ(word(self.read(HostMap::kLanes, 8)), 3u);
    for (unsigned round = 0; round < 20; ++round) {
      EXPECT_EQ(self.write(HostMap::kOperand, operands(round * 7, 7)).status, tlm::TLM_OK_RESPONSE);
      wait_for_results(self, 7);
      const Result r = self.read(HostMap::kResult, 7 * 16);
      ASSERT_EQ(r.status, tlm::TLM_OK_RESPONSE);
      for (unsigned i = 0; i < 7; ++i) got.push_back(number(r.data, i * 16, 2));
    }
    EXPECT_EQ(word(self.read(HostMap::kWritten, 8)), 140u);
    EXPECT_EQ(word(self.read(HostMap::kRead, 8)), 140u);
    EXPECT_EQ(word(self.read(HostMap::kStatus, 8)), std::uint64_t{HostMap::kRoom});
  });
  p.run();
  ASSERT_EQ(got.size(), 140u);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], operand(i) % p.modulus.value()) << i;
}

TEST_P(Host, AnswersEveryErrorWithItsStatus) {
  Platform p(GetParam(), small_config(), [&](Initiator& self) {
    self.wait(5, sc_core::SC_NS);
    const auto status_of_write = [&](std::uint64_t at, Bytes b) {
      return self.write(at, std::move(b)).status;
    };
    const auto status_of_read = [&](std::uint64_t at, unsigned n) { return self.read(at, n).status; };
    EXPECT_EQ(status_of_read(0x60, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);     // behind the registers
    EXPECT_EQ(status_of_read(0x10000, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);  // behind everything
    EXPECT_EQ(status_of_read(~std::uint64_t{0} - 3, 8), tlm::TLM_ADDRESS_ERROR_RESPONSE);  // wraps around
    EXPECT_EQ(status_of_write(HostMap::kId, word(1)), tlm::TLM_COMMAND_ERROR_RESPONSE);    // read only
    EXPECT_EQ(status_of_read(HostMap::kOperand, 32), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status_of_write(HostMap::kResult, Bytes(16)), tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(status_of_write(HostMap::kOperand, Bytes(24)), tlm::TLM_BURST_ERROR_RESPONSE);  // not whole
    EXPECT_EQ(status_of_write(HostMap::kOperand, Bytes(32 * 5)),
              tlm::TLM_BURST_ERROR_RESPONSE);                                          // never fits
    EXPECT_EQ(status_of_read(HostMap::kResult, 16), tlm::TLM_GENERIC_ERROR_RESPONSE);  // none there
    Bytes large(32);
    large[25] = 1;  // bit 200: X = 2^(2n)
    EXPECT_EQ(status_of_write(HostMap::kOperand, large), tlm::TLM_GENERIC_ERROR_RESPONSE);
    large[25] = 0;
    EXPECT_EQ(self.transfer({tlm::TLM_WRITE_COMMAND, HostMap::kOperand, large, Bytes(32, 0xff)}).status,
              tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    EXPECT_EQ(self.transfer({tlm::TLM_WRITE_COMMAND, HostMap::kOperand, large, {}, 16}).status,
              tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(status_of_write(HostMap::kModulus + 16, Bytes(8)), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(status_of_write(HostMap::kModulus, Bytes(16)), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(status_of_write(HostMap::kControl, word(HostMap::kLoad)),
              tlm::TLM_GENERIC_ERROR_RESPONSE);            // M = 0
    EXPECT_EQ(word(self.read(HostMap::kWritten, 8)), 0u);  // none of it had an effect
  });
  p.run();
}

TEST_P(Host, HoldsAWriteUntilThereIsRoom) {
  std::vector<mpz_class> got;
  Platform p(GetParam(), small_config(), [&](Initiator& self) {
    self.wait(5, sc_core::SC_NS);
    // 4 + 4 in the FIFOs and 2 * stages in the lane: 60 operands need reading in between.
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    for (unsigned i = 0; i < 15; ++i) {
      self.write(HostMap::kOperand, operands(4 * i, 4));
      if (i < 5) continue;
      wait_for_results(self, 4);
      const Result r = self.read(HostMap::kResult, 64);
      for (unsigned k = 0; k < 4; ++k) got.push_back(number(r.data, k * 16, 2));
    }
    while (got.size() < 60) {
      wait_for_results(self, 1);
      got.push_back(number(self.read(HostMap::kResult, 16).data, 0, 2));
    }
    EXPECT_GT(sc_core::sc_time_stamp() - begin, sc_core::sc_time(60, sc_core::SC_NS));
  });
  p.run();
  ASSERT_EQ(got.size(), 60u);
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], operand(i) % p.modulus.value()) << i;
}

TEST_P(Host, LoadsAnotherModulus) {
  const Modulus other = Modulus::named("random", kN, 77);
  mpz_class before;
  mpz_class after;
  Platform p(GetParam(), small_config(), [&](Initiator& self) {
    self.wait(5, sc_core::SC_NS);
    self.write(HostMap::kOperand, operands(0, 1));
    // Not while an operand is inside.
    self.write(HostMap::kModulus, bytes(other.value(), 2));
    EXPECT_EQ(self.write(HostMap::kControl, word(HostMap::kLoad)).status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    wait_for_results(self, 1);
    before = number(self.read(HostMap::kResult, 16).data, 0, 2);
    EXPECT_EQ(self.write(HostMap::kControl, word(HostMap::kLoad)).status, tlm::TLM_OK_RESPONSE);
    EXPECT_NE(word(self.read(HostMap::kStatus, 8)) & HostMap::kLoading, 0u);
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    self.write(HostMap::kOperand, operands(0, 1));
    wait_for_results(self, 1);
    // One word a cycle.
    EXPECT_GT(sc_core::sc_time_stamp() - begin,
              sc_core::sc_time(double(p.reducer.datapath().reload_words()) - 20, sc_core::SC_NS));
    after = number(self.read(HostMap::kResult, 16).data, 0, 2);
  });
  p.run();
  EXPECT_EQ(before, operand(0) % p.modulus.value());
  EXPECT_EQ(after, operand(0) % other.value());
}

TEST_P(Host, ResetEmptiesTheUnit) {
  Platform p(GetParam(), small_config(), [&](Initiator& self) {
    self.wait(5, sc_core::SC_NS);
    self.write(HostMap::kOperand, operands(0, 4));
    self.write(HostMap::kControl, word(HostMap::kReset));
    self.wait(50, sc_core::SC_NS);
    EXPECT_EQ(word(self.read(HostMap::kWritten, 8)), 0u);
    EXPECT_EQ(word(self.read(HostMap::kResultCount, 8)), 0u);
    self.write(HostMap::kOperand, operands(3, 1));
    wait_for_results(self, 1);
    EXPECT_EQ(number(self.read(HostMap::kResult, 16).data, 0, 2), operand(3) % p.modulus.value());
  });
  p.run();
}

// Reset in the middle of a slow stage's service, and operands behind it: the next result has the full
// latency.
TEST_P(Host, ResetStopsASlowStage) {
  ReducerConfig config = small_config();
  config.design.form = Form::serial;
  config.design.t = 2;
  const unsigned cycles = core_cycles(config.design);
  sc_core::sc_time took;
  Platform p(GetParam(), config, [&](Initiator& self) {
    self.wait(5, sc_core::SC_NS);
    self.write(HostMap::kOperand, operands(0, 4));
    self.wait(cycles / 2, sc_core::SC_NS);
    self.write(HostMap::kControl, word(HostMap::kReset));
    self.wait(50, sc_core::SC_NS);
    EXPECT_EQ(word(self.read(HostMap::kResultCount, 8)), 0u);
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    self.write(HostMap::kOperand, operands(3, 1));
    wait_for_results(self, 1);
    took = sc_core::sc_time_stamp() - begin;
    EXPECT_EQ(number(self.read(HostMap::kResult, 16).data, 0, 2), operand(3) % p.modulus.value());
  });
  p.run();
  EXPECT_GT(took, sc_core::sc_time(cycles + 2, sc_core::SC_NS));
  EXPECT_LT(took, sc_core::sc_time(cycles + 30, sc_core::SC_NS));
}

TEST_P(Host, MontgomeryRefusesAnEvenModulus) {
  ReducerConfig config = small_config();
  config.design.form = Form::montgomery;
  const Modulus even = Modulus::named("pow2", kN), odd = Modulus::named("pow2_plus1", kN);
  mpz_class after;
  Platform p(
      GetParam(), config,
      [&](Initiator& self) {
        self.wait(5, sc_core::SC_NS);
        self.write(HostMap::kModulus, bytes(even.value(), 2));
        EXPECT_EQ(self.write(HostMap::kControl, word(HostMap::kLoad)).status,
                  tlm::TLM_GENERIC_ERROR_RESPONSE);
        self.write(HostMap::kModulus, bytes(odd.value(), 2));
        EXPECT_EQ(self.write(HostMap::kControl, word(HostMap::kLoad)).status, tlm::TLM_OK_RESPONSE);
        self.write(HostMap::kOperand, operands(0, 1));
        wait_for_results(self, 1);
        after = number(self.read(HostMap::kResult, 16).data, 0, 2);
      },
      "rsa_like");
  p.run();
  EXPECT_EQ(after, operand(0) % odd.value());
}

// Without tables a load of another modulus takes the cycles that writing them would.
TEST_P(Host, LazyLoadsAnotherModulus) {
  ReducerConfig config = small_config();
  config.lazy = true;
  const Modulus other = Modulus::named("random", kN, 77);
  mpz_class after;
  Platform p(GetParam(), config, [&](Initiator& self) {
    self.wait(5, sc_core::SC_NS);
    self.write(HostMap::kModulus, bytes(other.value(), 2));
    EXPECT_EQ(self.write(HostMap::kControl, word(HostMap::kLoad)).status, tlm::TLM_OK_RESPONSE);
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    self.write(HostMap::kOperand, operands(0, 1));
    wait_for_results(self, 1);
    EXPECT_GT(sc_core::sc_time_stamp() - begin,
              sc_core::sc_time(double(p.reducer.datapath().reload_words()) - 20, sc_core::SC_NS));
    after = number(self.read(HostMap::kResult, 16).data, 0, 2);
  });
  p.run();
  EXPECT_EQ(after, operand(0) % other.value());
}

INSTANTIATE_TEST_SUITE_P(Styles, Host,
                         testing::Values(Style::lt, Style::at_later, Style::at_updated, Style::at_completed),
                         [](const auto& style) { return std::string(name_of(style.param)); });

// The port's row of the latency table in README.md, to the picosecond, and the interrupt line.
TEST(HostTiming, IsTheDocumentedOne) {
  const ReducerConfig config = small_config();  // accept 1, response 2, a beat 1; a cycle is 1 ns
  Result written;
  sc_core::sc_time rose;
  Platform p(Style::at_later, config, [&](Initiator& self) {
    self.write(HostMap::kControl, word(HostMap::kIrqEnable));
    self.wait(sc_core::sc_time(20, sc_core::SC_NS) - sc_core::sc_time_stamp());
    written = self.write(HostMap::kOperand, operands(0, 1));
    self.wait(p.irq.posedge_event());
    rose = sc_core::sc_time_stamp();
  });
  p.run();
  const auto ns = [](int n) { return sc_core::sc_time(n, sc_core::SC_NS); };
  EXPECT_EQ(written.begin_req, ns(20));
  EXPECT_EQ(written.end_req - written.begin_req, ns(1));
  EXPECT_EQ(written.begin_resp - written.end_req, ns(2 + 4));  // 32 bytes are 4 beats
  // The bus writes at edge 20; the lane takes the operand at edge 21, the first strictly after, delivers the
  // result `latency` cycles later, and the bus sees it from the next edge on.
  EXPECT_EQ(rose, ns(20 + 1 + static_cast<int>(p.reducer.datapath().latency()) + 1));
}

}  // namespace
}  // namespace allmod
