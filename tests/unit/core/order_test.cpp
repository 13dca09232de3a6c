// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
// Results may depend neither on the order in which members were added nor on the order of evaluation.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/core/credits.h"
#include "sim/core/timed_queue.h"
#include "tests/support/context.h"
#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Credits;
using sim::Cycle;
using sim::Failure;
using sim::Fifo;
using sim::kNever;

using Word = std::uint64_t;

// Takes from its inputs by turns, works on a word for a time that depends on it, and sends it to an output
// that depends on it. The number under way inside is limited by credits. Sleeps whenever it can.
class Node final : public sim::Clocked {
 public:
  Node(ClockDomain& domain, const std::string& name, Word salt)
      : Clocked(name), salt_(salt), credits_(domain, name + ".credits", 3) {
    credits_.bind_taker(*this);
  }
  void connect_in(Fifo<Word>& f) {
    f.bind_consumer(*this);
    in_.push_back(&f);
  }
  void connect_out(Fifo<Word>& f) {
    f.bind_producer(*this);
    out_.push_back(&f);
  }
  void evaluate(Cycle now) override {
    working_.pop_due(now, [&](Word w) { done_.push_back(w); });
    if (!done_.empty() && (out_.empty() || target().can_push())) {
      const Word w = done_.front();
      if (out_.empty()) {
        log.push_back({now, w});
      } else {
        target().push(w);
      }
      done_.erase(done_.begin());
      credits_.give();
    }
    for (std::size_t i = 0; i < in_.size() && credits_.can_take(); ++i) {
      Fifo<Word>& f = *in_[(turn_ + i) % in_.size()];
      if (!f.can_pop()) continue;
      credits_.take();
      const Word w = (f.pop() ^ salt_) * 0x9E3779B97F4A7C15U;
      working_.push(now + 1 + (w >> 40) % 90, w);
      turn_ = (turn_ + i + 1) % in_.size();
      break;
    }
  }
  Cycle next_cycle(Cycle now) const override {
    if (!done_.empty()) return now + 1;
    if (credits_.can_take()) {
      for (Fifo<Word>* f : in_) {
        if (f->size() != 0) return now + 1;
      }
    }
    return working_.next();
  }

  struct Entry {
    Cycle at;
    Word word;
    bool operator==(const Entry& o) const { return at == o.at && word == o.word; }
  };
  std::vector<Entry> log;  // what left the network here

 private:
  Fifo<Word>& target() { return *out_[done_.front() % out_.size()]; }

  Word salt_;
  Credits credits_;
  std::vector<Fifo<Word>*> in_;
  std::vector<Fifo<Word>*> out_;
  sim::CalendarWheel<Word> working_{64};
  std::vector<Word> done_;
  std::size_t turn_ = 0;
};

class Feeder final : public sim::Clocked {
 public:
  Feeder(const std::string& name, unsigned seed, Fifo<Word>& out) : Clocked(name), random_(seed), out_(out) {
    out_.bind_producer(*this);
  }
  void evaluate(Cycle now) override {
    if (left_ == 0 || now < next_ || !out_.can_push()) return;
    out_.push(random_());
    next_ = now + 1 + random_() % 5;
    --left_;
  }
  Cycle next_cycle(Cycle now) const override {
    if (left_ == 0 || !out_.can_push()) return kNever;
    return std::max(now + 1, next_);
  }

 private:
  std::mt19937_64 random_;
  Fifo<Word>& out_;
  int left_ = 150;
  Cycle next_ = 0;
};

struct Result {
  std::vector<std::vector<std::size_t>> sizes;  // of every FIFO at every edge
  std::vector<std::vector<Node::Entry>> logs;
  std::uint64_t edges = 0;
  std::uint64_t evaluations = 0;
};

// Layers of nodes with random connections forward; the seed `network` decides what is built, the seed
// `order` in which order it is added and evaluated.
Result run_network(unsigned network, unsigned order) {
  test::fresh_context();
  constexpr unsigned kLayers = 4;
  constexpr unsigned kWidth = 4;
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  std::mt19937 random(network);
  std::vector<std::unique_ptr<Fifo<Word>>> fifos;
  const auto make_fifo = [&]() -> Fifo<Word>& {
    fifos.push_back(
        std::make_unique<Fifo<Word>>(domain, "f" + std::to_string(fifos.size()), 1 + random() % 4));
    return *fifos.back();
  };
  std::vector<std::unique_ptr<Node>> nodes;
  for (unsigned i = 0; i < kLayers * kWidth; ++i) {
    nodes.push_back(std::make_unique<Node>(domain, "n" + std::to_string(i), random()));
  }
  std::vector<std::unique_ptr<Feeder>> feeders;
  for (unsigned i = 0; i < kLayers * kWidth; ++i) {
    if (i < kWidth) {
      Fifo<Word>& f = make_fifo();
      feeders.push_back(std::make_unique<Feeder>("s" + std::to_string(i), random(), f));
      nodes[i]->connect_in(f);
    }
    if (i / kWidth + 1 == kLayers) continue;
    for (unsigned k = 0; k < 2; ++k) {
      Fifo<Word>& f = make_fifo();
      nodes[i]->connect_out(f);
      nodes[(i / kWidth + 1) * kWidth + random() % kWidth]->connect_in(f);
    }
  }
  Result result;
  test::Probe meter("meter");  // asked after the commit of each edge at which it runs
  Cycle last = 0;
  meter.plan = [&](Cycle now) {
    result.sizes.emplace_back();
    for (const auto& f : fifos) result.sizes.back().push_back(f->size());
    last = now;
    return now < 3000 ? now + 1 : kNever;
  };
  std::vector<sim::Clocked*> all{&meter};
  for (auto& n : nodes) all.push_back(n.get());
  for (auto& f : feeders) all.push_back(f.get());
  if (order != 0) {
    std::shuffle(all.begin(), all.end(), std::mt19937(order));
    domain.shuffle(order);
  }
  for (sim::Clocked* c : all) domain.add(*c);
  sim::run(failure);
  for (auto& n : nodes) result.logs.push_back(n->log);
  result.edges = domain.edges();
  result.evaluations = domain.evaluations();
  return result;
}

TEST(Order, FiftyOrdersOfARandomNetworkAgreeAtEveryCycle) {
  const Result reference = run_network(1, 0);
  std::size_t words = 0;
  for (const auto& log : reference.logs) words += log.size();
  ASSERT_EQ(words, 4U * 150U) << "every word leaves the network";
  for (unsigned order = 1; order <= 50; ++order) {
    const Result other = run_network(1, order);
    ASSERT_EQ(other.sizes, reference.sizes) << "order " << order;
    ASSERT_EQ(other.logs, reference.logs) << "order " << order;
    ASSERT_EQ(other.edges, reference.edges) << "order " << order;
    ASSERT_EQ(other.evaluations, reference.evaluations) << "order " << order;
  }
}

TEST(Order, SoDoOtherNetworks) {
  for (unsigned network = 2; network <= 12; ++network) {
    const Result reference = run_network(network, 0);
    for (unsigned order = 1; order <= 3; ++order) {
      const Result other = run_network(network, order);
      ASSERT_EQ(other.sizes, reference.sizes) << "network " << network << " order " << order;
      ASSERT_EQ(other.logs, reference.logs) << "network " << network << " order " << order;
      ASSERT_EQ(other.evaluations, reference.evaluations) << "network " << network << " order " << order;
    }
  }
}

}  // namespace
