// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra/collective.h"

#include <utility>

namespace ring::chakra {

std::uint32_t Exchange::send(std::uint32_t from, std::uint32_t to, std::uint64_t bytes,
                             std::vector<std::uint32_t> after) {
  Message m;
  m.from = from;
  m.to = to;
  m.bytes = bytes;
  m.after = std::move(after);
  m.after.push_back(from);
  m.after.push_back(to);
  messages_.push_back(std::move(m));
  return static_cast<std::uint32_t>(messages_.size() - 1);
}

std::uint32_t Exchange::step_send(std::uint32_t from, std::uint32_t to, std::uint64_t bytes) {
  step_.push_back(send(from, to, bytes, {last_sent_[from], last_got_[from], last_sent_[to], last_got_[to]}));
  return step_.back();
}

void Exchange::close() {
  for (const std::uint32_t m : step_) {
    last_sent_[messages_[m].from] = m;
    last_got_[messages_[m].to] = m;
  }
  step_.clear();
}

void barrier(Exchange& out) {
  const std::uint32_t n = out.ranks();
  for (std::uint32_t distance = 1; distance < n; distance *= 2) {
    for (std::uint32_t r = 0; r < n; ++r) out.step_send(r, (r + distance) % n, 8);
    out.close();
  }
}

std::unique_ptr<CollectiveAlgorithm> make_collectives(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::direct:
      return direct_collectives();
    case Algorithm::tree:
      return tree_collectives();
    case Algorithm::ring:
      break;
  }
  return ring_collectives();
}

}  // namespace ring::chakra
