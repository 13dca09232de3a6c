// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Every latency of models/allmod/README.md is exact: the result is not there one cycle earlier, and is there.
#include <memory>

#include <gtest/gtest.h>

#include "tests/support/allmod_bench.h"
#include "tests/support/latency_table.h"

namespace allmod::test {
namespace {

const char* const kReadme = TRICYCLE_SOURCE_DIR "/models/allmod/README.md";

ReducerConfig config_of(const std::map<std::string, std::string>& settings) {
  ReducerConfig c;
  Design& d = c.design;
  for (const auto& [key, value] : settings) {
    const auto number = [&value = value] { return static_cast<unsigned>(std::stoul(value)); };
    if (key == "form") {
      for (const Form form : forms()) {
        if (value == form_word(form)) d.form = form;
      }
      if (value != form_word(d.form)) throw std::runtime_error("unknown form " + value);
    } else if (key == "n") {
      d.n = number();
    } else if (key == "w") {
      d.w = number();
    } else if (key == "m") {
      d.m = number();
    } else if (key == "p") {
      d.p = number();
    } else if (key == "e") {
      d.e = number();
    } else if (key == "r") {
      d.r = number();
    } else if (key == "rho") {
      d.rho = number();
    } else if (key == "segment") {
      d.segment = number();
    } else if (key == "t") {
      d.t = number();
    } else if (key == "u") {
      d.u = number();
    } else if (key == "eager") {
      d.eager = number() != 0;
    } else if (key == "digit") {
      d.multiplier.digit = number();
    } else if (key == "karatsuba") {
      d.multiplier.karatsuba = number();
    } else if (key == "registers") {
      d.multiplier.registers = number();
    } else {
      throw std::runtime_error("unknown key " + key);
    }
  }
  return c;
}

// Form::montgomery reduces by odd moduli only.
const char* odd(Form form) { return form == Form::montgomery ? "rsa_like" : "random"; }

// One operand, alone, at every level of detail and with both stall policies.
TEST(Latency, OfOneOperandIsTheDocumentedOne) {
  const auto rows = ::test::read_table(kReadme, "latencies");
  struct Case {
    std::unique_ptr<StreamBench> bench;
    sim::Cycle latency;
    std::string text;
  };
  std::vector<Case> cases;
  for (const auto& row : rows) {
    for (Detail detail : {Detail::event, Detail::clocked}) {
      for (Stall stall : {Stall::elastic, Stall::global}) {
        ReducerConfig config = config_of(row.settings("design"));
        config.detail = detail;
        config.stall = stall;
        const Modulus m = Modulus::named(odd(config.design.form), config.design.n, 3);
        const std::string name = "r" + std::to_string(cases.size());
        cases.push_back({std::make_unique<StreamBench>(name, config, m, 1), row.number("latency"),
                         row.cells.at("design")});
      }
    }
  }
  EXPECT_GE(rows.size(), 12u);
  sc_core::sc_start();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    ASSERT_EQ(c.bench->keeper.left[0].size(), 1u);
    // The source offers its operand in cycle 1.
    EXPECT_EQ(c.bench->keeper.left[0][0].cycle, 1 + c.latency);
    EXPECT_EQ(c.bench->reducer.datapath().latency(), c.latency);
  }
}

// A stream of operands: one every `interval` cycles, from the first on.
TEST(Interval, OfAStreamIsTheDocumentedOne) {
  std::vector<std::pair<std::unique_ptr<StreamBench>, sim::Cycle>> cases;
  for (const auto& row : ::test::read_table(kReadme, "latencies")) {
    for (Stall stall : {Stall::elastic, Stall::global}) {
      ReducerConfig config = config_of(row.settings("design"));
      config.stall = stall;
      const Modulus m = Modulus::named(odd(config.design.form), config.design.n, 3);
      cases.emplace_back(std::make_unique<StreamBench>("r" + std::to_string(cases.size()), config, m, 20),
                         row.number("interval"));
    }
  }
  sc_core::sc_start();
  for (const auto& [bench, interval] : cases) {
    const auto& left = bench->keeper.left[0];
    ASSERT_EQ(left.size(), 20u);
    for (std::size_t i = 1; i < left.size(); ++i) EXPECT_EQ(left[i].cycle - left[i - 1].cycle, interval);
  }
}

// A sink that becomes ready in one known cycle gets its result in that cycle, not one later; one that is
// ready one cycle before the result is due must wait for it.
TEST(Latency, TheSinkDecidesTheCycle) {
  std::vector<std::unique_ptr<StreamBench>> benches;
  std::vector<sim::Cycle> want;
  for (Detail detail : {Detail::event, Detail::clocked}) {
    for (Stall stall : {Stall::elastic, Stall::global}) {
      for (sim::Cycle ready_at : {1u, 9u, 10u, 11u, 12u, 40u}) {
        ReducerConfig config;
        config.design = {Form::pipelined, 64, 8, 1, 2, 1, 1, 2, 0};
        config.detail = detail;
        config.stall = stall;
        StallConfig out;
        out.kind = StallKind::pattern;
        out.pattern = std::string(ready_at, '0') + std::string(1000, '1');
        benches.push_back(std::make_unique<StreamBench>("r" + std::to_string(benches.size()), config,
                                                        Modulus::named("goldilocks", 64), 1, StallConfig{},
                                                        out));
        want.push_back(std::max<sim::Cycle>(ready_at, 1 + benches.back()->reducer.datapath().latency()));
      }
    }
  }
  sc_core::sc_start();
  for (std::size_t i = 0; i < benches.size(); ++i) {
    EXPECT_EQ(benches[i]->keeper.left[0].at(0).cycle, want[i]) << i;
  }
}

}  // namespace
}  // namespace allmod::test
