// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "traces/workload/calibrate/text.h"
#include "traces/workload/flexquant/weights.h"
#include "traces/workload/host/kv_cache.h"
#include "traces/workload/million/codebook.h"
#include "traces/workload/model/weights.h"

namespace workload {

// What calibrate and evaluate have in common: a model and a text.
struct ModelTextOptions {
  std::string model;
  std::string synthetic;
  std::string text;
  double held_out = 0.1;
  std::uint64_t seed = 1;
  unsigned threads = 0;
  std::size_t windows = 8;
  std::size_t length = 1024;
  std::size_t group = flexquant::kDefaultGroup;

  void describe(boost::program_options::options_description& to);
};

// Parses arguments (all after the verb). False when help was asked for and printed. Throws sim::Error
// (usage).
bool parse_options(const boost::program_options::options_description& options, const std::string& usage,
                   const std::vector<std::string>& arguments);

// Throws sim::Error (usage) unless exactly one of model and synthetic is given; (input) as loading does.
Weights open_model(const ModelTextOptions& options);

// Throws sim::Error (usage) for other names.
flexquant::Int4Format parse_int4_format(const std::string& text);

// "64x8,32x12": shapes (M x nbits) of product quantisation for vectors of head_dim; 4bit is head_dim/2 x 8,
// 3bit is head_dim/4 x 12, the published settings. Throws sim::Error (usage).
std::vector<million::PqShape> parse_pq_shapes(const std::string& text, unsigned head_dim);

// Writes JSON, or says before the work begins that it will not be possible. Both throw sim::Error (input).
void require_writable(const std::string& file);
void write_json(const nlohmann::json& what, int indent, const std::string& file);

KvShape kv_shape(const ModelShape& shape, std::size_t capacity);

}  // namespace workload
