// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
//   lockstep CONFIG.yaml DESIGN.so FOLDER CYCLES SEED
// runs the RTL that `tricycle rtl` wrote into FOLDER beside the SystemC unit of the same configuration.
// Prints one line; exit code 0 without a difference, 4 with one, 2 for anything else.
#include <iostream>

#include "models/allmod/settings.h"
#include "sim/config/document.h"
#include "sim/config/reader.h"
#include "sim/core/failure.h"
#include "tests/rtl/lockstep_bench.h"

namespace allmod::test {
namespace {

struct File {
  std::string model;
  Settings settings;
  void fields(sim::config::Visitor& v) {
    v.field("model", model, sim::config::Meta("", "allmod"));
    settings.fields(v);
  }
};

struct Unit {
  Unit(const char* name, const ReducerConfig& config, const Modulus& m)
      : stats(name), reducer(name, config, m, failure, stats, recorder) {}
  sim::Failure failure;
  sim::stats::Group stats;
  sim::record::Recorder recorder;
  Reducer reducer;
};

template <unsigned N>
LockstepResult run(const Settings& settings, const char* object, const char* folder, std::uint64_t cycles,
                   std::uint64_t seed) {
  ReducerConfig config = settings.reducer();
  config.with_socket = false;
  config.clock_mhz = 500;
  const Modulus modulus = settings.modulus.make(N);
  config.detail = Detail::event;
  Unit event("event", config, modulus);
  config.detail = Detail::clocked;
  Unit clocked("clocked", config, modulus);
  RtlDesign design(object, folder);

  sc_core::sc_clock clk("clk", sc_core::sc_time(2, sc_core::SC_NS));
  const Datapath datapath(config.design);
  LockstepBench<N> bench("bench", Tables(datapath, modulus), cycles, seed);
  bench.clk(clk);
  const auto connect = [&](auto& pins, std::size_t k) {
    pins.clk(clk), pins.rst(bench.rst), pins.in_valid(bench.in_valid), pins.in_data(bench.in_data);
    pins.out_ready(bench.out_ready), pins.in_ready(bench.outputs[k].in_ready);
    pins.out_valid(bench.outputs[k].out_valid), pins.out_data(bench.outputs[k].out_data);
  };
  RtlPins<N> rtl("rtl", design);
  PinAdaptor<N> event_pins("event_pins", event.reducer), clocked_pins("clocked_pins", clocked.reducer);
  connect(rtl, 0);
  connect(event_pins, 1);
  connect(clocked_pins, 2);
  sc_core::sc_start();
  event.failure.rethrow();
  clocked.failure.rethrow();
  return bench.result();
}

using Runner = LockstepResult (*)(const Settings&, const char*, const char*, std::uint64_t, std::uint64_t);
struct Width {
  unsigned n;
  Runner run;
};
// The lengths that lock-step can be run at: around the words that simulators and limbs are made of.
constexpr Width kWidths[] = {
    {4, run<4>},     {5, run<5>},     {8, run<8>},      {13, run<13>},   {16, run<16>},   {17, run<17>},
    {24, run<24>},   {31, run<31>},   {32, run<32>},    {33, run<33>},   {40, run<40>},   {48, run<48>},
    {63, run<63>},   {64, run<64>},   {65, run<65>},    {96, run<96>},   {100, run<100>}, {127, run<127>},
    {128, run<128>}, {129, run<129>}, {160, run<160>},  {192, run<192>}, {255, run<255>}, {256, run<256>},
    {384, run<384>}, {512, run<512>}, {1024, run<1024>}};

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--widths") {
    for (const Width& width : kWidths) std::cout << width.n << "\n";
    return 0;
  }
  if (argc != 6) {
    std::cerr << "usage: lockstep CONFIG.yaml DESIGN.so FOLDER CYCLES SEED | lockstep --widths\n";
    return 2;
  }
  sim::config::Diagnostics diagnostics;
  File file;
  const auto document = sim::config::Document::load(argv[1], diagnostics);
  const auto resolved = sim::config::read(document, file, diagnostics);
  diagnostics.throw_if_any();
  for (const Width& width : kWidths) {
    if (width.n != file.settings.design.n) continue;
    const LockstepResult r =
        width.run(file.settings, argv[2], argv[3], std::stoull(argv[4]), std::stoull(argv[5]));
    std::cout << r.cycles << " cycles, " << r.transfers << " results, " << r.stalls << " stalled cycles, "
              << r.resets << " resets: " << (r.difference.empty() ? "equal" : r.difference) << "\n";
    if (!r.difference.empty()) return 4;
    if (r.transfers == 0) {
      std::cerr << "no result left the design: nothing was compared\n";
      return 4;
    }
    return 0;
  }
  std::cerr << "lock-step is not compiled for n = " << file.settings.design.n << "\n";
  return 2;
}

}  // namespace
}  // namespace allmod::test

int sc_main(int argc, char** argv) {
  try {
    return allmod::test::main(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "lockstep: " << e.what() << "\n";
    return 2;
  }
}
