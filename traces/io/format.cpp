// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/format.h"

namespace trace {

const std::vector<std::string>& kind_names() {
  static const std::vector<std::string> kNames = {"header",    "footer",  "tensor", "tile_digest",
                                                  "prefill",   "token",   "gemv",   "kv_append",
                                                  "kv_attend", "modulus", "mod_mul"};
  return kNames;
}

std::string kind_name(unsigned kind) {
  if (kind >= 1 && kind <= kind_names().size()) return kind_names()[kind - 1];
  return "kind " + std::to_string(kind);
}

unsigned kind_of_name(std::string_view name) {
  for (unsigned i = 0; i < kind_names().size(); ++i) {
    if (kind_names()[i] == name) return i + 1;
  }
  return 0;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 100;
  std::string result(text.substr(0, kMost));
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text.size() > kMost ? result + "..." : result;
}

std::string hex(std::string_view bytes) {
  static const char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

}  // namespace trace
