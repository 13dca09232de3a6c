// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace workload {

struct SamplerSettings {
  double temperature = 0;  // 0: greedy
  unsigned top_k = 0;      // only the k most likely tokens; 0: all
  std::uint64_t seed = 0;
};

// Chooses the next token. Greedy takes the largest logit, the lowest index on ties. Sampling draws from
// softmax(logits / temperature) with a 64-bit Mersenne Twister, one draw a token.
class Sampler {
 public:
  // Throws sim::Error (usage) for a temperature below 0 or that is not finite.
  explicit Sampler(const SamplerSettings& settings);

  std::uint32_t choose(const std::vector<float>& logits);
  // "greedy", "temperature 0.8 seed 3", "temperature 0.8 top-k 40 seed 3".
  std::string text() const;

 private:
  SamplerSettings settings_;
  std::mt19937_64 random_;
};

}  // namespace workload
