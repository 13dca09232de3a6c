// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What stands around the reducer in the output folder: bench, vectors, Makefile, resource estimate, README.
#pragma once

#include <string>
#include <vector>

#include "models/allmod/rtl/forms.h"

namespace allmod {

std::string rtl_bench(const Datapath& datapath, unsigned vectors);
void add_vectors(const Tables& tables, const RtlOptions& options, std::vector<RtlFile>& files);
std::string rtl_makefile();
std::string rtl_resources(const Datapath& datapath, const RtlOptions& options, const std::string& heading);
std::string rtl_readme(const Datapath& datapath, const RtlOptions& options, const std::string& heading,
                       const std::vector<RtlMemory>& memories);

}  // namespace allmod
