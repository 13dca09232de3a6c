// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "traces/workload/flexquant/policy.h"
#include "traces/workload/flexquant/weights.h"
#include "traces/workload/million/codebook.h"
#include "traces/workload/model/weights.h"

namespace workload {

// What `tricycle-workload calibrate` finds out about one model: everything that dynamic precision and the
// product-quantised cache need at run time. Kept as one JSON file; codebooks are base64 of little-endian
// fp16.
struct Calibration {
  std::string weights_digest;  // Weights::digest of the model that it belongs to
  std::string model_name;
  flexquant::PolicySettings policy;
  flexquant::Int4Format int4 =
      flexquant::Int4Format::group;  // the format that order and thresholds were measured with
  std::size_t group = flexquant::kDefaultGroup;
  std::vector<double> sensitivities;          // s_l, nats, a layer
  std::vector<million::Codebooks> codebooks;  // different shapes
  nlohmann::json report;                      // how it was made and what was measured; for people and scripts
  std::string digest;                         // SHA-256 of the file, hexadecimal; empty before it is one

  // Codebooks of M sub-vectors and codes of nbits. Throws sim::Error (input) where there are none.
  const million::Codebooks& books(unsigned sub_vectors, unsigned code_bits) const;
};

// Throws sim::Error (input) for a file that cannot be read, is no calibration, or contradicts itself.
Calibration load_calibration(const std::filesystem::path& file);

// Throws sim::Error (input) unless the calibration was made with these weights.
void require_fit(const Calibration& calibration, const Weights& weights);

// Writes the file and fills in its digest. Throws sim::Error (input) where it cannot be written.
void save_calibration(Calibration& calibration, const std::filesystem::path& file);

// The file's text, and back; `where` leads messages.
std::string to_text(const Calibration& calibration);
Calibration parse_calibration(const std::string& text, const std::string& where);

}  // namespace workload
