// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <vector>

namespace workload {

struct PromptPiece {
  unsigned query_tokens = 0;
  unsigned kv_tokens = 0;
  bool causal = false;  // query_tokens = kv_tokens, with the mask along the diagonal
};

// What the attention of a prompt of `tokens` is cut into when 1, 2, 4 ... 64 devices share it, each with P =
// tokens / devices of it: the whole, causal; then for every number of devices that 2 P divides evenly
//   P x P causal (a device's own block), P x P (ring, all to all in rings),
//   P x P/2 and P/2 x P (zigzag: half of the keys, half of the queries).
// These are alternatives to choose from by size, not parts to be added up.
std::vector<PromptPiece> prompt_pieces(unsigned tokens);

}  // namespace workload
