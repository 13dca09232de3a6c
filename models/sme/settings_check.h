// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>

#include "models/sme/layers.h"
#include "models/sme/settings.h"

namespace sme {

// Rules between the settings and the layers that were read: capacity, width of sums, buffer.
void check_layers(const Settings& settings, const LoadedLayers& loaded, const sim::config::Resolved& resolved,
                  sim::config::Diagnostics& diagnostics);

// Whether results depend on a setting at all.
bool settings_matter(const Settings& settings, const std::string& path);

}  // namespace sme
