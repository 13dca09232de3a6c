// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/prompt_pieces.h"

namespace workload {

std::vector<PromptPiece> prompt_pieces(unsigned tokens) {
  std::vector<PromptPiece> pieces = {{tokens, tokens, true}};
  for (unsigned devices = 2; devices <= 64; devices *= 2) {
    if (tokens == 0 || tokens % (2 * devices) != 0) break;
    const unsigned part = tokens / devices;
    pieces.push_back({part, part, true});
    pieces.push_back({part, part, false});
    pieces.push_back({part, part / 2, false});
    pieces.push_back({part / 2, part, false});
  }
  return pieces;
}

}  // namespace workload
