// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traces/workload/host/kv_caches.h"
#include "traces/workload/host/sampler.h"
#include "traces/workload/numeric/cpu.h"

namespace workload {

enum class Precision { f32, int8, int4, flexquant };
const char* name(Precision precision);

// What a trace has of the weights: Tensor records, TileDigest records, or neither.
enum class WeightRecords { codes, digest, none };

// What `tricycle-workload run` was asked for.
struct RunOptions {
  std::string model;      // directory, or
  std::string synthetic;  // shape
  std::string prompt;     // one of the three
  std::string prompt_ids;
  std::string prompt_file;
  unsigned fill = 0;  // tokens of a cache that is filled with seeded values instead of a prompt
  unsigned tokens = 128;
  Precision precision = Precision::flexquant;
  KvFormat kv = KvFormat::pq;
  unsigned pq_bits = 4;         // 4: M = head_dim / 2, 8-bit codes; 3: M = head_dim / 4, 12-bit codes
  std::optional<double> share;  // of the layers at INT4, by count instead of by PPLE
  std::string calibration;
  std::string encrypt;           // modulus; empty: none
  unsigned encrypt_every = 64;   // tokens
  unsigned encrypt_inputs = 32;  // of a sampled tile
  unsigned encrypt_outputs = 4;
  std::uint64_t seed = 1;
  SamplerSettings sampling;
  std::string int4 = "calibrated";  // calibrated, group or nested
  bool synchronous = false;
  std::optional<double> hysteresis;
  std::optional<unsigned> window;
  bool no_way_back = false;
  unsigned threads = 0;
  bool cuda = false;  // the back end: a GPU instead of the host
  SimdLevel simd = SimdLevel::portable;
  std::string tokens_out;
  std::string trace;
  bool times = true;
  unsigned op_times = 1;  // on a GPU: of products and attentions, every so many tokens; 0: none
  bool graphs = true;     // on a GPU: steps as CUDA graphs
  WeightRecords weights = WeightRecords::codes;
  unsigned tile_stride = 1;  // of WeightRecords::digest: every N-th tile
  unsigned activations = 1;  // every so many tokens; 0: none
  int level = 0;             // of zstd; 0: its level -20, since codes hardly compress
  bool quiet = false;
  bool help = false;
  std::string help_text;
};

// Reads the words behind `run`. Throws sim::Error (usage) for options there are not, values out of range, and
// combinations that make no sense.
RunOptions parse_run_options(const std::vector<std::string>& words);

}  // namespace workload
