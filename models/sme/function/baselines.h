// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "models/sme/function/crossbar.h"
#include "models/sme/function/matrix.h"

namespace sme {

// Designs that SME is set beside, as far as crossbars and index storage go (no accuracy, no retraining).

struct BaselineCount {
  std::uint64_t crossbars = 0;
  std::uint64_t index_bits = 0;
};

// In the style of SRE (Yang et al., ISCA 2019): the conventional mapping cut into operating units of
// `unit_cols` bit columns; within each, rows whose cells are all zero are left out and those behind move up.
// A kept row needs its index among the crossbar's rows. Magnitude planes; SLC.
BaselineCount sre_style(const CodedMatrix& matrix, const CrossbarShape& shape, unsigned unit_cols = 16);

// In the style of PIM-Prune (Chu et al., DAC 2020): a matrix is cut into strips of `strip_cols` outputs (what
// a crossbar holds of a row); of all pieces of one row and strip the `share` with the smallest energy is
// pruned, and the kept rows of a strip move together. A kept piece needs the index of its row. The strips,
// each a matrix of its own that can be mapped in any way: rows that are left out are gone from it, strips
// without rows too.
struct PrunedMatrix {
  std::vector<CodedMatrix> strips;
  std::uint64_t index_bits = 0;
  std::uint64_t kept = 0, pieces = 0;
};
PrunedMatrix pim_prune_style(const CodedMatrix& matrix, unsigned strip_cols, double share);

}  // namespace sme
