// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/command.h"

namespace common {

const char* name(Cause cause) {
  static const char* const kNames[kCauses] = {"gpu", "hbm", "sme", "allmod", "ring", "bus", "queue", "host"};
  return kNames[static_cast<std::size_t>(cause)];
}

const char* name(Operation operation) {
  static const char* const kNames[kOperations] = {"qkv_proj",  "o_proj",    "gate_up_proj", "down_proj",
                                                  "lm_head",   "kv_append", "attention",    "other",
                                                  "encrypted", "prefill"};
  return kNames[static_cast<std::size_t>(operation)];
}

void Account::add(const Account& other) {
  gpu_busy += other.gpu_busy;
  hbm_bytes += other.hbm_bytes;
  bus_bytes += other.bus_bytes;
  macs += other.macs;
  weight_bytes += other.weight_bytes;
  kv_bytes += other.kv_bytes;
  int4_weights += other.int4_weights;
  weights += other.weights;
  sme_j += other.sme_j;
}

}  // namespace common
