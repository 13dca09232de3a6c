// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <filesystem>

#include <dlfcn.h>

#include "sim/core/error.h"
#include "sim/sweep/process.h"
#include "sim/sweep/sampler.h"

// Pagmo's tables are filled when it is loaded, which takes longer than a small simulation. So only a sweep
// that evolves loads it, from ../lib/tricycle beside the program's folder, as built and as installed.
namespace sim::sweep {

std::unique_ptr<Sampler> make_evolution(const Space& space, const SweepConfig& config) {
  using Make = Sampler* (*)(const Space&, const SweepConfig&);
  const auto file = std::filesystem::path(own_program()).parent_path().parent_path() /
                    "lib/tricycle/libtricycle_evolution.so";
  void* const module = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays: its code made the sampler
  void* const make = module == nullptr ? nullptr : ::dlsym(module, "tricycle_make_evolution");
  if (make == nullptr) {
    throw Error(Exit::input, std::string("the samplers nsga2 and moead cannot be loaded: ") + ::dlerror() +
                                 "; it is built and installed with the program");
  }
  return std::unique_ptr<Sampler>(reinterpret_cast<Make>(make)(space, config));
}

}  // namespace sim::sweep
