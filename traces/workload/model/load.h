// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>

#include "traces/workload/model/weights.h"

namespace workload {

// A model directory: config.json and its tensors under Hugging Face's names. Every tensor must be there with
// the shape that config.json implies, and there must be no other: a tensor that is not computed (a bias, an
// adapter) would silently change the model. The head of a tied model may be stored again and is not read.
// Throws sim::Error (input) with file, tensor, expected and found shape.
Weights load_weights(const std::filesystem::path& directory);

}  // namespace workload
