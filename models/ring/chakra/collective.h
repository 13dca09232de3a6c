// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Collectives as messages between pairs: one interface, one file per choice. Sizes follow the convention of
// Chakra's users: `bytes` is what every rank puts in (all-gather: its share; the others: its whole buffer).
// The arithmetic of reductions takes no time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/ring/chakra/trace.h"

namespace ring::chakra {

enum class Algorithm {
  ring,    // neighbours only, as few bytes as can be, N - 1 steps (all-reduce: twice)
  direct,  // everybody with everybody at once
  tree,    // powers of two: log2 N steps
};

struct Collective {
  CommType type = CommType::all_reduce;
  std::uint64_t bytes = 0;
  std::uint32_t ranks = 0;  // of the group; numbered 0.. here
  std::uint32_t root = 0;   // broadcast, reduce, gather, scatter
};

// Messages and what they wait for. Operation r < ranks is the start of rank r: it finishes when the rank gets
// to the collective. All others are messages.
class Exchange {
 public:
  struct Message {
    std::uint32_t from = 0, to = 0;
    std::uint64_t bytes = 0;  // 0: nothing is sent, but whoever waits for it still does
    std::vector<std::uint32_t> after;
  };

  explicit Exchange(std::uint32_t ranks)
      : ranks_(ranks), messages_(ranks), last_sent_(ranks), last_got_(ranks) {
    for (std::uint32_t r = 0; r < ranks; ++r) last_sent_[r] = last_got_[r] = r;
  }
  std::uint32_t ranks() const { return ranks_; }
  const std::vector<Message>& all() const { return messages_; }

  // Both ends have started; `after` has finished as well.
  std::uint32_t send(std::uint32_t from, std::uint32_t to, std::uint64_t bytes,
                     std::vector<std::uint32_t> after = {});

  // A message of one step, in which both ends wait for what they sent and got in the steps before; close()
  // ends the step.
  std::uint32_t step_send(std::uint32_t from, std::uint32_t to, std::uint64_t bytes);
  void close();

 private:
  std::uint32_t ranks_;
  std::vector<Message> messages_;
  std::vector<std::uint32_t> last_sent_, last_got_;
  std::vector<std::uint32_t> step_;  // messages of the open step
};

class CollectiveAlgorithm {
 public:
  virtual ~CollectiveAlgorithm() = default;
  virtual void run(const Collective& c, Exchange& out) const = 0;
};
std::unique_ptr<CollectiveAlgorithm> ring_collectives();
std::unique_ptr<CollectiveAlgorithm> direct_collectives();
std::unique_ptr<CollectiveAlgorithm> tree_collectives();
std::unique_ptr<CollectiveAlgorithm> make_collectives(Algorithm algorithm);

// Size of part `index` of `parts`: the first ones are a byte longer where it does not divide.
inline std::uint64_t part_bytes(std::uint64_t bytes, std::uint32_t parts, std::uint32_t index) {
  return bytes / parts + (index < bytes % parts ? 1 : 0);
}

// Every rank hears of every other in ceil(log2 N) steps of 8 bytes; the same for all algorithms.
void barrier(Exchange& out);

}  // namespace ring::chakra
