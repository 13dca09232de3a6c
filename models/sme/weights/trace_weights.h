// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "models/sme/function/matrix.h"
#include "models/sme/function/stored_bits.h"

namespace trace {
class Reader;
}

namespace sme {

// Names of a matrix of a trace: layer and kind of matrix as in its Gemv records.
struct TraceKey {
  std::uint32_t layer = 0;
  int matrix = 0;  // tricycle.trace.Matrix
  bool operator<(const TraceKey& other) const {
    return layer != other.layer ? layer < other.layer : matrix < other.matrix;
  }
};

// One matrix of a trace. The pieces of a large one are put together.
struct TraceMatrix {
  TraceKey key;
  CodedMatrix int8;  // 7 planes; codes empty where the trace has statistics only
  CodedMatrix int4;  // INT4 codes of their own (group scales), 3 planes; empty where INT4 is nested or absent
  TileStatistics statistics;       // tiles empty where the trace has codes
  bool nested = false;             // INT4 is the first three planes of int8
  std::uint32_t group = 0;         // inputs that share a scale of int4
  std::vector<float> int4_scales;  // outputs x groups
  std::uint32_t rows_seen = 0;     // while it is read

  bool has_codes() const { return !int8.codes.empty(); }
};

// Collects Tensor and TileDigest records: offer() each record of a reader; true where it took it. Throws
// sim::Error (input) through the reader for pieces that do not fit together.
class TraceWeights {
 public:
  bool offer(trace::Reader& reader);
  // After the last record: every matrix whole, ordered by layer and matrix. Throws sim::Error (input) for
  // missing rows.
  std::vector<TraceMatrix> take(const trace::Reader& reader);

 private:
  TraceMatrix& find(const TraceKey& key);
  void add_tensor(trace::Reader& reader);
  void add_digest(trace::Reader& reader);
  std::vector<TraceMatrix> matrices_;
};

}  // namespace sme
