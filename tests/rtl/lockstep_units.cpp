// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
//   lockstep_units switch|cu DESIGN.so FOLDER --NAME NUMBER...
// Prints one line; exit code 0 without a difference, 4 with one, 2 for anything else.
#include "tests/rtl/lockstep_units.h"

#include <exception>
#include <iostream>

namespace rtl_test {

std::uint64_t Parameters::get(const std::string& name) const {
  for (int i = 0; i + 1 < argc; i += 2) {
    if (argv[i] == "--" + name) return std::stoull(argv[i + 1]);
  }
  throw std::runtime_error("--" + name + " is missing");
}

}  // namespace rtl_test

// libsystemc brings main(), which calls this.
extern "C" int sc_main(int argc, char* argv[]) {
  try {
    if (argc < 4)
      throw std::runtime_error("usage: lockstep_units switch|cu DESIGN.so FOLDER --NAME NUMBER...");
    allmod::test::RtlDesign design(argv[2], argv[3]);
    const rtl_test::Parameters parameters{argc - 4, argv + 4};
    const rtl_test::Lockstep r = std::string(argv[1]) == "switch" ? rtl_test::run_switch(design, parameters)
                                                                  : rtl_test::run_cu(design, parameters);
    std::cout << r.cycles << " cycles, " << r.events << " events, " << r.stalls << " stalled, " << r.clips
              << " clips, " << r.resets
              << " resets: " << (r.difference.empty() ? "no difference" : r.difference) << "\n";
    return r.difference.empty() ? 0 : 4;
  } catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 2;
  }
}
