// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

namespace workload {

// A verb of tricycle-workload takes the words behind it and returns the exit status; errors are sim::Error.
struct Verb {
  const char* name;
  const char* text;
  int (*call)(const std::vector<std::string>& words);
};
const std::vector<Verb>& verbs();

// Runs a model and writes a trace.
int run(const std::vector<std::string>& words);

// Times kernels and decode steps on a GPU.
int bench(const std::vector<std::string>& words);

// The program: dispatches, prints errors, gives the exit status.
int main(int argc, char** argv);

// "tricycle-workload 0.1.0"
std::string generator_text();

}  // namespace workload
