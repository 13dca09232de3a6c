// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/trace_source.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "sim/core/error.h"
#include "traces/io/reader.h"
#include "traces/io/shape.h"
#include "traces/io/validate.h"
#include "traces/workload/numeric/fnv.h"

namespace sme {

using sim::Cycle;

TraceSource::TraceSource(Chip& chip, const Settings& settings, const LoadedLayers& loaded)
    : RunSource(chip),
      settings_(settings),
      loaded_(loaded),
      reader_(std::make_unique<trace::Reader>(settings.workload.trace)),
      validator_(std::make_unique<trace::Validator>(
          reader_->header(), reader_->name(), [this](const std::string& what) { reader_->refuse(what); })),
      has_results_(reader_->header().content().results()) {}

TraceSource::~TraceSource() = default;

std::string TraceSource::digest() const { return reader_->at_end() ? reader_->digest() : ""; }

bool TraceSource::plan(Ring<Pass>& passes) {
  const std::uint64_t wanted = settings_.workload.count.value_or(~std::uint64_t{0});
  while (!at_end_) {
    if (!reader_->next()) {
      at_end_ = true;
      validator_->finish(reader_->footer(), reader_->counts());
      return false;
    }
    validator_->check(reader_->record());
    switch (reader_->kind()) {
      case trace::Kind::token: {
        const std::uint64_t number = seen_tokens_++;
        skipping_ = number < settings_.workload.first || tokens_.size() >= wanted;
        if (skipping_) continue;  // the rest is still read: the trace's digest covers it
        TokenRun token;
        token.index = reader_->record().token().index();
        for (const char bits : reader_->record().token().layer_bits()) token.int4_layers += bits == 4 ? 1 : 0;
        tokens_.push_back(token);
        continue;
      }
      case trace::Kind::gemv:
        if (skipping_) continue;
        plan_gemv(passes);
        return true;
      case trace::Kind::kv_attend:
        if (skipping_ || loaded_.codebooks.empty()) continue;
        plan_attention(passes);
        if (!passes.empty()) return true;
        continue;
      default:
        continue;
    }
  }
  return false;
}

void TraceSource::plan_gemv(Ring<Pass>& passes) {
  const trace::Gemv& gemv = reader_->record().gemv();
  const auto found = loaded_.places.find({gemv.layer(), gemv.matrix()});
  if (found == loaded_.places.end()) {
    reader_->refuse("no weights of layer " + std::to_string(gemv.layer()) + " " +
                    trace::matrix_name(gemv.matrix()) +
                    ", which this product needs; write the trace with --weights codes");
  }
  if (gemv.weight_bits() != 8 && gemv.weight_bits() != 4) {
    reader_->refuse(
        "a product with weights of " + std::to_string(gemv.weight_bits()) +
        " bits; sme runs INT8 and INT4: write the trace with --precision flexquant, int8 or int4");
  }
  Product product;
  product.token = tokens_.size() - 1;
  product.codes = gemv.activation_codes();
  product.result_digest = gemv.result_digest();
  add(found->second, gemv.weight_bits() == 4, std::move(product), 1, passes);
}

void TraceSource::add(const LoadedLayers::Place& place, bool int4, Product product, std::uint64_t positions,
                      Ring<Pass>& passes) {
  product.layer = int4 ? place.int4 : place.int8;
  product.planes = int4 ? place.int4_planes : 0;
  product.group = int4 ? place.group : 0;
  TokenRun& token = tokens_[product.token];
  token.products += positions;
  token.macs += loaded_.macs[product.layer] * positions;
  const std::uint64_t number = first_product_ + products_.size();
  planner_.plan(product.layer, product.planes, positions, number, true, passes);
  products_.push(std::move(product));
}

// Queries times key codebooks gives the look-up table of the scores; softmax weights, summed by code, times
// value codebooks gives the output. A kv head's codebooks are in the crossbars; its heads take turns.
void TraceSource::plan_attention(Ring<Pass>& passes) {
  const trace::KvAttend& attend = reader_->record().kv_attend();
  if (attend.layer() >= loaded_.codebooks.size() || attend.context_tokens() == attend.residual_tokens())
    return;
  const auto& model = reader_->header().model();
  const std::uint64_t heads = model.heads() / model.kv_heads();
  const LoadedLayers::Codebooks& books = loaded_.codebooks[attend.layer()];
  for (const std::uint32_t layer : {books.keys, books.values}) {
    Product product;
    product.token = tokens_.size() - 1;
    product.attention = true;
    LoadedLayers::Place place;
    place.int8 = layer;
    add(place, false, std::move(product), heads, passes);
    attention_products_ += heads;
  }
}

void TraceSource::product_done(const Pass& pass) {
  const Product& product = products_[pass.tag - first_product_];
  if (!product.codes.empty() && settings_.fidelity.value == ValueFidelity::bit_true) compare(product);
}

void TraceSource::compare(const Product& product) {
  const Layer& layer = chip_.layer(product.layer);
  if (!layer.has_values()) return;
  GemvOptions options;
  options.signed_inputs = true;
  options.planes_driven = product.planes;
  options.group = product.group;
  result_.clear();
  layer.gemv(reinterpret_cast<const std::uint8_t*>(product.codes.data()), 1, options, result_);
  layers_[product.layer].take(result_, 1);
  if (!has_results_) return;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(result_.y.size() * 4);
  for (const std::int64_t sum : result_.y) {
    for (unsigned i = 0; i < 4; ++i)
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(sum) >> (8 * i)));
  }
  ++checked_;
  if (workload::fnv1a(bytes) == product.result_digest) return;
  if (mismatches_++ > 0) return;
  std::ostringstream text;
  text << "token " << tokens_[product.token].index << ", " << layer.map().name << ": digest " << std::hex
       << workload::fnv1a(bytes) << ", the trace has " << product.result_digest;
  first_mismatch_ = text.str();
}

void TraceSource::pass_done(const Pass& pass, Cycle now) {
  const Product& product = products_[pass.tag - first_product_];
  TokenRun& token = tokens_[product.token];
  if (token.end == 0 && product.token > 0) token.begin = tokens_[product.token - 1].end;
  token.end = now;
  if (pass.work != nullptr) {
    const auto [place, added] = per_product_.try_emplace(pass.work);
    if (added) place->second = chip_.expected(*pass.work);
    token.activity.add(place->second, pass.positions);
  } else {
    token.activity.add(program_activity(*pass.program));
  }
  if (!pass.last) return;
  while (!products_.empty() && first_product_ <= pass.tag) {
    products_.pop();
    ++first_product_;
  }
}

}  // namespace sme
