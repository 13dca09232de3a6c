// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "traces/io/reader.h"

namespace trace {

/// What a trace holds, in figures. Memory grows with the layers of the model, not with the trace.
class Info {
 public:
  /// Of a trace whose header was read.
  explicit Info(const Reader& reader);

  /// Reads to the end. When the file turns out to be damaged the figures so far stay, and the error is
  /// thrown.
  void read(Reader& reader, const std::function<void()>& progress = {});

  /// Some lines of at most 100 columns for people.
  void text(std::ostream& out) const;

 private:
  struct LayerBits {
    std::map<unsigned, std::uint64_t> tokens;  // by bits
    std::uint64_t switches = 0;
    unsigned last = 0;
  };
  struct Encrypted {
    std::uint64_t parts = 0, operations = 0, population = 0;
  };
  void count(Reader& reader);
  void count_bits(const std::string& layer_bits);
  void count_pieces(const Prefill& prefill);
  void header_text(std::ostream& out) const;
  void records_text(std::ostream& out) const;
  void bits_text(std::ostream& out) const;
  void prefill_text(std::ostream& out) const;

  std::string name_;
  unsigned version_;
  Header header_;
  std::array<std::uint64_t, kKinds + 1> counts_{}, bytes_{};
  std::uint64_t record_bytes_ = 0, file_bytes_ = 0, frames_ = 0, last_frame_ = 0;
  std::vector<LayerBits> layers_;
  std::vector<std::uint32_t> first_ids_;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> token_range_;
  double last_perplexity_ = 0;
  struct Piece {  // of the prompt's attention: blocks of a size, over all layers
    std::uint32_t query_tokens = 0, kv_tokens = 0;
    bool causal = false;
    std::uint64_t blocks = 0, measured = 0, ns = 0;
  };
  std::uint32_t prefill_tokens_ = 0;
  std::vector<Piece> pieces_;  // the first kPiecesShown
  std::map<std::uint32_t, std::string> moduli_;
  std::map<std::pair<std::uint32_t, unsigned>, Encrypted> encrypted_;  // by modulus and bits of the weights
  bool at_end_ = false, complete_ = false;
  std::string digest_;
};

}  // namespace trace
