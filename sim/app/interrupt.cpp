// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/interrupt.h"

namespace sim::app {
namespace {

// A signal handler reaches nothing but a variable of static storage.
volatile std::sig_atomic_t came = 0;

extern "C" void remember_signal(int signal) { came = signal; }

}  // namespace

Interrupt::Interrupt() {
  came = 0;
  struct sigaction action {};
  action.sa_handler = remember_signal;
  // SA_RESETHAND: the second signal finds the default action. SA_RESTART: a write to a file is not cut short.
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &old_int_);
  ::sigaction(SIGTERM, &action, &old_term_);
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &old_int_, nullptr);
  ::sigaction(SIGTERM, &old_term_, nullptr);
}

int Interrupt::signal() const { return came; }

const char* Interrupt::name() const { return came == SIGTERM ? "SIGTERM" : "SIGINT"; }

}  // namespace sim::app
