// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Words of the settings' choices; to be included where they are read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/sme/settings.h"

namespace sim::config {
template <>
struct EnumNames<sme::QuantizerWord> {
  static const std::vector<std::pair<sme::QuantizerWord, std::string>>& get();
};
template <>
struct EnumNames<sme::ScaleWord> {
  static const std::vector<std::pair<sme::ScaleWord, std::string>>& get();
};
template <>
struct EnumNames<sme::ValueFidelity> {
  static const std::vector<std::pair<sme::ValueFidelity, std::string>>& get();
};
template <>
struct EnumNames<sme::Detail> {
  static const std::vector<std::pair<sme::Detail, std::string>>& get();
};
template <>
struct EnumNames<sme::MappingKind> {
  static const std::vector<std::pair<sme::MappingKind, std::string>>& get();
};
template <>
struct EnumNames<sme::SignMode> {
  static const std::vector<std::pair<sme::SignMode, std::string>>& get();
};
template <>
struct EnumNames<sme::Depthwise> {
  static const std::vector<std::pair<sme::Depthwise, std::string>>& get();
};
template <>
struct EnumNames<sme::WeightLaw> {
  static const std::vector<std::pair<sme::WeightLaw, std::string>>& get();
};
template <>
struct EnumNames<sme::Orientation> {
  static const std::vector<std::pair<sme::Orientation, std::string>>& get();
};
template <>
struct EnumNames<sme::ArbiterKind> {
  static const std::vector<std::pair<sme::ArbiterKind, std::string>>& get();
};
template <>
struct EnumNames<sme::ScheduleKind> {
  static const std::vector<std::pair<sme::ScheduleKind, std::string>>& get();
};
template <>
struct EnumNames<sme::PlacementKind> {
  static const std::vector<std::pair<sme::PlacementKind, std::string>>& get();
};
template <>
struct EnumNames<sme::BankOrder> {
  static const std::vector<std::pair<sme::BankOrder, std::string>>& get();
};
}  // namespace sim::config
