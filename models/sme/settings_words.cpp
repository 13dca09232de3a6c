// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// How configurations spell the choices.
#include "models/sme/settings_words.h"

namespace sim::config {

using namespace sme;
template <class E>
using Words = std::vector<std::pair<E, std::string>>;

const Words<QuantizerWord>& EnumNames<QuantizerWord>::get() {
  static const Words<QuantizerWord> words = {
      {QuantizerWord::sme, "sme"},   {QuantizerWord::int8, "int8"},   {QuantizerWord::po2, "po2"},
      {QuantizerWord::apot, "apot"}, {QuantizerWord::mixed, "mixed"}, {QuantizerWord::trace, "trace"}};
  return words;
}
const Words<ScaleWord>& EnumNames<ScaleWord>::get() {
  static const Words<ScaleWord> words = {{ScaleWord::per_tensor, "per_tensor"},
                                         {ScaleWord::per_channel, "per_channel"}};
  return words;
}
const Words<ValueFidelity>& EnumNames<ValueFidelity>::get() {
  static const Words<ValueFidelity> words = {{ValueFidelity::bit_true, "bit_true"},
                                             {ValueFidelity::none, "none"}};
  return words;
}
const Words<Detail>& EnumNames<Detail>::get() {
  static const Words<Detail> words = {{Detail::event, "event"}, {Detail::clocked, "clocked"}};
  return words;
}
const Words<MappingKind>& EnumNames<MappingKind>::get() {
  static const Words<MappingKind> words = {{MappingKind::inter_crossbar, "inter_crossbar"},
                                           {MappingKind::conventional, "conventional"}};
  return words;
}
const Words<SignMode>& EnumNames<SignMode>::get() {
  static const Words<SignMode> words = {{SignMode::magnitude, "magnitude"},
                                        {SignMode::differential, "differential"},
                                        {SignMode::offset, "offset"}};
  return words;
}
const Words<Depthwise>& EnumNames<Depthwise>::get() {
  static const Words<Depthwise> words = {{Depthwise::diagonal, "diagonal"},
                                         {Depthwise::as_given, "as_given"}};
  return words;
}
const Words<WeightLaw>& EnumNames<WeightLaw>::get() {
  static const Words<WeightLaw> words = {{WeightLaw::gaussian, "gaussian"}, {WeightLaw::laplace, "laplace"}};
  return words;
}
const Words<Orientation>& EnumNames<Orientation>::get() {
  static const Words<Orientation> words = {{Orientation::inputs_by_outputs, "inputs_by_outputs"},
                                           {Orientation::outputs_by_inputs, "outputs_by_inputs"}};
  return words;
}
const Words<ArbiterKind>& EnumNames<ArbiterKind>::get() {
  static const Words<ArbiterKind> words = {{ArbiterKind::round_robin, "round_robin"},
                                           {ArbiterKind::oldest, "oldest"},
                                           {ArbiterKind::results_first, "results_first"}};
  return words;
}
const Words<ScheduleKind>& EnumNames<ScheduleKind>::get() {
  static const Words<ScheduleKind> words = {{ScheduleKind::serial, "serial"},
                                            {ScheduleKind::streamed, "streamed"}};
  return words;
}
const Words<PlacementKind>& EnumNames<PlacementKind>::get() {
  static const Words<PlacementKind> words = {{PlacementKind::automatic, "auto"},
                                             {PlacementKind::per_tile, "per_tile"},
                                             {PlacementKind::whole, "whole"},
                                             {PlacementKind::dense, "dense"}};
  return words;
}
const Words<BankOrder>& EnumNames<BankOrder>::get() {
  static const Words<BankOrder> words = {{BankOrder::packed, "packed"}, {BankOrder::spread, "spread"}};
  return words;
}

}  // namespace sim::config
