// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/study/counts.h"

#include "models/sme/function/baselines.h"
#include "models/sme/function/mapping.h"
#include "models/sme/function/quantizer.h"

namespace sme::study {
namespace {

using nlohmann::json;

struct Sum {
  CrossbarCounts counts;
  std::uint64_t row_slots = 0, bits = 0, rcmr_bits = 0, squeezed_rows = 0, programmed = 0;
  std::array<std::uint64_t, kMaxPlanes> rows{}, ones{};

  void add(const LayerMap& map) {
    counts.add(map.counts);
    row_slots += map.tile_row_slots;
    for (unsigned p = 0; p < kMaxPlanes; ++p) {
      rows[p] += map.before[p].rows;
      ones[p] += map.before[p].ones;
    }
    bits += map.macs * map.planes;
    rcmr_bits += map.rcmr_bits;
    for (const TileMap& tile : map.tiles) {
      squeezed_rows += tile.squeezed_rows;
      for (const PlaneUse& use : tile.sets[0].use) programmed += use.ones;
    }
  }
  json to_json() const {
    json out{{"conventional", counts.conventional},
             {"bit_sliced", counts.bit_sliced},
             {"zero", counts.zero},
             {"used", counts.used},
             {"packed", counts.packed},
             {"used_by_plane", counts.used_by_plane},
             {"rcmr_bytes", (rcmr_bits + 7) / 8},
             {"squeezed_rows", squeezed_rows}};
    std::uint64_t all = 0;
    json empty = json::array();
    for (unsigned p = 0; p < kMaxMagnitudeBits; ++p) {
      all += ones[p];
      empty.push_back(row_slots == 0 ? 0 : 1 - static_cast<double>(rows[p]) / static_cast<double>(row_slots));
    }
    out["empty_rows"] = empty;
    out["bit_sparsity"] = bits == 0 ? 0 : 1 - static_cast<double>(all) / static_cast<double>(bits);
    out["bit_sparsity_squeezed"] =
        bits == 0 ? 0 : 1 - static_cast<double>(programmed) / static_cast<double>(bits);
    return out;
  }
};

MappingSettings magnitude(unsigned degree, unsigned cell_bits = 1) {
  MappingSettings settings;
  settings.sign = SignMode::magnitude;
  settings.depthwise = Depthwise::as_given;
  settings.squeeze_degree = degree;
  settings.crossbar.cell_bits = cell_bits;
  return settings;
}

QuantizerSettings quantizer(QuantizerKind kind, unsigned bits, unsigned s = 3, bool per_channel = false) {
  QuantizerSettings settings;
  settings.kind = kind;
  settings.bits = bits;
  settings.s = s;
  settings.per_channel = per_channel;
  return settings;
}

std::vector<CodedMatrix> coded(const std::vector<WeightMatrix>& network, const QuantizerSettings& settings) {
  const auto q = make_quantizer(settings);
  std::vector<CodedMatrix> all;
  for (const WeightMatrix& m : network) all.push_back(q->quantize(m));
  return all;
}

json mapped(const std::vector<CodedMatrix>& network, unsigned degree, unsigned cell_bits = 1) {
  Sum sum;
  for (const CodedMatrix& m : network) sum.add(map_layer(m, magnitude(degree, cell_bits)));
  return sum.to_json();
}

json by_degree(const std::vector<CodedMatrix>& network, unsigned bits = 8) {
  json rows = json::array();
  for (unsigned degree = 0; degree <= 3 && degree < bits; ++degree) rows.push_back(mapped(network, degree));
  return rows;
}

json pruned(const std::vector<CodedMatrix>& network, double share) {
  Sum plain, squeezed;
  std::uint64_t index = 0, conventional = 0, conventional_index = 0, ones = 0, bits = 0;
  for (const CodedMatrix& m : network) {
    const PrunedMatrix strips = pim_prune_style(m, 128, share);
    index += strips.index_bits;
    bits += std::uint64_t{m.inputs} * m.outputs * m.planes;
    for (const CodedMatrix& strip : strips.strips) {
      plain.add(map_layer(strip, magnitude(0)));
      squeezed.add(map_layer(strip, magnitude(3)));
      for (const int code : strip.codes)
        ones += static_cast<unsigned>(__builtin_popcount(static_cast<unsigned>(code < 0 ? -code : code)));
    }
    // On the conventional mapping a crossbar row holds cols / planes outputs.
    const PrunedMatrix narrow = pim_prune_style(m, 128 / m.planes, share);
    conventional_index += narrow.index_bits;
    for (const CodedMatrix& strip : narrow.strips) conventional += (strip.inputs + 127) / 128;
  }
  return {{"share", share},
          {"conventional", conventional},
          {"conventional_index_bytes", (conventional_index + 7) / 8},
          {"sme", plain.to_json()},
          {"sme_squeezed", squeezed.to_json()},
          {"index_bytes", (index + 7) / 8},
          {"bit_sparsity", 1 - static_cast<double>(ones) / static_cast<double>(bits)}};
}

json sre(const std::vector<CodedMatrix>& network) {
  BaselineCount sum;
  for (const CodedMatrix& m : network) {
    const BaselineCount one = sre_style(m, {});
    sum.crossbars += one.crossbars;
    sum.index_bits += one.index_bits;
  }
  return {{"crossbars", sum.crossbars}, {"index_bytes", (sum.index_bits + 7) / 8}};
}

}  // namespace

json counts(const std::vector<WeightMatrix>& network, double prune) {
  json out;
  const auto sme8 = coded(network, quantizer(QuantizerKind::sme, 8));
  const auto int8 = coded(network, quantizer(QuantizerKind::int8, 8));
  std::uint64_t weights = 0;
  for (const CodedMatrix& m : sme8) weights += m.codes.size();
  out["weights"] = weights;
  out["int8"] = by_degree(int8);
  for (unsigned bits = 4; bits <= 8; ++bits)
    out["sme_bits"][std::to_string(bits)] =
        by_degree(coded(network, quantizer(QuantizerKind::sme, bits)), bits);
  for (const unsigned s : {1u, 2u, 4u})
    out["sme_s"][std::to_string(s)] = by_degree(coded(network, quantizer(QuantizerKind::sme, 8, s)));
  out["per_channel"] = by_degree(coded(network, quantizer(QuantizerKind::sme, 8, 3, true)));
  QuantizerSettings mixed = quantizer(QuantizerKind::mixed, 8);
  mixed.mixed_error = 0.08;
  const auto mixed_codes = coded(network, mixed);
  out["mixed"] = by_degree(mixed_codes, 8);
  for (const CodedMatrix& m : mixed_codes) out["mixed_bits"].push_back(m.planes);
  for (unsigned degree = 0; degree <= 3; ++degree) out["mlc"].push_back(mapped(sme8, degree, 2));
  out["sre"] = {{"int8", sre(int8)}, {"sme", sre(sme8)}};
  out["pim_prune"] = pruned(sme8, prune);
  out["pim_prune_int8"] = pruned(int8, prune);
  for (std::size_t i = 0; i < network.size(); ++i) {
    const LayerMap map = map_layer(sme8[i], magnitude(3));
    out["layers"].push_back({{"name", network[i].name},
                             {"inputs", network[i].inputs},
                             {"outputs", network[i].outputs},
                             {"positions", network[i].positions},
                             {"conventional", map.counts.conventional},
                             {"bit_sliced", map.counts.bit_sliced},
                             {"used", map_layer(sme8[i], magnitude(0)).counts.used},
                             {"squeezed", map.counts.used},
                             {"empty_msb_rows", map.empty_row_share(1)},
                             {"rms_error", sme8[i].rms_error}});
  }
  return out;
}

}  // namespace sme::study
