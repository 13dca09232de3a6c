// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

namespace workload {

// The verbs `calibrate` and `evaluate` of tricycle-workload; arguments are those after the verb. Results go
// to stdout, progress to stderr. Both return 0 and throw sim::Error for what a user can put right.
int calibrate_command(const std::vector<std::string>& arguments);
int evaluate_command(const std::vector<std::string>& arguments);

}  // namespace workload
