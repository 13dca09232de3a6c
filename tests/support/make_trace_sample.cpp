// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// make_trace_sample FILE: writes the trace that is committed as traces/samples/v1_sample.tct. It must stay
// readable for ever; a later version of the format gets a sample beside it.
#include <cstdio>

#include "tests/support/trace_samples.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_trace_sample FILE\n", stderr);
    return 2;
  }
  test_support::write_sample(argv[1]);
  return 0;
}
