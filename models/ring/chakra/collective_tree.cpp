// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/ring/chakra/collective.h"

namespace ring::chakra {
namespace {

// Binomial trees for what has a root; Bruck's steps for what has none. Any number of ranks.
class Tree final : public CollectiveAlgorithm {
 public:
  void run(const Collective& c, Exchange& out) const override {
    switch (c.type) {
      case CommType::all_reduce:
        climb(c, out, 0, [&](std::uint32_t) { return c.bytes; });
        descend(c, out, 0, [&](std::uint32_t) { return c.bytes; });
        return;
      case CommType::reduce:
        climb(c, out, c.root, [&](std::uint32_t) { return c.bytes; });
        return;
      case CommType::broadcast:
        descend(c, out, c.root, [&](std::uint32_t) { return c.bytes; });
        return;
      case CommType::gather:
        climb(c, out, c.root, [&](std::uint32_t subtree) { return c.bytes * subtree; });
        return;
      case CommType::scatter:
        descend(c, out, c.root,
                [&](std::uint32_t subtree) { return (c.bytes * subtree + c.ranks - 1) / c.ranks; });
        return;
      case CommType::all_gather:
        for (std::uint32_t d = 1; d < c.ranks; d *= 2)
          shift(c, out, c.ranks - d, c.bytes * std::min(d, c.ranks - d));
        return;
      case CommType::reduce_scatter:
      case CommType::reduce_scatter_block: {  // the same steps backwards
        std::uint32_t d = 1;
        while (d * 2 < c.ranks) d *= 2;
        for (; d > 0 && c.ranks > 1; d /= 2) {
          shift(c, out, d, (c.bytes * std::min(d, c.ranks - d) + c.ranks - 1) / c.ranks);
        }
        return;
      }
      case CommType::all_to_all:  // in step d everything that has bit d of its distance left to go
        for (std::uint32_t d = 1; d < c.ranks; d *= 2) {
          std::uint64_t parts = 0;
          for (std::uint32_t k = 1; k < c.ranks; ++k) parts += (k & d) != 0 ? 1 : 0;
          shift(c, out, d, (c.bytes * parts + c.ranks - 1) / c.ranks);
        }
        return;
      case CommType::barrier:
        barrier(out);
        return;
    }
  }

 private:
  static void shift(const Collective& c, Exchange& out, std::uint32_t distance, std::uint64_t bytes) {
    for (std::uint32_t r = 0; r < c.ranks; ++r) out.step_send(r, (r + distance) % c.ranks, bytes);
    out.close();
  }

  // Ranks counted from the root; the ranks below r are r .. r + subtree - 1.
  template <class Bytes>
  static void descend(const Collective& c, Exchange& out, std::uint32_t root, Bytes bytes) {
    const std::uint32_t n = c.ranks;
    std::uint32_t d = 1;
    while (d * 2 < n) d *= 2;
    for (; d > 0 && n > 1; d /= 2) {
      for (std::uint32_t r = 0; r + d < n; r += 2 * d) {
        out.step_send((root + r) % n, (root + r + d) % n, bytes(std::min(d, n - r - d)));
      }
      out.close();
    }
  }
  template <class Bytes>
  static void climb(const Collective& c, Exchange& out, std::uint32_t root, Bytes bytes) {
    const std::uint32_t n = c.ranks;
    for (std::uint32_t d = 1; d < n; d *= 2) {
      for (std::uint32_t r = 0; r + d < n; r += 2 * d) {
        out.step_send((root + r + d) % n, (root + r) % n, bytes(std::min(d, n - r - d)));
      }
      out.close();
    }
  }
};

}  // namespace

std::unique_ptr<CollectiveAlgorithm> tree_collectives() { return std::make_unique<Tree>(); }

}  // namespace ring::chakra
