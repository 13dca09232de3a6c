// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/sme/layers.h"
#include "models/sme/run_source.h"
#include "models/sme/settings.h"

namespace trace {
class Reader;
class Validator;
}  // namespace trace

namespace sme {

// A token that was replayed.
struct TokenRun {
  std::uint32_t index = 0;
  unsigned int4_layers = 0;  // decoder layers that ran with INT4
  sim::Cycle begin = 0, end = 0;
  std::uint64_t products = 0;
  std::uint64_t macs = 0;
  Activity activity;
};

// The products of a trace: token after token, matrix after matrix, as the records say. INT4 drives only the
// planes that it needs. Products with activation codes are computed, and their sums compared with the
// record's digest.
class TraceSource final : public RunSource {
 public:
  // Opens the trace again and passes over the weights, which `loaded` holds.
  TraceSource(Chip& chip, const Settings& settings, const LoadedLayers& loaded);
  ~TraceSource() override;

  std::uint64_t total() const override { return 0; }
  const std::vector<TokenRun>& tokens() const { return tokens_; }
  std::uint64_t checked() const { return checked_; }  // products compared with their digests
  std::uint64_t mismatches() const { return mismatches_; }
  const std::string& first_mismatch() const { return first_mismatch_; }
  std::uint64_t attention_products() const { return attention_products_; }
  std::string digest() const;  // of the trace; empty before its end

 private:
  // A product under way.
  struct Product {
    std::uint32_t layer = 0;
    unsigned planes = 0;
    std::uint32_t group = 0;
    std::size_t token = 0;
    std::string codes;
    std::uint64_t result_digest = 0;
    bool attention = false;
  };

  bool plan(Ring<Pass>& passes) override;
  void product_done(const Pass& pass) override;
  void pass_done(const Pass& pass, sim::Cycle now) override;
  void plan_gemv(Ring<Pass>& passes);
  void plan_attention(Ring<Pass>& passes);
  void add(const LoadedLayers::Place& place, bool int4, Product product, std::uint64_t positions,
           Ring<Pass>& passes);
  void compare(const Product& product);

  const Settings& settings_;
  const LoadedLayers& loaded_;
  std::unique_ptr<trace::Reader> reader_;
  std::unique_ptr<trace::Validator> validator_;
  bool has_results_ = false;
  bool at_end_ = false;
  bool skipping_ = true;  // tokens before the first one asked for
  std::uint64_t seen_tokens_ = 0;
  std::vector<TokenRun> tokens_;
  Ring<Product> products_;           // planned or under way, oldest first
  std::uint64_t first_product_ = 0;  // number of products_.front()
  std::uint64_t checked_ = 0, mismatches_ = 0, attention_products_ = 0;
  std::string first_mismatch_;
  std::map<const LayerWork*, Activity> per_product_;
  GemvResult result_;
};

}  // namespace sme
