// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/settings.h"

// How configurations spell the choices.
namespace sim::config {

using namespace allmod;

const std::vector<std::pair<Form, std::string>>& EnumNames<Form>::get() {
  static const std::vector<std::pair<Form, std::string>> names = [] {
    std::vector<std::pair<Form, std::string>> words;
    for (const Form form : forms()) words.emplace_back(form, form_word(form));
    return words;
  }();
  return names;
}

const std::vector<std::pair<Stall, std::string>>& EnumNames<Stall>::get() {
  static const std::vector<std::pair<Stall, std::string>> names = {{Stall::elastic, "elastic"},
                                                                   {Stall::global, "global"}};
  return names;
}

const std::vector<std::pair<Detail, std::string>>& EnumNames<Detail>::get() {
  static const std::vector<std::pair<Detail, std::string>> names = {{Detail::event, "event"},
                                                                    {Detail::clocked, "clocked"}};
  return names;
}

const std::vector<std::pair<OperandKind, std::string>>& EnumNames<OperandKind>::get() {
  static const std::vector<std::pair<OperandKind, std::string>> names = {
      {OperandKind::random, "random"},
      {OperandKind::adversarial, "adversarial"},
      {OperandKind::file, "file"},
      {OperandKind::chain, "chain"},
      {OperandKind::trace, "trace"}};
  return names;
}

const std::vector<std::pair<ChainKind, std::string>>& EnumNames<ChainKind>::get() {
  static const std::vector<std::pair<ChainKind, std::string>> names = {
      {ChainKind::power, "power"},
      {ChainKind::encrypted_layer, "encrypted_layer"},
      {ChainKind::product_tree, "product_tree"}};
  return names;
}

const std::vector<std::pair<Port, std::string>>& EnumNames<Port>::get() {
  static const std::vector<std::pair<Port, std::string>> names = {{Port::stream, "stream"},
                                                                  {Port::socket, "socket"}};
  return names;
}

const std::vector<std::pair<ValueFidelity, std::string>>& EnumNames<ValueFidelity>::get() {
  static const std::vector<std::pair<ValueFidelity, std::string>> names = {
      {ValueFidelity::register_true, "register_true"}, {ValueFidelity::lazy, "lazy"}};
  return names;
}

}  // namespace sim::config
