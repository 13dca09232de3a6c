// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/arbiter.h"

namespace sme {

std::unique_ptr<Arbiter> make_arbiter(ArbiterKind kind) {
  switch (kind) {
    case ArbiterKind::oldest:
      return make_oldest_arbiter();
    case ArbiterKind::results_first:
      return make_results_first_arbiter();
    case ArbiterKind::round_robin:
      break;
  }
  return make_round_robin_arbiter();
}

}  // namespace sme
