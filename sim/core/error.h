// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <stdexcept>
#include <string>

namespace sim {

// Exit status of a program built on the engine. Scripts may rely on the numbers.
enum class Exit : int {
  done = 0,      // ran to its end, every check held
  internal = 1,  // a defect of the program itself
  usage = 2,     // wrong command line or configuration
  input = 3,     // an input file cannot be read or makes no sense; an output file cannot be written
  check = 4,     // the model contradicts itself, or is deadlocked
  limit = 5,     // stopped by a limit that the user set
};

// The one exception type that libraries throw. The message is for the user: what is wrong, where, and
// what to do about it. Only the application catches it; it prints what() and exits with exit_code().
class Error : public std::runtime_error {
 public:
  Error(Exit exit_code, const std::string& message) : std::runtime_error(message), exit_code_(exit_code) {}

  Exit exit_code() const { return exit_code_; }

 private:
  Exit exit_code_;
};

}  // namespace sim
