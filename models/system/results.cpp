// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/results.h"

#include <algorithm>
#include <map>
#include <set>

#include "models/system/platform.h"

namespace platform {

using common::kCauses;
using common::kOperations;
using common::Ps;

std::optional<double> Energy::total() const {
  if (!missing().empty()) return std::nullopt;
  return known();
}

double Energy::known() const {
  double sum = 0;
  for (const auto& [name, value] : parts) {
    if (value && !contained(name)) sum += *value;
  }
  return sum;
}

bool Energy::contained(const std::string& name) const {
  return name == "hbm" && parts.front().second.has_value();  // the board's power has the memory's
}

std::vector<std::string> Energy::missing() const {
  std::vector<std::string> list;
  for (const auto& [name, value] : parts) {
    if (!value && !contained(name)) list.push_back(name);
  }
  return list;
}

std::optional<double> links_j(const Platform& p) {
  const auto& pj = p.settings.links.pj_per_bit;
  if (p.ring == nullptr || !p.ring->finished() || pj.is_auto()) return std::nullopt;
  std::uint64_t bytes = 0;
  for (const ring::LinkUse& use : p.ring->execution().links) bytes += use.wire_bytes;
  return static_cast<double>(bytes) * 8 * *pj.value * 1e-12;
}

Energy energy_of(const Settings& s, const common::Account& account, Ps duration) {
  Energy e;
  std::optional<double> gpu;
  if (!s.gpu.power_w.is_auto() && !s.gpu.idle_w.is_auto()) {
    const Ps busy = std::min(account.gpu_busy, duration);
    gpu = seconds(busy) * *s.gpu.power_w.value + seconds(duration - busy) * *s.gpu.idle_w.value;
  }
  const auto of_bits = [](std::uint64_t bytes, const sim::config::Auto<double>& pj) -> std::optional<double> {
    if (bytes == 0) return 0.0;
    if (pj.is_auto()) return std::nullopt;
    return static_cast<double>(bytes) * 8 * *pj.value * 1e-12;
  };
  e.parts = {{"gpu", gpu},
             {"hbm", of_bits(account.hbm_bytes, s.hbm.pj_per_bit)},
             {"sme", account.sme_j},
             {"bus", of_bits(account.bus_bytes, s.bus.pj_per_bit)}};
  return e;
}

Totals totals_of(const Platform& p) {
  Totals t;
  for (std::size_t i = 0; i < p.tokens.size(); ++i) {
    if (!p.tokens[i].complete || !p.commands->tokens()[i].measured) continue;
    ++t.tokens;
    t.duration += p.tokens[i].times.end - p.tokens[i].times.begin;
    for (std::size_t c = 0; c < kCauses; ++c) t.causes[c] += p.tokens[i].times.causes[c];
    for (std::size_t o = 0; o < kOperations; ++o) t.operations[o] += p.tokens[i].times.operations[o];
    t.account.add(p.tokens[i].account);
    t.last_index = p.commands->tokens()[i].index;
  }
  return t;
}

// Each sample stands for as many parts as its matrix has; a layer is the sum of its matrices, a token's layer
// has the precision that the token ran it with.
std::optional<EncryptedLayer> encrypted_of(const Platform& p, const Totals& totals) {
  if (p.allmod == nullptr) return std::nullopt;
  EncryptedLayer e;
  e.layer = p.settings.map.encrypted_layer;
  std::map<unsigned, double> time, multiplications;  // of the layer, by bits
  std::map<unsigned, std::set<int>> matrices;
  std::set<int> all;
  for (const auto& [key, parts] : p.allmod->parts()) {
    const double n = static_cast<double>(parts.parts), population = static_cast<double>(parts.population);
    e.parts += parts.parts;
    e.multiplications += parts.multiplications;
    time[key.second] += seconds(parts.time) / n * population / static_cast<double>(p.allmod->units().size());
    multiplications[key.second] += static_cast<double>(parts.multiplications) / n * population;
    matrices[key.second].insert(key.first);
    all.insert(key.first);
  }
  for (const AllmodUnits::Unit& unit : p.allmod->units()) {
    e.checked += unit.channel->reductions();
    e.mismatches += unit.channel->mismatches();
  }
  const auto whole = [&](unsigned bits) { return matrices.count(bits) != 0 && matrices.at(bits) == all; };
  if (whole(8)) e.time_int8_s = time[8];
  if (whole(4)) e.time_int4_s = time[4];
  // Tokens by the precision of this layer.
  double sum = 0, operations = 0;
  std::uint64_t tokens = 0;
  for (std::size_t i = 0; i < p.tokens.size(); ++i) {
    const TokenInfo& info = p.commands->tokens()[i];
    if (!p.tokens[i].complete || !info.measured) continue;
    const unsigned bits = e.layer < info.bits.size() ? static_cast<unsigned>(info.bits[e.layer] - '0') : 8;
    if (!whole(bits)) return e;  // no sample of this precision was played: nothing to scale from
    sum += time[bits];
    operations += multiplications[bits];
    ++tokens;
  }
  if (tokens == 0) return e;
  const double n = static_cast<double>(tokens);
  e.layer_multiplications = operations / n;
  e.share = static_cast<double>(e.multiplications) / operations;
  e.time_s = sum / n;
  e.time_per_token_s = sum / n + seconds(totals.duration) / n;
  const allmod::HostedModMul& unit = *p.allmod->units().front().unit;
  const double cycle = unit.period().to_seconds();
  e.least_time_s = operations / n * unit.datapath().ii() * cycle /
                   (static_cast<double>(unit.lanes()) * static_cast<double>(p.allmod->units().size()));
  return e;
}

}  // namespace platform
