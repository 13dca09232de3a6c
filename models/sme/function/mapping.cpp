// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/mapping.h"

#include <algorithm>

#include "models/sme/function/mappings.h"
#include "models/sme/function/squeeze.h"
#include "models/sme/function/tile_bits.h"
#include "sim/core/ceil_div.h"
#include "sim/core/error.h"

namespace sme {
namespace {

using sim::ceil_div;

LayerMap begin(const MappingSettings& settings, unsigned magnitude_bits) {
  LayerMap map;
  map.magnitude_bits = magnitude_bits;
  map.planes = magnitude_bits + (settings.sign == SignMode::offset ? 1 : 0);
  map.sign = settings.sign;
  map.sign_sets = settings.sign == SignMode::differential ? 2 : 1;
  map.crossbar = settings.crossbar;
  map.conventional = settings.kind == MappingKind::conventional;
  map.squeeze_degree = settings.squeeze_degree;
  return map;
}

// Counts of the tiles of the matrix as it is given.
void count(LayerMap& given, std::uint32_t inputs, std::uint32_t outputs, std::uint64_t zero) {
  CrossbarCounts& counts = given.counts;
  const std::uint64_t cells = ceil_div(given.planes, given.crossbar.cell_bits);
  counts.conventional = given.sign_sets * ceil_div(inputs, given.crossbar.rows) *
                        ceil_div(cells * outputs, given.crossbar.cols);
  counts.bit_sliced = given.sign_sets * given.tiles.size() * cells;
  counts.zero = zero;
  assign_slots(given, true);
  counts.packed = given.crossbars;
  assign_slots(given, false);
  counts.used = given.crossbars;
  for (const TileMap& tile : given.tiles) {
    given.tile_row_slots += tile.rows;
    for (const SetMap& set : tile.sets)
      for (unsigned i = 0; i < kMaxPlanes; ++i) counts.used_by_plane[i] += set.crossbars >> i & 1;
  }
}

// A channel of a diagonal mapping is one piece.
void check_kernel(const CodedMatrix& matrix, const MappingSettings& settings, unsigned planes) {
  const CrossbarShape& shape = settings.crossbar;
  const std::uint64_t cells =
      settings.kind == MappingKind::conventional ? ceil_div(planes, shape.cell_bits) : std::uint64_t{1};
  if (matrix.inputs <= shape.rows && cells <= shape.cols) return;
  throw sim::Error(sim::Exit::usage, matrix.name + ": a channel of " + std::to_string(matrix.inputs) +
                                         " taps takes " + std::to_string(matrix.inputs) + " x " +
                                         std::to_string(cells) + " cells, a crossbar has " +
                                         std::to_string(shape.rows) + " x " + std::to_string(shape.cols) +
                                         "; set larger crossbars, or depthwise: as_given for counts alone");
}

void finish(LayerMap& map, bool pack) {
  assign_slots(map, pack);
  map.rcmr_bits = 0;
  for (const TileMap& tile : map.tiles) map.rcmr_bits += tile.rcmr_bits;
}

}  // namespace

const char* name(MappingKind kind) {
  return kind == MappingKind::conventional ? "conventional" : "inter_crossbar";
}
const char* name(Depthwise depthwise) { return depthwise == Depthwise::as_given ? "as_given" : "diagonal"; }

void check(const MappingSettings& settings) {
  const auto refuse = [](const std::string& what) { throw sim::Error(sim::Exit::usage, what); };
  const CrossbarShape& shape = settings.crossbar;
  const auto side = [&](const char* key, unsigned value) {
    if (value == 0 || value > kMaxCrossbarSide)
      refuse(std::string("crossbar.") + key + ": " + std::to_string(value) + " is outside [1, " +
             std::to_string(kMaxCrossbarSide) + "]");
  };
  side("rows", shape.rows);
  side("cols", shape.cols);
  if (shape.cell_bits != 1 && shape.cell_bits != 2)
    refuse("crossbar.cell_bits: " + std::to_string(shape.cell_bits) + " is neither 1 (SLC) nor 2 (MLC)");
  if (settings.squeeze_degree > kMaxSqueeze)
    refuse("squeeze.degree: " + std::to_string(settings.squeeze_degree) + " is outside [0, 3]");
  if (settings.squeeze_degree > 0 && settings.kind == MappingKind::conventional)
    refuse(
        "squeeze.degree: a conventional mapping has no planes to squeeze out; set mapping.kind: "
        "inter_crossbar or "
        "squeeze.degree: 0");
}

std::unique_ptr<MappingPolicy> make_mapping(MappingKind kind) {
  return kind == MappingKind::conventional ? make_conventional_mapping() : make_inter_crossbar_mapping();
}

LayerMap map_layer(const CodedMatrix& matrix, const MappingSettings& settings) {
  check(settings);
  LayerMap map = begin(settings, matrix.planes);
  map.name = matrix.name;
  map.kind = matrix.kind;
  map.outputs = matrix.outputs;
  map.positions = matrix.positions;
  map.macs = std::uint64_t{matrix.inputs} * matrix.outputs;

  std::uint64_t zero = 0;
  const StoredBits given(matrix, settings.sign, false);
  for (const Block& block : blocks(given, settings.crossbar))
    map.tiles.push_back(sliced_tile(given, block, settings.squeeze_degree, settings.crossbar,
                                    settings.release_empty, map.before, zero));
  count(map, matrix.inputs, matrix.outputs, zero);

  const bool diagonal = matrix.kind == MatrixKind::depthwise && settings.depthwise == Depthwise::diagonal;
  if (diagonal) check_kernel(matrix, settings, map.planes);
  const StoredBits executed(matrix, settings.sign, diagonal);
  map.inputs = executed.rows();
  if (diagonal || settings.kind != MappingKind::inter_crossbar) {
    map.tiles.clear();
    make_mapping(settings.kind)->place(executed, settings, map);
  } else {
    map.tile_rows = static_cast<std::uint32_t>(ceil_div(map.inputs, settings.crossbar.rows));
    map.tile_cols = static_cast<std::uint32_t>(ceil_div(map.outputs, settings.crossbar.cols));
  }
  finish(map, settings.pack_narrow);
  return map;
}

LayerMap map_layer(const TileStatistics& statistics, const MappingSettings& settings) {
  check(settings);
  if (settings.sign != SignMode::magnitude)
    throw sim::Error(sim::Exit::usage,
                     "sign: tile statistics have magnitudes only; set sign: magnitude, or use a "
                     "trace with weight codes");
  if (settings.kind != MappingKind::inter_crossbar || settings.crossbar.rows != statistics.tile_rows ||
      settings.crossbar.cols != statistics.tile_cols)
    throw sim::Error(sim::Exit::usage,
                     "crossbar: the tile statistics of " + statistics.name + " are of " +
                         std::to_string(statistics.tile_rows) + " x " + std::to_string(statistics.tile_cols) +
                         " tiles, inter_crossbar mapping; set crossbar.rows and crossbar.cols so");
  LayerMap map = begin(settings, statistics.planes);
  map.name = statistics.name;
  map.inputs = statistics.inputs;
  map.outputs = statistics.outputs;
  map.macs = std::uint64_t{map.inputs} * map.outputs;
  map.tile_rows = static_cast<std::uint32_t>(ceil_div(map.inputs, settings.crossbar.rows));
  map.tile_cols = static_cast<std::uint32_t>(ceil_div(map.outputs, settings.crossbar.cols));
  const std::uint64_t zero = place_statistics(statistics, settings, map);
  count(map, map.inputs, map.outputs, zero);
  finish(map, settings.pack_narrow);
  return map;
}

}  // namespace sme
