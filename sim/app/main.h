// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <vector>

#include "sim/app/model.h"
#include "sim/app/verbs.h"

// As SystemC declares it: a program that includes this header need not include <systemc> to define it.
extern "C" int sc_main(int argc, char* argv[]);

namespace sim::app {

/// The whole `tricycle` command line for the given models. Returns the exit code (sim::Exit) and throws
/// nothing.
///
/// libsystemc brings the C function main(); a program of one's own is
/// @code
///   int sc_main(int argc, char** argv) {
///     sim::app::Registry registry;
///     registry.add(my_model());
///     return sim::app::main(argc, argv, registry);
///   }
/// @endcode
/// linked with tricycle::app. At most one call a process: the SystemC kernel cannot start twice.
/// `more` are verbs of the program's own, behind those of this library.
int main(int argc, char** argv, const Registry& registry, const std::vector<Verb>& more = {});

}  // namespace sim::app
