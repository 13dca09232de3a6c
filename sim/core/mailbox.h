// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include <systemc>

#include "sim/core/clock_domain.h"
#include "sim/core/clocked.h"

namespace sim {

// The way into a clock domain from elsewhere: a socket, an SC_THREAD, a member of another domain. A message
// posted for time t can be taken at the first edge strictly after t. Unbounded; limit the traffic by
// Credits or by the protocol of the socket.
//
// Messages come out in the order of their times; of those with the same time, by the number of the source,
// then in the order of posting. Give each poster its own number where several may post at the same instant,
// else the order would be that in which the kernel happens to run them.
template <class T>
class Mailbox final : public Registered {
 public:
  Mailbox(ClockDomain& domain, std::string name) : Registered(std::move(name)), domain_(domain) {
    domain_.add(*this);
  }

  // The consumer is woken at the edge at which a message can be taken.
  void bind_consumer(Clocked& consumer) { consumer_ = &consumer; }

  void post(T message, unsigned source = 0) {
    post_for(sc_core::sc_time_stamp(), std::move(message), source);
  }
  // As if posted at the time `t`, which is now or later (annotated delay).
  void post_for(const sc_core::sc_time& t, T message, unsigned source = 0) {
    auto place = messages_.end();
    while (place != messages_.begin()) {
      const Message& before = *(place - 1);
      if (before.time < t || (before.time == t && before.source <= source)) break;
      --place;
    }
    const Cycle visible = domain_.edge_after(t);
    messages_.insert(place, Message{t, source, visible, std::move(message)});
    if (consumer_ != nullptr) domain_.wake(*consumer_, visible);
  }

  // The consumer's end. `now` is the cycle of its evaluate().
  bool can_pop(Cycle now) const { return next() <= now; }
  T pop() {
    T message = std::move(messages_.front().content);
    messages_.pop_front();
    return message;
  }
  // Hands every message that can be taken at `now` to `f`.
  template <class F>
  void pop_due(Cycle now, F&& f) {
    while (can_pop(now)) f(pop());
  }
  // The cycle from which the next message can be taken, kNever when there is none.
  Cycle next() const { return messages_.empty() ? kNever : messages_.front().visible; }

  std::size_t size() const { return messages_.size(); }
  std::string state() const override {
    return messages_.empty() ? std::string() : std::to_string(messages_.size()) + " messages";
  }

  // Called by the domain.
  void commit(Cycle) override {}
  // Drops what was posted before the edge of the reset; what is posted at its very time belongs to the
  // cycle after it, whether the poster ran before or after this edge.
  void reset() override {
    while (can_pop(domain_.now())) messages_.pop_front();
    if (consumer_ == nullptr) return;
    for (const Message& m : messages_) domain_.wake(*consumer_, m.visible);
  }

 private:
  struct Message {
    sc_core::sc_time time;
    unsigned source;
    Cycle visible;
    T content;
  };
  ClockDomain& domain_;
  std::deque<Message> messages_;
  Clocked* consumer_ = nullptr;
};

}  // namespace sim
