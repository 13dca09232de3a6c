// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

namespace sme::study {

struct AccuracySettings {
  std::filesystem::path model;  // folder of a checkpoint
  std::filesystem::path text;
  std::size_t windows = 6;
  std::size_t length = 256;  // tokens of a window
};

// Perplexity of the text's held-out last tenth (teacher-forced, exact f32 attention) of the f32 model, of
// INT8 as the companion quantises, and with the matrices of every layer on crossbars: S = 2, 3, 4, squeeze D
// = 0..3, ADC of 6 bits and exact, one scale a matrix and one an output, differential planes. The head stays
// INT8, as in the companion.
nlohmann::json accuracy(const AccuracySettings& settings,
                        const std::function<void(const std::string&)>& progress);

}  // namespace sme::study
