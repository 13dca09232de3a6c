// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/verbs.h"

int main(int argc, char** argv) { return workload::main(argc, argv); }
