// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/sme/function/matrix.h"

namespace sme::study {

// Everything that the reproduction page says of a network's crossbars: by quantiser, bits and squeeze degree,
// by plane, empty rows, sparsity, storage of indices and masks, baselines, MLC. `prune`: share of the pieces
// that the PIM-Prune-style pruning takes out.
nlohmann::json counts(const std::vector<WeightMatrix>& network, double prune);

}  // namespace sme::study
