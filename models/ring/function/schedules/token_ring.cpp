// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// TokenRing as the authors' code schedules it: K and V stay, Q circulates, and the result of step s - 1 goes
// straight to the owner of its queries during step s, so that two messages of a GPU are under way at once.
// The last results travel in an epilogue that nothing overlaps. Zigzag reverses the direction, and sends only
// the second half of Q, and of the result, where the mask leaves no more.
#include "models/ring/function/schedules/schedules.h"

namespace ring {

void token_ring_pass(GraphBuilder& b, const TokenRingPass& pass, const Shares& shares, HeadRange heads) {
  const unsigned n = static_cast<unsigned>(pass.gpus.size());
  // Member whose queries member i holds in step s, and the other way round.
  const auto owner = [&](unsigned i, unsigned s) { return pass.backwards ? (i + s) % n : (i + n - s) % n; };
  const auto holder = [&](unsigned o, unsigned s) { return pass.backwards ? (o + n - s) % n : (o + s) % n; };
  const auto block = [&](unsigned o, unsigned i) { return shares.block(pass.q_part[o], pass.kv_part[i]); };
  // The last step in which the whole Q of a member is needed.
  std::vector<unsigned> last_whole(n, 0);
  for (unsigned o = 0; o < n; ++o) {
    for (unsigned s = 0; s < n; ++s) {
      if (block(o, holder(o, s)).q == shares.q(pass.q_part[o])) last_whole[o] = s;
    }
  }
  const auto send_results = [&](unsigned step, unsigned s) {  // of step s
    for (unsigned i = 0; i < n; ++i) {
      const unsigned o = owner(i, s);
      b.transfer_out(pass.gpus[i], pass.gpus[o], step, block(o, i), heads);
    }
  };
  const auto merge_results = [&](unsigned step, unsigned s) {
    for (unsigned o = 0; o < n; ++o) b.merge(pass.gpus[o], step, block(o, holder(o, s)), heads, false);
  };

  for (unsigned s = 0; s < n; ++s) {
    const unsigned step = pass.first_step + s;
    for (unsigned i = 0; i < n && s + 1 < n; ++i) {
      const unsigned o = owner(i, s);
      const unsigned part = pass.q_part[o];
      b.transfer_q(pass.gpus[i], pass.gpus[holder(o, s + 1)], step,
                   last_whole[o] > s ? shares.q(part) : shares.q_late(part), heads);
    }
    if (s > 1) send_results(step, s - 1);
    for (unsigned i = 0; i < n; ++i) b.compute(pass.gpus[i], step, block(owner(i, s), i), heads);
    if (s == 0) {
      for (unsigned i = 0; i < n; ++i) b.merge(pass.gpus[i], step, block(i, i), heads, pass.first);
    } else if (s == 1) {
      for (unsigned i = 0; i < n; ++i) b.close(pass.gpus[i], step);
    } else {
      merge_results(step, s - 1);
    }
  }
  if (n == 1) return;
  send_results(pass.first_step + n, n - 1);
  merge_results(pass.first_step + n, n - 1);
}

namespace {

class TokenRing final : public Schedule {
 public:
  explicit TokenRing(const ScheduleOptions& o)
      : gpus_(o.gpus), zigzag_(o.kind == ScheduleKind::token_ring_zigzag) {}
  std::string refusal(const Problem& problem) const override {
    if (zigzag_ || !problem.causal) return {};
    return "token_ring is for attention that is not causal (the authors' code masks step 0 only); use "
           "token_ring_zigzag, or set workload.causal=false";
  }
  std::uint64_t token_unit() const override { return chunks(); }
  unsigned chunks() const override { return zigzag_ ? 2 * gpus_ : gpus_; }
  unsigned owner(unsigned chunk) const override { return zigzag_owner(chunk, gpus_, 1); }
  unsigned steps() const override { return token_ring_steps(gpus_); }
  void build(GraphBuilder& builder, unsigned) const override {
    TokenRingPass pass;
    pass.gpus = pass.q_part = pass.kv_part = numbers(gpus_);
    pass.backwards = zigzag_;
    token_ring_pass(builder, pass, Shares(builder, gpus_, zigzag_), builder.all_heads());
  }

 private:
  unsigned gpus_;
  bool zigzag_;
};

}  // namespace

std::unique_ptr<Schedule> make_token_ring(const ScheduleOptions& options) {
  return std::make_unique<TokenRing>(options);
}

}  // namespace ring
