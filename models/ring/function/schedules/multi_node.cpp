// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Several nodes [assumed: the paper names the combination, not its schedule]: K and V circulate between the
// nodes, GPU l of a node to GPU l of the next, while a whole TokenRing goes on inside each node with the K
// and V that the node holds at the time. Causal attention uses zigzag chunks over all GPUs.
#include "models/ring/function/schedules/schedules.h"

namespace ring {
namespace {

class MultiNode final : public Schedule {
 public:
  explicit MultiNode(const ScheduleOptions& o) : gpus_(o.gpus), nodes_(o.nodes) {}
  std::string refusal(const Problem&) const override { return {}; }
  std::uint64_t token_unit() const override { return chunks(); }
  unsigned chunks() const override { return 2 * gpus_; }
  unsigned owner(unsigned chunk) const override { return zigzag_owner(chunk, gpus_, 1); }
  unsigned steps() const override { return nodes_ * token_ring_steps(local()); }

  void build(GraphBuilder& b, unsigned) const override {
    const bool zigzag = true;  // one layout for both masks
    const Shares shares(b, gpus_, zigzag);
    for (unsigned m = 0; m < nodes_; ++m) {
      const unsigned first_step = m * token_ring_steps(local());
      const auto origin = [&](unsigned gpu) { return (gpu + gpus_ - m * local()) % gpus_; };
      std::vector<OpId> between(gpus_, kNoOp);  // by receiver
      if (m + 1 < nodes_) {
        for (unsigned gpu = 0; gpu < gpus_; ++gpu) {
          const unsigned to = (gpu + local()) % gpus_;
          between[to] = b.transfer_kv(gpu, to, first_step, shares.kv(origin(gpu)), b.all_heads());
          b.detach(between[to]);
        }
      }
      for (unsigned node = 0; node < nodes_; ++node) {
        TokenRingPass pass;
        pass.gpus = pass.q_part = numbers(local(), node * local());
        for (const unsigned gpu : pass.gpus) pass.kv_part.push_back(origin(gpu));
        pass.backwards = true;
        pass.first_step = first_step;
        pass.first = m == 0;
        token_ring_pass(b, pass, shares, b.all_heads());
      }
      if (m + 1 == nodes_) continue;
      for (unsigned gpu = 0; gpu < gpus_; ++gpu) {
        b.wait_for(gpu, between[gpu]);
        b.wait_for(gpu, between[(gpu + local()) % gpus_]);
      }
      const unsigned last_step = first_step + token_ring_steps(local()) - 1;
      for (unsigned gpu = 0; gpu < gpus_; ++gpu) b.close(gpu, last_step);
    }
  }

 private:
  unsigned local() const { return gpus_ / nodes_; }
  unsigned gpus_, nodes_;
};

}  // namespace

std::unique_ptr<Schedule> make_multi_node(const ScheduleOptions& options) {
  return std::make_unique<MultiNode>(options);
}

}  // namespace ring
