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

  // Stands in for a prompt of so many tokens at the start of a sequence: every layer's cache gets seeded keys
  // and values (model/seeded.h) in its format, and nothing else is computed; there are no logits. An observer
  // is told the pieces into which the ring schedules cut such a prompt's attention (model/prompt_pieces.h),
  // with times where a GPU measured them. Throws as prefill() does.
  virtual void fill(unsigned tokens, std::uint64_t seed) = 0;

  // Forgets the sequence.
  virtual void reset() = 0;

  // Takes the next token and returns the logits behind it. Throws as prefill() does.
  virtual const std::vector<float>& step(std::uint32_t id) = 0;

  // Of the last logits: PPLE (flexquant/entropy.h), and KL(softmax(reference) || softmax(them)) in nats,
  // computed where the pass runs. Throw sim::Error (input) for logits that are not finite.
  virtual double pple() const = 0;
  virtual double kl_from(const float* reference) const = 0;

  virtual unsigned position() const = 0;  // tokens so far
  // Time of the last step() by the device's own clock, from its first to its last operation; 0: the host's
  // clock is good enough.
  virtual std::uint64_t step_ns() const { return 0; }
};

}  // namespace workload
