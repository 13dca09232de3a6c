// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
//   bench_allmod_rtl CONFIG.yaml:DESIGN.so:FOLDER... [--benchmark_...]
// Cycles a second of Verilated pipelines and of the SystemC unit of the same design, one operand in every
// cycle. `scripts/bench rtl` writes, compiles and runs them. The Verilated design is called from a plain
// loop, without SystemC around it; its inputs are prepared beforehand.
#include <sstream>

#include "tests/bench/unit_stream.h"
#include "tests/rtl/rtl_design.h"

namespace {

using allmod::bench::kOperands;
using allmod::bench::Unit;

struct Rtl {
  Rtl(const std::string& object, const std::string& folder, const Unit& unit) : design(object, folder) {
    words = 2 * unit.reducer.datapath().x_limbs();
    for (const allmod::Limb limb : unit.ring) {
      inputs.push_back(static_cast<std::uint32_t>(limb));
      inputs.push_back(static_cast<std::uint32_t>(limb >> 32));
    }
    design.inputs(true, false, inputs.data(), true);
    cycle();
    cycle();
  }
  void cycle() {
    design.eval(true);
    design.eval(false);
  }
  allmod::test::RtlDesign design;
  std::size_t words;
  std::vector<std::uint32_t> inputs;
};

void verilated(benchmark::State& state, Rtl& rtl) {
  std::vector<std::uint32_t> y(rtl.words);
  bool ready = false, valid = false;
  for (auto _ : state) {
    for (std::size_t k = 0; k < kOperands; ++k) {
      rtl.design.inputs(false, true, &rtl.inputs[k * rtl.words], true);
      rtl.cycle();
      rtl.design.outputs(ready, valid, y.data());
      benchmark::DoNotOptimize(y.data());
    }
  }
  if (!valid || !ready) state.SkipWithError("the pipeline does not move");
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kOperands));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ':');) parts.push_back(part);
  return parts;
}

}  // namespace

// Each argument: n:m:stall:DESIGN.so:FOLDER
int sc_main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  std::vector<std::unique_ptr<Unit>> units;
  std::vector<std::unique_ptr<Rtl>> designs;
  for (int i = 1; i < argc; ++i) {
    const std::vector<std::string> parts = split(argv[i]);
    if (parts.size() != 5)
      throw std::runtime_error(std::string("not n:m:stall:DESIGN.so:FOLDER: ") + argv[i]);
    const unsigned n = static_cast<unsigned>(std::stoul(parts[0])),
                   m = static_cast<unsigned>(std::stoul(parts[1]));
    const auto stall = parts[2] == "elastic" ? allmod::Stall::elastic : allmod::Stall::global;
    const std::string suffix = "/n" + parts[0] + "/m" + parts[1] + "/" + parts[2];
    const auto add = [&](const char* name, allmod::Detail detail, bool lazy) {
      allmod::ReducerConfig config = allmod::bench::config_for(n, m, stall, lazy);
      config.detail = detail;
      units.push_back(std::make_unique<Unit>("unit" + std::to_string(units.size()), config));
      Unit& unit = *units.back();
      benchmark::RegisterBenchmark((name + suffix).c_str(),
                                   [&unit](auto& state) { allmod::bench::unit_stream(state, unit); });
    };
    add("register_true", allmod::Detail::event, false);
    add("lazy", allmod::Detail::event, true);
    add("clocked", allmod::Detail::clocked, false);
    designs.push_back(std::make_unique<Rtl>(parts[3], parts[4], *units.back()));
    Rtl& rtl = *designs.back();
    benchmark::RegisterBenchmark(("verilator" + suffix).c_str(),
                                 [&rtl](auto& state) { verilated(state, rtl); });
  }
  sc_core::sc_start();  // elaborate; nothing is offered yet
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
