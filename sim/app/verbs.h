// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The verbs of the command line. Each takes the words behind the verb and returns the exit code; results go
// to stdout, everything else to stderr. Errors are thrown; main() prints them.
#pragma once

#include <string>
#include <vector>

#include "sim/app/model.h"

namespace sim::app {

struct Verb {
  const char* name;
  const char* text;  ///< one line
  int (*call)(const std::vector<std::string>& words, const Registry& registry);
};

int run(const std::vector<std::string>& words, const Registry& registry);
int describe(const std::vector<std::string>& words, const Registry& registry);
int rtl(const std::vector<std::string>& words, const Registry& registry);
int check(const std::vector<std::string>& words, const Registry& registry);
int compare_runs(const std::vector<std::string>& words, const Registry& registry);
int report(const std::vector<std::string>& words, const Registry& registry);

/// The verbs of this library, in the order of the help text.
const std::vector<Verb>& verbs();

}  // namespace sim::app
