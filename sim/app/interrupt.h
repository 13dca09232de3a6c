// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <csignal>

namespace sim::app {

/// While one lives, the first SIGINT and the first SIGTERM are remembered instead of ending the program.
/// The second one of a kind ends it at once, with the system's own action. At most one at a time.
/// Also where SIGINT was ignored, as shells do for background jobs: one that is sent on purpose counts.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// The signal that came, 0 when none did.
  int signal() const;
  const char* name() const;

 private:
  struct sigaction old_int_ {};
  struct sigaction old_term_ {};
};

}  // namespace sim::app
