// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/allmod/function/chain.h"
#include "models/common/command.h"
#include "models/system/decode_model.h"
#include "sim/core/region.h"
#include "traces/workload/flexquant/policy.h"

namespace trace {
class Reader;
}

namespace platform {

// A product for a chip's channel.
struct GemvWork final : common::Work {
  std::uint32_t layer = 0;  // of the chip
  unsigned planes = 0;      // driven; 0: all
  std::string codes;        // activations; empty: the trace has none
  std::uint64_t digest = 0;
  bool checked = false;     // the sums are to give `digest`
  std::uint32_t token = 0;  // index in the trace
};

// Which chip does a product.
struct GemvPlace {
  unsigned channel = 0;
  std::uint32_t layer = 0;
  unsigned planes = 0;
};
class GemvPlaces {
 public:
  virtual ~GemvPlaces() = default;
  virtual GemvPlace find(std::uint32_t layer, int matrix, bool int4) const = 0;
};

// A sampled part of an encrypted layer, for a unit's channel.
struct ChainWork final : common::Work {
  std::unique_ptr<allmod::ChainProgram> program;  // with what its outputs are to be
  std::uint64_t population = 0;
  int matrix = 0;
  unsigned weight_bits = 0;
};

// A token that is played.
struct TokenInfo {
  std::uint64_t number = 0;  // in the trace
  std::uint32_t index = 0, position = 0;
  std::string bits;  // a character a layer
  bool measured = false;
};

// Turns the records of a trace into commands, token after token. A token is a chain: in front of every
// product a kernel for what lies between products; a product; behind the first of a layer the new keys and
// values and the attention. The first command of a token waits for the last one of the token before. Encoding
// a block of the residual runs beside the chain; the layer's attention of the next token waits for it.
class TraceCommands final : public common::CommandSource {
 public:
  static constexpr std::uint64_t kPrefill =
      ~std::uint64_t{0};               // token number of what comes before the first token
  static constexpr unsigned kGpu = 0;  // its channel

  // `chains`: channels of the units that take encrypted parts in turn; `prefill`: of the cluster, 0 without.
  TraceCommands(const Settings& settings, const DecodeModel& model, const GemvPlaces* places,
                std::vector<unsigned> chains, unsigned prefill, const sim::Region& region);
  ~TraceCommands() override;

  bool next(common::Command& command) override;

  // Tokens that were played so far, in their order; the last may still be open.
  const std::deque<TokenInfo>& tokens() const { return tokens_; }
  std::uint64_t records(common::Operation kind) const { return records_[static_cast<std::size_t>(kind)]; }
  std::uint64_t skipped() const { return skipped_; }  // records of tokens outside of the region
  std::uint64_t macs() const { return macs_; }
  bool at_end() const { return at_end_; }

 private:
  common::Command& add(common::Operation operation, unsigned channel,
                       std::vector<common::CommandId> waits_for);
  common::Command& add_kernel(common::Operation operation, const common::GpuCommand& kernel, unsigned stream,
                              std::vector<common::CommandId> waits_for);
  void account_kernel(common::Command& command, const common::GpuCommand& kernel);
  void read_token();
  void gemv();
  void append();
  void attend();
  void mod_mul();
  void close_token();
  unsigned bits_of(std::uint32_t layer, unsigned recorded) const;

  const Settings& settings_;
  const DecodeModel& model_;
  const GemvPlaces* places_;
  const std::vector<unsigned> chains_;
  const unsigned prefill_;
  const sim::Region region_;
  std::unique_ptr<trace::Reader> reader_;
  std::optional<flexquant::PrecisionPolicy> policy_;        // precision: thresholds
  std::deque<common::Command> ready_;                       // to be given out
  std::vector<common::Command> token_;                      // of the token being read
  std::vector<std::size_t> others_;                         // of token_: kernels between products
  common::Ps measured_chain_ = 0;                           // measured time of the token's chain, and
  std::optional<common::Ps> measured_token_;                // of the token as a whole
  common::CommandId last_id_ = 0;                           // given out or in token_
  common::CommandId chain_ = 0;                             // the chain's end; 0: none
  std::map<std::uint32_t, common::CommandId> encodes_;      // by layer: what its attention waits for
  std::map<std::uint32_t, common::CommandId> new_encodes_;  // of the token being read
  bool reading_ = false;                                    // inside a token (or prefill) that is played
  bool in_token_ = false;                                   // behind the first Token record
  bool more_ = false;  // reader_ stands on a record that was not looked at
  std::uint64_t seen_tokens_ = 0;
  bool at_end_ = false;
  std::deque<TokenInfo> tokens_;
  std::array<std::uint64_t, common::kOperations> records_{};
  std::uint64_t skipped_ = 0, macs_ = 0;
};

}  // namespace platform
