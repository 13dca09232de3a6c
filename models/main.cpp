// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/main.h"

#include <systemc>

#include "models/allmod/search/verb/search_verb.h"
#include "models/register_all.h"
#include "sim/sweep/sensitivity_verb.h"
#include "sim/sweep/sweep_verb.h"
#include "traces/verbs/trace_verb.h"

// libsystemc's main() calls this.
int sc_main(int argc, char** argv) {
  sim::app::Registry registry;
  tricycle::register_all(registry);
  return sim::app::main(argc, argv, registry,
                        {sim::sweep::sweep_verb(), sim::sweep::sensitivity_verb(), allmod::search_verb(),
                         trace::verbs::trace_verb()});
}
