// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "traces/workload/host/observer.h"

namespace workload {

// Takes the logits (vocab of them) that follow token `index` of a prompt.
using LogitsSink = std::function<void(unsigned index, const float* logits)>;

// Asked now and then during a prefill; true ends it with sim::Error (limit).
using StopQuestion = std::function<bool()>;

// The forward pass of one sequence, whatever computes it.
class ForwardPass {
 public:
  virtual ~ForwardPass() = default;

  // Null (the default) costs nothing.
  virtual void set_observer(RunObserver* observer) = 0;
  virtual void set_stop(StopQuestion stop) = 0;

  // Takes a whole prompt at the start of a sequence: exact attention among its tokens in f32, whatever the
  // cache's format; then keys and values go to the cache. Returns the logits behind the last token. With a
  // sink, it gets those of every token, in order. Throws sim::Error (input) for no tokens or one outside the
  // vocabulary, (limit) for more than the model's context or the cache's capacity.
  virtual const std::vector<float>& prefill(const std::vector<std::uint32_t>& ids,
                                            const LogitsSink& sink) = 0;

  // Takes the next token and returns the logits behind it. Throws as prefill() does.
  virtual const std::vector<float>& step(std::uint32_t id) = 0;

  virtual unsigned position() const = 0;  // tokens so far
};

}  // namespace workload
