// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/verbs.h"

namespace workload {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> kVerbs = {
      {"run", "run a model and write a trace", run},
  };
  return kVerbs;
}

}  // namespace workload
