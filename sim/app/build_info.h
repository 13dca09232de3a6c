// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>

namespace sim::app {

/// What this program was built from. The strings are set by the build (build_info.cmake).
struct BuildInfo {
  std::string version;     ///< "0.1.0"
  std::string git_commit;  ///< 40 hex digits, "-dirty" behind them when the tree had changes; or "unknown"
  std::string compiler;    ///< "GNU 12.2.0"
  std::string build_type;  ///< "Release"
};
BuildInfo build_info();

/// Version of the SystemC library that is linked.
std::string systemc_version();

/// Path of vcd2fst in PATH; empty when there is none.
std::string vcd2fst_path();

/// Text of `tricycle --version`.
std::string version_text();

}  // namespace sim::app
