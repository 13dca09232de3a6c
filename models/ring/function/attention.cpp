// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace ring {
namespace {

constexpr float kNothing = -std::numeric_limits<float>::infinity();

float normal(std::mt19937_64& bits) {
  // Box-Muller on our own: the library's distribution is not the same everywhere.
  const double u = (static_cast<double>(bits() >> 11) + 1) / 9007199254740993.0;
  const double w = static_cast<double>(bits() >> 11) / 9007199254740992.0;
  return static_cast<float>(std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * w));
}

std::vector<float> draw(std::uint64_t tokens, std::uint64_t real, std::uint64_t width,
                        std::mt19937_64& bits) {
  std::vector<float> values(tokens * width, 0.0f);
  for (std::uint64_t i = 0; i < real * width; ++i) values[i] = round_fp16(normal(bits));
  return values;
}

}  // namespace

std::uint16_t to_fp16(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const std::uint16_t sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;   // not a number
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;  // rounds to 2^16 or beyond
  if (magnitude < 0x33000001u) return sign;             // at most half of the smallest subnormal
  const int exponent = static_cast<int>(magnitude >> 23) - 127;
  const std::uint32_t mantissa = (magnitude & 0x7fffffu) | 0x800000u;
  const int shift = exponent < -14 ? 13 + (-14 - exponent) : 13;
  std::uint32_t rounded = mantissa >> shift;
  const std::uint32_t rest = mantissa & ((1u << shift) - 1), half = 1u << (shift - 1);
  if (rest > half || (rest == half && (rounded & 1u) != 0)) ++rounded;
  // The hidden bit carries into the exponent.
  const std::uint32_t biased = exponent < -14 ? 0 : static_cast<std::uint32_t>(exponent + 14) << 10;
  return static_cast<std::uint16_t>(sign | (biased + rounded));
}

float from_fp16(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f;
  const float mantissa = static_cast<float>(bits & 0x3ff);
  float value;
  if (exponent == 31) {
    value = mantissa != 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
  } else {
    value = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  }
  return (bits & 0x8000u) != 0 ? -value : value;
}

AttentionInputs AttentionInputs::random(const Problem& problem, std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  AttentionInputs inputs;
  const std::uint64_t d = problem.head_dim;
  inputs.q = draw(problem.seq_len, problem.real_tokens, problem.heads * d, bits);
  inputs.k = draw(problem.seq_len, problem.real_tokens, problem.kv_heads * d, bits);
  inputs.v = draw(problem.seq_len, problem.real_tokens, problem.kv_heads * d, bits);
  return inputs;
}

ProductQuantiser::ProductQuantiser(const Problem& problem, const std::vector<float>& values)
    : sub_vectors_(problem.pq_sub_vectors),
      width_(problem.head_dim / problem.pq_sub_vectors),
      centroids_(1u << problem.pq_bits),
      book_(std::size_t{sub_vectors_} * centroids_ * width_) {
  constexpr unsigned kIterations = 4;
  const std::size_t rows = values.size() / problem.head_dim;
  for (unsigned m = 0; m < sub_vectors_; ++m) {
    float* book = book_.data() + std::size_t{m} * centroids_ * width_;
    const auto part = [&](std::size_t row) { return values.data() + row * problem.head_dim + m * width_; };
    for (unsigned c = 0; c < centroids_; ++c) {
      std::copy_n(part(std::size_t{c} * rows / centroids_), width_, book + std::size_t{c} * width_);
    }
    for (unsigned iteration = 0; iteration < kIterations; ++iteration) {
      std::vector<double> sums(std::size_t{centroids_} * width_, 0);
      std::vector<unsigned> counts(centroids_, 0);
      for (std::size_t row = 0; row < rows; ++row) {
        const unsigned c = nearest(m, part(row));
        ++counts[c];
        for (unsigned i = 0; i < width_; ++i) sums[std::size_t{c} * width_ + i] += part(row)[i];
      }
      for (unsigned c = 0; c < centroids_; ++c) {
        for (unsigned i = 0; i < width_ && counts[c] > 0; ++i) {
          book[c * width_ + i] = round_fp16(static_cast<float>(sums[c * width_ + i] / counts[c]));
        }
      }
    }
  }
}

std::uint16_t ProductQuantiser::nearest(unsigned m, const float* part) const {
  const float* book = book_.data() + std::size_t{m} * centroids_ * width_;
  float best = std::numeric_limits<float>::infinity();
  unsigned at = 0;
  for (unsigned c = 0; c < centroids_; ++c) {
    float distance = 0;
    for (unsigned i = 0; i < width_; ++i) {
      const float difference = part[i] - book[c * width_ + i];
      distance += difference * difference;
    }
    if (distance < best) {
      best = distance;
      at = c;
    }
  }
  return static_cast<std::uint16_t>(at);
}

std::vector<std::uint16_t> ProductQuantiser::encode(const float* row) const {
  std::vector<std::uint16_t> codes(sub_vectors_);
  for (unsigned m = 0; m < sub_vectors_; ++m) codes[m] = nearest(m, row + m * width_);
  return codes;
}

void ProductQuantiser::decode(const std::uint16_t* codes, float* row) const {
  for (unsigned m = 0; m < sub_vectors_; ++m) {
    std::copy_n(book_.data() + (std::size_t{m} * centroids_ + codes[m]) * width_, width_, row + m * width_);
  }
}

BlockResult attend(const Problem& problem, const float* q, std::uint64_t first_token, std::uint64_t rows,
                   const std::vector<const KeyBlock*>& keys) {
  const unsigned d = problem.head_dim;
  const float scale = 1.0f / std::sqrt(static_cast<float>(d));
  BlockResult result;
  result.out.assign(rows * d, 0.0f);
  result.lse.assign(rows, kNothing);
  std::vector<float> scores;
  for (std::uint64_t row = 0; row < rows; ++row) {
    const std::uint64_t last = problem.causal ? first_token + row : problem.real_tokens - 1;
    const float* query = q + row * d;
    scores.clear();
    float most = kNothing;
    for (const KeyBlock* block : keys) {
      for (std::uint64_t t = 0; t < block->tokens; ++t) {
        const std::uint64_t token = block->first_token + t;
        if (token > last || token >= problem.real_tokens) break;
        float dot = 0;
        for (unsigned i = 0; i < d; ++i) dot += query[i] * block->k[t * d + i];
        scores.push_back(dot * scale);
        most = std::max(most, scores.back());
      }
    }
    if (scores.empty()) continue;
    float sum = 0;
    std::size_t next = 0;
    float* out = result.out.data() + row * d;
    for (const KeyBlock* block : keys) {
      for (std::uint64_t t = 0; t < block->tokens; ++t) {
        const std::uint64_t token = block->first_token + t;
        if (token > last || token >= problem.real_tokens) break;
        const float weight = std::exp(scores[next++] - most);
        sum += weight;
        for (unsigned i = 0; i < d; ++i) out[i] += weight * block->v[t * d + i];
      }
    }
    for (unsigned i = 0; i < d; ++i) out[i] /= sum;
    result.lse[row] = most + std::log(sum);
  }
  return result;
}

void merge_into(BlockResult& total, const BlockResult& block, unsigned head_dim) {
  for (std::size_t row = 0; row < total.lse.size(); ++row) {
    const float theirs = block.lse[row], ours = total.lse[row];
    if (theirs == kNothing) continue;
    float* out = total.out.data() + row * head_dim;
    const float* add = block.out.data() + row * head_dim;
    if (ours == kNothing) {
      std::copy_n(add, head_dim, out);
      total.lse[row] = theirs;
      continue;
    }
    const float share = 1.0f / (1.0f + std::exp(ours - theirs));  // sigmoid(theirs - ours)
    for (unsigned i = 0; i < head_dim; ++i) out[i] -= share * (out[i] - add[i]);
    // -logsigmoid(x) = log(1 + exp(-x)), written so that nothing overflows.
    const float x = ours - theirs;
    total.lse[row] = ours + (x > 0 ? std::log1p(std::exp(-x)) : -x + std::log1p(std::exp(x)));
  }
}

std::vector<double> single_device(const Problem& problem, const std::vector<float>& q,
                                  const std::vector<float>& k, const std::vector<float>& v) {
  const std::uint64_t d = problem.head_dim;
  std::vector<double> out(q.size(), 0.0);
  std::vector<double> scores(problem.seq_len);
  for (std::uint64_t row = 0; row < problem.real_tokens; ++row) {
    const std::uint64_t keys = problem.causal ? row + 1 : problem.real_tokens;
    for (unsigned head = 0; head < problem.heads; ++head) {
      const unsigned kv_head = head / problem.group();
      const float* query = q.data() + (row * problem.heads + head) * d;
      const auto at = [&](const std::vector<float>& values, std::uint64_t token) {
        return values.data() + (token * problem.kv_heads + kv_head) * d;
      };
      double most = -std::numeric_limits<double>::infinity();
      for (std::uint64_t t = 0; t < keys; ++t) {
        double dot = 0;
        for (std::uint64_t i = 0; i < d; ++i) dot += static_cast<double>(query[i]) * at(k, t)[i];
        scores[t] = dot / std::sqrt(static_cast<double>(d));
        most = std::max(most, scores[t]);
      }
      double* result = out.data() + (row * problem.heads + head) * d;
      double sum = 0;
      for (std::uint64_t t = 0; t < keys; ++t) {
        const double weight = std::exp(scores[t] - most);
        sum += weight;
        for (std::uint64_t i = 0; i < d; ++i) result[i] += weight * at(v, t)[i];
      }
      for (std::uint64_t i = 0; i < d; ++i) result[i] /= sum;
    }
  }
  return out;
}

}  // namespace ring
