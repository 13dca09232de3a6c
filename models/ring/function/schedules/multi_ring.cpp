// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// TASP-style multi-ring: the complete graph of pair links is cut into edge-disjoint rings, K and V of a GPU
// into as many slices, and slice j circulates on ring j. Every step computes with one slice from each ring:
// the bytes of Ring Attention, spread over all links.
#include <algorithm>

#include "models/ring/function/schedules/schedules.h"

namespace ring {

std::vector<std::vector<unsigned>> edge_disjoint_rings(unsigned n) {
  if (n == 2) return {{0, 1}};
  std::vector<std::vector<unsigned>> rings;
  if (n < 2) return rings;
  // Walecki: a zigzag over the n - 1 points of a circle, closed by the last node; its edges have sums 2i and
  // 2i + 1 modulo n - 1, so turns 0 .. (n - 1) / 2 - 1 share none.
  const unsigned q = n - 1;
  for (unsigned i = 0; i < q / 2; ++i) {
    std::vector<unsigned> ring = {n - 1, i};
    for (unsigned k = 1; ring.size() < n; ++k) {
      ring.push_back((i + k) % q);
      if (ring.size() < n) ring.push_back((i + q - k) % q);
    }
    rings.push_back(ring);
    std::reverse(ring.begin(), ring.end());
    rings.push_back(ring);
  }
  return rings;
}

namespace {

class MultiRing final : public Schedule {
 public:
  explicit MultiRing(const ScheduleOptions& o) : gpus_(o.gpus), rings_(edge_disjoint_rings(o.gpus)) {
    if (o.rings > 0 && o.rings < rings_.size()) rings_.resize(o.rings);
  }
  std::string refusal(const Problem&) const override { return {}; }
  std::uint64_t token_unit() const override { return chunks(); }
  unsigned chunks() const override { return 2 * gpus_ * slices(); }
  unsigned owner(unsigned chunk) const override { return zigzag_owner(chunk, gpus_, slices()); }
  unsigned steps() const override { return gpus_; }

  void build(GraphBuilder& b, unsigned pass) const override {
    const Shares shares(b, gpus_, true, slices());
    std::vector<std::uint32_t> slice_sets(gpus_ * slices());  // K, V of one GPU for one ring
    for (unsigned gpu = 0; gpu < gpus_; ++gpu) {
      for (unsigned j = 0; j < slices(); ++j)
        slice_sets[gpu * slices() + j] = b.layout().add(slice(b, gpu, j, pass));
    }
    std::vector<unsigned> place(gpus_ * slices());  // of a GPU on a ring
    for (unsigned j = 0; j < rings_.size(); ++j) {
      for (unsigned i = 0; i < gpus_; ++i) place[rings_[j][i] * slices() + j] = i;
    }
    const auto origin = [&](unsigned gpu, unsigned j, unsigned s) {
      return rings_.empty() ? gpu : rings_[j][(place[gpu * slices() + j] + gpus_ - s) % gpus_];
    };
    for (unsigned s = 0; s < gpus_; ++s) {
      for (unsigned j = 0; j < rings_.size() && s + 1 < gpus_; ++j) {
        for (unsigned gpu = 0; gpu < gpus_; ++gpu) {
          const unsigned to = rings_[j][(place[gpu * slices() + j] + 1) % gpus_];
          b.transfer_kv(gpu, to, s, slice_sets[origin(gpu, j, s) * slices() + j], b.all_heads());
        }
      }
      std::vector<BlockSets> blocks(gpus_);
      for (unsigned gpu = 0; gpu < gpus_; ++gpu) {
        std::vector<std::uint32_t> keys;
        for (unsigned j = 0; j < slices(); ++j) {
          const auto& part = b.layout().sets[slice_sets[origin(gpu, j, s) * slices() + j]];
          keys.insert(keys.end(), part.begin(), part.end());
        }
        blocks[gpu] = {shares.q(gpu), b.layout().add(std::move(keys))};
        b.compute(gpu, s, blocks[gpu], b.all_heads());
      }
      for (unsigned gpu = 0; gpu < gpus_; ++gpu) b.merge(gpu, s, blocks[gpu], b.all_heads(), s == 0);
    }
  }

 private:
  unsigned slices() const { return std::max<unsigned>(1, static_cast<unsigned>(rings_.size())); }
  std::vector<std::uint32_t> slice(GraphBuilder& b, unsigned gpu, unsigned j, unsigned pass) const {
    std::vector<std::uint32_t> chunks;
    for (unsigned p = 0; p <= pass; ++p) {
      const unsigned base = p * b.layout().chunks_per_pass;
      chunks.push_back(base + gpu * slices() + j);
      chunks.push_back(base + (2 * gpus_ - 1 - gpu) * slices() + j);
    }
    return chunks;
  }

  unsigned gpus_;
  std::vector<std::vector<unsigned>> rings_;
};

}  // namespace

std::unique_ptr<Schedule> make_multi_ring(const ScheduleOptions& options) {
  return std::make_unique<MultiRing>(options);
}

}  // namespace ring
