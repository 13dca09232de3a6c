// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/sme/function/layer_map.h"
#include "models/sme/function/stored_bits.h"

namespace sme {

enum class MappingKind {
  inter_crossbar,  // plane p of a tile in a crossbar of its own (the paper's)
  conventional,    // the bits of a weight in neighbouring columns of one crossbar
};
const char* name(MappingKind kind);

enum class Depthwise {
  as_given,  // the k*k x C matrix as it stands: for counts, no values
  diagonal,  // floor(rows / k*k) channels a crossbar, each with rows of its own
};
const char* name(Depthwise depthwise);

struct MappingSettings {
  MappingKind kind = MappingKind::inter_crossbar;
  CrossbarShape crossbar;
  SignMode sign = SignMode::differential;
  unsigned squeeze_degree = 0;  // D, 0..3; inter_crossbar only
  bool release_empty = true;    // crossbars without ones are not allocated
  bool pack_narrow = false;     // narrow tiles of one plane share a crossbar, side by side
  Depthwise depthwise = Depthwise::diagonal;
};

// Where a matrix's bits go: one interface, one file a choice.
class MappingPolicy {
 public:
  virtual ~MappingPolicy() = default;
  // Fills tiles, slots, crossbars and rcmr_bits of a map whose other fields are set.
  virtual void place(const StoredBits& bits, const MappingSettings& settings, LayerMap& map) const = 0;
};
std::unique_ptr<MappingPolicy> make_mapping(MappingKind kind);

// The map of a matrix, counts by the reference rules included. Throws sim::Error (usage) for settings out of
// range or that contradict each other (squeezing a conventional mapping).
LayerMap map_layer(const CodedMatrix& matrix, const MappingSettings& settings);
// The same from bit statistics alone (a trace's TileDigest): magnitude mode only; planes that squeezing moves
// ones into count as used, which is an upper bound.
LayerMap map_layer(const TileStatistics& statistics, const MappingSettings& settings);

void check(const MappingSettings& settings);

}  // namespace sme
