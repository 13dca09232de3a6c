// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/build_info.h"

#include <cstdlib>
#include <sstream>

#include <systemc>

#include <unistd.h>

#include "tricycle_build_info.h"  // generated

namespace sim::app {

BuildInfo build_info() {
  return {TRICYCLE_VERSION, TRICYCLE_GIT_COMMIT, TRICYCLE_COMPILER, TRICYCLE_BUILD_TYPE};
}

std::string systemc_version() { return sc_core::sc_release(); }

std::string vcd2fst_path() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = (folder.empty() ? "." : folder) + "/vcd2fst";
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

std::string version_text() {
  const BuildInfo build = build_info();
  const std::string fst = vcd2fst_path();
  std::ostringstream out;
  out << "tricycle " << build.version << "\n"
      << "git commit      " << build.git_commit << "\n"
      << "compiler        " << build.compiler << ", " << build.build_type << "\n"
      << "SystemC         " << systemc_version() << "\n"
      << "FST recordings  " << (fst.empty() ? "no (vcd2fst is not in PATH)" : "yes (" + fst + ")") << "\n"
      << "CUDA companion  no\n";
  return out.str();
}

}  // namespace sim::app
