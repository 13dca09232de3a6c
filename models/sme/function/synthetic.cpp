// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>

#include "models/sme/function/networks.h"
#include "models/sme/function/random.h"

namespace sme {

void fill_synthetic(WeightMatrix& matrix, WeightLaw law, double sigma, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (const char c : matrix.name) hash = mix(hash ^ static_cast<unsigned char>(c));
  Random random(hash);
  const double deviation = sigma > 0 ? sigma : std::sqrt(2.0 / matrix.inputs);
  matrix.values.resize(std::size_t{matrix.inputs} * matrix.outputs);
  for (float& value : matrix.values) {
    double x;
    if (law == WeightLaw::gaussian) {
      x = random.normal();
    } else {
      // Inverse of the distribution; variance 1 has a mean magnitude of sqrt(1/2).
      const double u = random.uniform_above_0() - 0.5;
      x = (u < 0 ? std::log(1 + 2 * u + 0x1p-53) : -std::log(1 - 2 * u + 0x1p-53)) * 0.70710678118654752;
    }
    value = static_cast<float>(deviation * x);
  }
}

}  // namespace sme
