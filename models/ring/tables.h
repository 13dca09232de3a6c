// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/ring/run.h"

namespace ring {

/// Operations with the longest waits, longest first; those that waited for nothing are left out.
std::vector<OpId> longest_waits(const OpGraph& graph, const std::vector<Wait>& waits, std::size_t count);
/// "Q of step 3, gpu 1 -> gpu 2: dependency 1.2 ms (compute of step 2 on gpu 1)".
std::string wait_text(const OpGraph& graph, const Execution& execution, const std::vector<Wait>& waits,
                      OpId op);
/// "gpu0->gpu1, 97.1 %".
std::string busiest_link(const Fabric& fabric, const Execution& execution);

/// profile.html, steps.svg, steps.csv, operations.csv, links.csv, curve.csv. Throws sim::Error(Exit::input)
/// when one cannot be written.
void write_files(const Settings& settings, const Run& run, const std::filesystem::path& run_dir,
                 std::vector<sim::app::Artefact>& list);

}  // namespace ring
