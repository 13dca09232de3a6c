// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/allmod/function/modulus.h"

namespace platform {

// What a platform has to know of a trace before it plays it: one pass over the file, which is validated on
// the way.
struct TraceSurvey {
  std::string file, digest, device, model, precision;
  bool thresholds = false;  // PPLE against FlexQuant's thresholds chose the precision of layers
  bool synthetic = false;
  unsigned layers = 0, hidden = 0, intermediate = 0, heads = 0, kv_heads = 0, head_dim = 0, vocab = 0;
  bool has_weights = false, has_digests = false, has_activations = false, has_results = false,
       measured = false;
  std::string kv_format;
  unsigned sub_vectors = 0, code_bits = 0, residual_tokens = 0;
  bool asynchronous = false;

  std::uint64_t tokens = 0;
  std::uint64_t context_tokens = 0;  // most that an attention saw
  bool prefill = false;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t gemvs = 0, appends = 0, attends = 0, mod_muls = 0;

  // Shape of every matrix that a product names: layer, matrix -> rows, cols.
  std::map<std::pair<std::uint32_t, int>, std::pair<std::uint32_t, std::uint32_t>> shapes;
  // Mean of the measured times of a kind of product, ns: matrix, bits.
  struct Mean {
    std::uint64_t count = 0, ns = 0;
    double mean() const { return count == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(count); }
  };
  std::map<std::pair<int, unsigned>, Mean> gemv_times;

  struct Modulus {
    unsigned bits = 0;
    std::string name;
    std::string value;  // big-endian bytes
  };
  std::map<std::uint32_t, Modulus> moduli;                            // by id
  std::map<std::uint32_t, std::set<std::uint32_t>> encrypted_layers;  // ids of their moduli
  allmod::Modulus modulus(std::uint32_t id) const;
};

// Throws sim::Error (input): not readable, damaged, breaks a rule.
TraceSurvey survey_trace(const std::string& file);

}  // namespace platform
