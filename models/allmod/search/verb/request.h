// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "models/allmod/search/search.h"
#include "models/allmod/settings.h"

namespace allmod {

// Words of the command line, in the terms of a search. All throw sim::Error(Exit::usage) with what there is.

// "latency_cycles,lut_sites".
std::vector<Metric> metrics(const std::string& words);
// "bram36<=100"; "fmax_mhz>=150" is a cap on critical_ns.
Cap cap(const std::string& words);
// "w=4..8", "t=2", "form=serial,template".
void narrow(SearchSpace& space, const std::string& words);

// The space around a configuration: its n, segment, multiplier and table limit.
SearchSpace space_of(const Settings& settings);
CostOptions cost_options(const Settings& settings);

// "w8 m1 p2 e1 r1 rho2": what a form has, in the words of --only.
std::string parameters(const Design& design);
// The same as assignments, design.w=8 ...; parameters that the form has not get their default, so that a
// configuration of another form can be the base.
std::vector<std::string> assignments(const Design& design);

}  // namespace allmod
