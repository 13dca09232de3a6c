// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <vector>

namespace flexquant {

// Of the distribution p = softmax(logits), in double precision; logits need not be normalised.
// All throw sim::Error (input) for no logits or one that is not finite.

// H = -sum p ln p, in nats: 0 .. ln(size).
double entropy(const float* logits, std::size_t size);

// Perplexity entropy, PPLE = exp(H): 1 (certain) .. size (uniform). [assumed] the published definition is not
// public.
double pple(const float* logits, std::size_t size);

// KL(p || q) = sum p (ln p - ln q) in nats, p and q the softmax of two logit vectors; never below 0.
double kl_divergence(const float* p_logits, const float* q_logits, std::size_t size);

// ln p[index].
double log_probability(const float* logits, std::size_t size, std::size_t index);

// Mean of the newest `window` values; of all there are while they are fewer.
class MovingMean {
 public:
  explicit MovingMean(std::size_t window);
  // Takes a value in and gives the mean, added up from the oldest to the newest.
  double add(double value);

 private:
  std::vector<double> values_;  // ring
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace flexquant
