// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/entropy.h"

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"

namespace flexquant {
namespace {

// ln of the sum of exponentials, by way of the largest logit.
struct Normaliser {
  double largest = 0;
  double log_sum = 0;  // of exp(logit - largest)

  Normaliser(const float* logits, std::size_t size) {
    if (size == 0) throw sim::Error(sim::Exit::input, "a distribution over no tokens");
    for (std::size_t i = 0; i < size; ++i)
      if (!std::isfinite(logits[i])) throw sim::Error(sim::Exit::input, "a logit is not a finite number");
    largest = *std::max_element(logits, logits + size);
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += std::exp(logits[i] - largest);
    log_sum = std::log(sum);
  }
  double log_p(float logit) const { return logit - largest - log_sum; }
};

}  // namespace

double entropy(const float* logits, std::size_t size) {
  const Normaliser z(logits, size);
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double log_p = z.log_p(logits[i]);
    sum -= std::exp(log_p) * log_p;
  }
  return std::max(sum, 0.0);
}

double pple(const float* logits, std::size_t size) { return std::exp(entropy(logits, size)); }

double kl_divergence(const float* p_logits, const float* q_logits, std::size_t size) {
  const Normaliser p(p_logits, size);
  const Normaliser q(q_logits, size);
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double log_p = p.log_p(p_logits[i]);
    sum += std::exp(log_p) * (log_p - q.log_p(q_logits[i]));
  }
  return std::max(sum, 0.0);
}

double log_probability(const float* logits, std::size_t size, std::size_t index) {
  if (index >= size) throw sim::Error(sim::Exit::input, "a token outside the vocabulary");
  return Normaliser(logits, size).log_p(logits[index]);
}

MovingMean::MovingMean(std::size_t window) : values_(window) {
  if (window == 0)
    throw sim::Error(sim::Exit::usage, "the smoothing window is 0 tokens; it must be at least 1");
}

double MovingMean::add(double value) {
  values_[next_] = value;
  next_ = (next_ + 1) % values_.size();
  count_ = std::min(count_ + 1, values_.size());
  double sum = 0;
  const std::size_t oldest = (next_ + values_.size() - count_) % values_.size();
  for (std::size_t i = 0; i < count_; ++i) sum += values_[(oldest + i) % values_.size()];
  return sum / static_cast<double>(count_);
}

}  // namespace flexquant
