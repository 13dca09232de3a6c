// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "traces/workload/model/shape.h"

namespace workload {

// config.json of a model directory in Hugging Face's layout. Both places of the rotary embedding's settings
// are known: rope_theta and rope_scaling (since 2023) and rope_parameters (transformers 5). head_dim is taken
// or derived; num_key_value_heads defaults to num_attention_heads. What this program does not compute is
// refused by name, never ignored: other architectures, biases, other activations, rotary embeddings other
// than default and llama3. Throws sim::Error (input) with the file and the key.
ModelShape read_config(const std::filesystem::path& directory);

// The same of a parsed document; `where` leads the messages. The name of the shape is left empty.
ModelShape shape_from_config(const nlohmann::json& config, const std::string& where);

}  // namespace workload
