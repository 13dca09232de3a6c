// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/main.h"
#include "sim/sweep/sensitivity_verb.h"
#include "sim/sweep/sweep_verb.h"
#include "toy_model.h"

int sc_main(int argc, char** argv) {
  sim::app::Registry registry;
  registry.add(toy::make_model());
  return sim::app::main(argc, argv, registry, {sim::sweep::sweep_verb(), sim::sweep::sensitivity_verb()});
}
