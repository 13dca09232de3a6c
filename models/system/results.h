// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/common/command.h"
#include "models/system/settings.h"

namespace platform {

struct Platform;

inline double seconds(common::Ps ps) { return static_cast<double>(ps) * 1e-12; }

// What a token can wait for, and consist of, in the order of the result files.
constexpr common::Cause kTokenCauses[] = {common::Cause::gpu,    common::Cause::hbm, common::Cause::sme,
                                          common::Cause::allmod, common::Cause::bus, common::Cause::queue,
                                          common::Cause::host};
constexpr common::Operation kTokenOperations[] = {
    common::Operation::qkv_proj,  common::Operation::o_proj,  common::Operation::gate_up_proj,
    common::Operation::down_proj, common::Operation::lm_head, common::Operation::kv_append,
    common::Operation::attention, common::Operation::other};

// Energy by component, joules; absent: there is no sourced figure.
struct Energy {
  std::vector<std::pair<std::string, std::optional<double>>> parts;  // gpu first
  bool contained(const std::string& name) const;                     // in the figure of another component
  std::vector<std::string> missing() const;
  double known() const;
  std::optional<double> total() const;  // absent when one is missing
};
// Of all links during the prompt; absent without a figure, or without a prompt on the cluster.
std::optional<double> links_j(const Platform& platform);
Energy energy_of(const Settings& settings, const common::Account& account, common::Ps duration);

// Of the measured tokens that are complete.
struct Totals {
  std::uint64_t tokens = 0;
  common::Ps duration = 0;
  std::array<common::Ps, common::kCauses> causes{};
  std::array<common::Ps, common::kOperations> operations{};
  common::Account account;
  std::uint32_t last_index = 0;
};
Totals totals_of(const Platform& platform);

// The encrypted layer, scaled from its samples. Times and counts are of one token, mean of the measured ones;
// absent where the samples that were played do not cover a precision that a token ran the layer with.
struct EncryptedLayer {
  unsigned layer = 0;
  std::uint64_t parts = 0, multiplications = 0;        // samples, and what they multiplied
  std::uint64_t checked = 0, mismatches = 0;           // reductions, against GMP
  std::optional<double> layer_multiplications, share;  // of the layer; sampled / all of the measured tokens
  std::optional<double> time_s;  // one sample after the other on each unit, as they were run
  std::optional<double> time_int8_s, time_int4_s;
  std::optional<double> time_per_token_s;  // with the rest of the token in front
  std::optional<double> least_time_s;      // lanes that never wait
};
std::optional<EncryptedLayer> encrypted_of(const Platform& platform, const Totals& totals);

}  // namespace platform
