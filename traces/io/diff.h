// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "traces/io/reader.h"

namespace trace {

/// What two builds of the generator may differ in and still count as one: float arithmetic rounds
/// differently.
struct DiffLimits {
  double activation_codes = 0.999;  ///< least share of equal codes
  double pple = 1e-3;               ///< largest relative difference
  double pq_digests = 0;            ///< least share of equal digests of PQ codes; 0: reported, not judged
};

struct DiffFigure {
  std::string name;
  std::string value;  ///< "12,345 of 12,345 equal"
  std::string limit;  ///< "all", ">= 99.9 %", "not judged"
  bool within = true;
};

struct DiffReport {
  std::vector<DiffFigure> figures;
  std::vector<std::string> notes;  ///< the first places where something differs
  bool within() const;
  void text(std::ostream& out) const;
};

/// Compares two traces record by record. Times are never compared. Records of a kind that the header of one
/// of them excludes are left out. Memory does not grow with the traces.
DiffReport diff(Reader& a, Reader& b, const DiffLimits& limits = {},
                const std::function<void()>& progress = {});

/// Compares every record but the footer as bytes.
DiffReport diff_exactly(Reader& a, Reader& b, const std::function<void()>& progress = {});

}  // namespace trace
