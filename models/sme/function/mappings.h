// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>

#include "models/sme/function/mapping.h"

// The choices behind make_mapping(), one file each.
namespace sme {

std::unique_ptr<MappingPolicy> make_inter_crossbar_mapping();
std::unique_ptr<MappingPolicy> make_conventional_mapping();

// Tiles of a map from statistics (inter_crossbar); returns crossbars without ones before squeezing.
std::uint64_t place_statistics(const TileStatistics& statistics, const MappingSettings& settings,
                               LayerMap& map);

}  // namespace sme
