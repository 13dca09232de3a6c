// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/digest.h"

#include "traces/io/sha256.h"

namespace workload {

std::string sha256_of(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  trace::Sha256 sha;
  sha.update(bytes);
  std::string text;
  for (const char c : sha.finish()) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

}  // namespace workload
