// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra/collective.h"

namespace ring::chakra {
namespace {

// Everything at once; all-reduce is a reduce-scatter, then an all-gather of what each rank has reduced.
class Direct final : public CollectiveAlgorithm {
 public:
  void run(const Collective& c, Exchange& out) const override {
    const std::uint32_t n = c.ranks;
    switch (c.type) {
      case CommType::all_reduce: {
        std::vector<std::vector<std::uint32_t>> got(n);
        each_pair(n, [&](std::uint32_t from, std::uint32_t to) {
          got[to].push_back(out.send(from, to, part_bytes(c.bytes, n, to)));
        });
        each_pair(n, [&](std::uint32_t from, std::uint32_t to) {
          out.send(from, to, part_bytes(c.bytes, n, from), got[from]);
        });
        return;
      }
      case CommType::all_gather:
        each_pair(n, [&](std::uint32_t from, std::uint32_t to) { out.send(from, to, c.bytes); });
        return;
      case CommType::reduce_scatter:
      case CommType::reduce_scatter_block:
      case CommType::all_to_all:
        each_pair(
            n, [&](std::uint32_t from, std::uint32_t to) { out.send(from, to, part_bytes(c.bytes, n, to)); });
        return;
      case CommType::broadcast:
      case CommType::scatter:
      case CommType::reduce:
      case CommType::gather:
        for (std::uint32_t k = 1; k < n; ++k) {
          const std::uint32_t other = (c.root + k) % n;
          if (c.type == CommType::broadcast) out.send(c.root, other, c.bytes);
          if (c.type == CommType::scatter) out.send(c.root, other, part_bytes(c.bytes, n, other));
          if (c.type == CommType::reduce || c.type == CommType::gather) out.send(other, c.root, c.bytes);
        }
        return;
      case CommType::barrier:
        barrier(out);
        return;
    }
  }

 private:
  // By distance, so that no receiver is first for everybody.
  template <class F>
  static void each_pair(std::uint32_t n, F f) {
    for (std::uint32_t k = 1; k < n; ++k) {
      for (std::uint32_t from = 0; from < n; ++from) f(from, (from + k) % n);
    }
  }
};

}  // namespace

std::unique_ptr<CollectiveAlgorithm> direct_collectives() { return std::make_unique<Direct>(); }

}  // namespace ring::chakra
