// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/encrypt/layer_sampler.h"

#include <algorithm>
#include <vector>

#include "sim/core/ceil_div.h"
#include "traces/workload/encrypt/operands.h"
#include "traces/workload/encrypt/product_chain.h"
#include "traces/workload/numeric/fnv.h"

namespace workload {
namespace {

// One seed for every place, so that a part does not depend on which others were made (FNV-1a over the
// numbers).
std::uint64_t mixed(std::uint64_t seed, const LayerSampler::Place& place) {
  std::uint64_t hash = kFnvStart;
  for (const std::uint64_t number : {seed, std::uint64_t{place.token}, std::uint64_t{place.layer},
                                     static_cast<std::uint64_t>(place.matrix)}) {
    for (unsigned byte = 0; byte < 8; ++byte) {
      hash = fnv1a_step(hash, static_cast<std::uint8_t>(number >> 8 * byte));
    }
  }
  return hash;
}

using sim::ceil_div;

}  // namespace

trace::Record LayerSampler::part(const Place& place, const Code& code) const {
  const auto inputs = static_cast<unsigned>(std::min<std::uint64_t>(options_.inputs, place.cols));
  const auto outputs = static_cast<unsigned>(std::min<std::uint64_t>(options_.outputs, place.rows));
  const std::uint64_t seed = mixed(options_.seed, place);
  // A whole tile: the last ones of a row or column may be smaller and are left out.
  const std::uint64_t first_row = seed % (place.rows / outputs) * outputs;
  const std::uint64_t first_col = (seed >> 32) % (place.cols / inputs) * inputs;
  std::vector<int> weights;
  for (unsigned o = 0; o < outputs; ++o) {
    for (unsigned i = 0; i < inputs; ++i) weights.push_back(code(first_row + o, first_col + i));
  }
  trace::Record record;
  trace::ModMul& part = *record.mutable_mod_mul();
  part.set_layer(place.layer);
  part.set_matrix(place.matrix);
  part.set_modulus_id(kModulusId);
  part.set_first_output(static_cast<std::uint32_t>(first_row));
  part.set_first_input(static_cast<std::uint32_t>(first_col));
  part.set_population(ceil_div(place.rows, outputs) * ceil_div(place.cols, inputs));
  part.set_weight_bits(place.weight_bits);
  add_product_chain(weights, outputs, inputs, part);
  OperandStream operands(options_.modulus.value, options_.modulus.bits, seed);
  for (unsigned i = 0; i < inputs; ++i) part.mutable_operands()->append(operands.next());
  part.set_operand_seed(seed);
  return record;
}

}  // namespace workload
