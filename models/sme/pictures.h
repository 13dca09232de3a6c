// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "sim/app/model.h"

namespace sme {

class Chip;
struct Platform;
struct LayerMap;
struct TokenRun;
struct CostTable;

// occupancy.svg: layers down, planes across; the colour is the share of cells that are one in the crossbars
// held, the number in a field how many crossbars are held of how many there would be.
std::string occupancy_picture(const std::vector<const LayerMap*>& layers);

// tokens.svg: energy and cycles of each token, and how many layers ran with INT4.
std::string token_picture(const std::vector<TokenRun>& tokens, const CostTable& cost);

// utilisation.csv: a line for each crossbar that holds something, `before` in front; `end`: the run's last
// cycle.
constexpr const char* kUtilisationColumns = "bank,cu,crossbar,conversions,busy_cycles,utilisation,layers";
void utilisation_rows(const Chip& chip, sim::Cycle end, const std::string& before, std::ostream& out);

// Writes them into the run folder.
void write_pictures(const Platform& platform, const std::filesystem::path& run_dir,
                    std::vector<sim::app::Artefact>& list);

}  // namespace sme
