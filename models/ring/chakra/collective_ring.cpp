// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra/collective.h"

namespace ring::chakra {
namespace {

class Ring final : public CollectiveAlgorithm {
 public:
  void run(const Collective& c, Exchange& out) const override {
    const std::uint32_t n = c.ranks;
    switch (c.type) {
      case CommType::all_reduce:
        round(c, out, 0, true);
        round(c, out, n - 1, true);
        return;
      case CommType::all_gather:
        round(c, out, 0, false);
        return;
      case CommType::reduce_scatter:
      case CommType::reduce_scatter_block:
        round(c, out, 0, true);
        return;
      case CommType::all_to_all:  // step k: with the rank k further on
        for (std::uint32_t k = 1; k < n; ++k) {
          for (std::uint32_t from = 0; from < n; ++from) {
            const std::uint32_t to = (from + k) % n;
            out.step_send(from, to, part_bytes(c.bytes, n, to));
          }
          out.close();
        }
        return;
      case CommType::broadcast:
        chain(c, out, c.root);
        return;
      case CommType::reduce:
        chain(c, out, (c.root + 1) % n);
        return;
      default:
        direct_collectives()->run(c,
                                  out);  // gather, scatter: what the root sends or gets is the same; barrier
    }
  }

 private:
  // N - 1 steps in which every rank passes a part on to its neighbour. In step k rank r passes on part r - k.
  static void round(const Collective& c, Exchange& out, std::uint32_t first_step, bool parts) {
    const std::uint32_t n = c.ranks;
    for (std::uint32_t k = first_step; k < first_step + n - 1; ++k) {
      for (std::uint32_t r = 0; r < n; ++r) {
        out.step_send(r, (r + 1) % n, parts ? part_bytes(c.bytes, n, (r + n - k % n) % n) : c.bytes);
      }
      out.close();
    }
  }

  // From `first` once along the ring, in N parts that follow each other.
  static void chain(const Collective& c, Exchange& out, std::uint32_t first) {
    const std::uint32_t n = c.ranks;
    std::vector<std::uint32_t> before(n);  // of each hop: its message of the part before
    for (std::uint32_t r = 0; r < n; ++r) before[r] = r;
    for (std::uint32_t part = 0; part < n; ++part) {
      std::uint32_t arrived = first;
      for (std::uint32_t hop = 0; hop + 1 < n; ++hop) {
        const std::uint32_t from = (first + hop) % n;
        arrived = out.send(from, (from + 1) % n, part_bytes(c.bytes, n, part), {arrived, before[from]});
        before[from] = arrived;
      }
    }
  }
};

}  // namespace

std::unique_ptr<CollectiveAlgorithm> ring_collectives() { return std::make_unique<Ring>(); }

}  // namespace ring::chakra
