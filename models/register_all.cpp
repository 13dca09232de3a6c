// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/register_all.h"

#include "models/allmod/model.h"
#include "models/ring/model.h"
#include "models/sme/model.h"
#include "models/system/model.h"

namespace tricycle {

// One explicit line a model: a forgotten one is a link or test failure, never a surprise at run time.
void register_all(sim::app::Registry& registry) {
  allmod::register_model(registry);
  ring::register_model(registry);
  sme::register_model(registry);
  platform::register_model(registry);
}

}  // namespace tricycle
