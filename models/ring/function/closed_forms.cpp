// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/closed_forms.h"

#include <algorithm>

namespace ring {

double ring_seconds(unsigned gpus, const MessageTimes& t, double t_c) {
  return (gpus - 1) * std::max(t.kv, t_c) + t_c;
}

double token_ring_seconds(unsigned gpus, const MessageTimes& t, double t_c) {
  if (gpus == 1) return t_c;
  if (gpus == 2) return std::max(t.q, t_c) + t_c + t.out;
  return 2 * std::max(t.q, t_c) + (gpus - 3) * std::max(t.q_and_out, t_c) + std::max(t.out, t_c) + t.out;
}

}  // namespace ring
