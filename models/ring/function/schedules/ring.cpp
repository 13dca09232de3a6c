// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Ring Attention: step s sends K and V to the next GPU, computes with those of the GPU s before, waits,
// merges. With causal attention, plain chunks leave GPU r idle in steps s > r; zigzag chunks do not.
#include "models/ring/function/schedules/schedules.h"

namespace ring {

std::vector<unsigned> numbers(unsigned n, unsigned first, unsigned stride) {
  std::vector<unsigned> list;
  for (unsigned i = 0; i < n; ++i) list.push_back(first + i * stride);
  return list;
}

void ring_pass(GraphBuilder& b, const std::vector<unsigned>& gpus, const Shares& shares, HeadRange heads,
               unsigned first_step) {
  const unsigned n = static_cast<unsigned>(gpus.size());
  for (unsigned s = 0; s < n; ++s) {
    const unsigned step = first_step + s;
    const auto origin = [&](unsigned i) { return (i + n - s) % n; };
    for (unsigned i = 0; i < n && s + 1 < n; ++i) {
      b.transfer_kv(gpus[i], gpus[(i + 1) % n], step, shares.kv(origin(i)), heads);
    }
    for (unsigned i = 0; i < n; ++i) {
      const BlockSets block = shares.block(i, origin(i));
      if (!block.empty()) b.compute(gpus[i], step, block, heads);
    }
    for (unsigned i = 0; i < n; ++i) {
      const BlockSets block = shares.block(i, origin(i));
      if (block.empty()) {
        b.close(gpus[i], step);
      } else {
        b.merge(gpus[i], step, block, heads, s == 0);
      }
    }
  }
}

namespace {

class RingAttention final : public Schedule {
 public:
  explicit RingAttention(const ScheduleOptions& o)
      : gpus_(o.gpus), zigzag_(o.kind == ScheduleKind::ring_zigzag) {}
  std::string refusal(const Problem&) const override { return {}; }
  std::uint64_t token_unit() const override { return chunks(); }
  unsigned chunks() const override { return zigzag_ ? 2 * gpus_ : gpus_; }
  unsigned owner(unsigned chunk) const override { return zigzag_owner(chunk, gpus_, 1); }
  unsigned steps() const override { return gpus_; }
  void build(GraphBuilder& builder, unsigned) const override {
    ring_pass(builder, numbers(gpus_), Shares(builder, gpus_, zigzag_), builder.all_heads(), 0);
  }

 private:
  unsigned gpus_;
  bool zigzag_;
};

}  // namespace

std::unique_ptr<Schedule> make_ring(const ScheduleOptions& options) {
  return std::make_unique<RingAttention>(options);
}

}  // namespace ring
