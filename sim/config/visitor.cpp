// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/visitor.h"

#include <algorithm>

namespace sim::config {
namespace {

bool is_key(const std::string& key) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto later = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !key.empty() && letter(key[0]) && std::all_of(key.begin(), key.end(), later);
}

}  // namespace

Visitor::Visitor() { frames_.emplace_back(); }

std::string Visitor::join(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

void Visitor::declare(const std::string& key) {
  const std::string name = "the setting '" + join(path(), key) + "'";
  if (!is_key(key)) throw Error(Exit::internal, name + " has a key that is not a word");
  if (key == "include") throw Error(Exit::internal, name + " uses a reserved key");
  auto& keys = frames_.back().keys;
  if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
    throw Error(Exit::internal, name + " is declared twice");
  }
  keys.push_back(key);
}

void Visitor::inside(const std::string& path, const Body& body) {
  frames_.push_back({path, {}});
  body();
  on_leave();
  frames_.pop_back();
}

}  // namespace sim::config
