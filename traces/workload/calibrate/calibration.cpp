// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/calibration.h"

#include <fstream>
#include <sstream>

#include "sim/core/error.h"
#include "traces/workload/calibrate/digest.h"

namespace workload {
const million::Codebooks& Calibration::books(unsigned sub_vectors, unsigned code_bits) const {
  std::string there;
  for (const million::Codebooks& pair : codebooks) {
    const million::PqShape& shape = pair.key.shape();
    if (shape.sub_vectors == sub_vectors && shape.code_bits == code_bits) return pair;
    there += " " + std::to_string(shape.sub_vectors) + "x" + std::to_string(shape.code_bits);
  }
  throw sim::Error(sim::Exit::input, "the calibration has no codebooks of " + std::to_string(sub_vectors) +
                                         " sub-vectors and " + std::to_string(code_bits) + " bits; it has" +
                                         (there.empty() ? " none" : there) + " (calibrate with --pq)");
}

Calibration load_calibration(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    throw sim::Error(sim::Exit::input, "cannot read the calibration " + file.string());
  Calibration calibration = parse_calibration(text.str(), file.string());
  calibration.digest = sha256_of(text.str());
  return calibration;
}

void require_fit(const Calibration& calibration, const Weights& weights) {
  if (calibration.weights_digest == weights.digest) return;
  throw sim::Error(sim::Exit::input, "the calibration was made with other weights (" +
                                         calibration.model_name + ", " +
                                         calibration.weights_digest.substr(0, 16) + "...) than these (" +
                                         weights.shape.name + ", " + weights.digest.substr(0, 16) +
                                         "...); run tricycle-workload calibrate with this model");
}

void save_calibration(Calibration& calibration, const std::filesystem::path& file) {
  const std::string text = to_text(calibration);
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw sim::Error(sim::Exit::input, "cannot write the calibration " + file.string());
  calibration.digest = sha256_of(text);
}

}  // namespace workload
