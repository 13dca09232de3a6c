// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/gpu_node.h"

#include <algorithm>
#include <string>

#include "models/ring/timeline.h"
#include "sim/core/error.h"
#include "sim/core/run.h"

namespace ring {
namespace {

Ps time_now() { return sc_core::sc_time_stamp().value(); }
sc_core::sc_time span_of(Ps ps) { return sc_core::sc_time::from_value(ps); }

}  // namespace

GpuNode::GpuNode(const sc_core::sc_module_name& name, NodeId number, const Hardware& hardware,
                 Dispatcher& dispatcher, sim::Failure& failure, ClusterTimeline* timeline)
    : sc_module(name),
      egress("egress"),
      ingress("ingress"),
      number_(number),
      dispatcher_(dispatcher),
      failure_(failure),
      timeline_(timeline),
      engines_(hardware.engines),
      pool_(std::string(this->name()) + ".payloads"),
      sms_(hardware.slowdown) {
  egress.bind(static_cast<LinkBackward&>(*this));
  ingress.bind(static_cast<LinkForward&>(*this));
  for (const Fault& fault : hardware.faults) {
    if (fault.kind == Fault::Kind::slow_gpu && fault.gpu == number)
      slow_.emplace_back(fault.at, fault.factor);
  }
  std::stable_sort(slow_.begin(), slow_.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  SC_HAS_PROCESS(GpuNode);
  SC_METHOD(wake);
  sensitive << wake_;
  dont_initialize();
}

// Something has ended or been issued: whoever gets what becomes free is decided in the next delta cycle.
void GpuNode::touch() {
  touched_delta_ = sc_core::sc_delta_count();
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void GpuNode::issue(OpId op) {
  inbox_.push_back(op);
  touch();
}

void GpuNode::wake() {
  sim::guarded(failure_, [this] { step(time_now()); });
}

void GpuNode::step(Ps now) {
  end_what_is_due(now);
  if (touched_delta_ == sc_core::sc_delta_count()) {
    wake_.notify(sc_core::SC_ZERO_TIME);
    return;
  }
  hand_out(now);
  if (touched_delta_ == sc_core::sc_delta_count()) return;  // wake_ is notified
  const Ps next = next_due();
  if (next != OpTiming::kNever) wake_.notify(span_of(next - now));
}

Ps GpuNode::next_due() const {
  Ps next = OpTiming::kNever;
  if (launching_ != kNoOp) next = launched_at_;
  if (sms_.busy()) next = std::min(next, sms_.done_at());
  if (!launches_.empty()) next = std::min(next, launches_.top().first);
  const bool working = launching_ != kNoOp || sms_.busy();
  if (working && !slow_.empty()) next = std::min(next, slow_.back().first);
  return next;
}

void GpuNode::end_what_is_due(Ps now) {
  while (!slow_.empty() && slow_.back().first <= now) {
    sms_.speed(slow_.back().second, slow_.back().first);
    slow_.pop_back();
  }
  if (launching_ != kNoOp && launched_at_ <= now) {
    const Op& op = dispatcher_.graph().ops[launching_];
    sms_.start(launching_, op.duration, op.kind == OpKind::compute, launched_at_);
    launching_ = kNoOp;
  }
  if (sms_.busy() && sms_.done_at() <= now) {
    const OpId id = sms_.op();
    const Op& op = dispatcher_.graph().ops[id];
    OpTiming& t = dispatcher_.timing(id);
    sms_.finish();
    t.slowed = now - t.started - op.launch_ps - op.duration;
    slowed_ += t.slowed;
    kernel_time_ += now - t.started;
    waits_.sms += t.started - t.issued;
    ++kernels_;
    touch();
    dispatcher_.finish(id, now);
    if (timeline_ != nullptr) timeline_->finished(id, t);
  }
  while (!launches_.empty() && launches_.top().first <= now) {
    const OpId op = launches_.top().second;
    launches_.pop();
    send(op, now);
  }
}

// Who gets the SMs and the engines: in the order of issue, ties by index.
void GpuNode::hand_out(Ps now) {
  for (const OpId op : inbox_) {
    const bool message = dispatcher_.graph().ops[op].kind == OpKind::transfer;
    (message ? messages_waiting_ : kernels_waiting_).push({dispatcher_.timing(op).issued, op});
  }
  inbox_.clear();
  if (!kernels_waiting_.empty() && launching_ == kNoOp && !sms_.busy()) {
    const OpId op = kernels_waiting_.top().second;
    kernels_waiting_.pop();
    dispatcher_.timing(op).started = now;
    launching_ = op;
    launched_at_ = now + dispatcher_.graph().ops[op].launch_ps;
    end_what_is_due(now);
  }
  while (!messages_waiting_.empty() && engines_busy_ < engines_) {
    const OpId op = messages_waiting_.top().second;
    messages_waiting_.pop();
    ++engines_busy_;
    dispatcher_.timing(op).started = now;
    launches_.push({now + dispatcher_.graph().ops[op].launch_ps, op});
  }
  end_what_is_due(now);
}

void GpuNode::set_sending(unsigned messages, Ps now) {
  sending_ = messages;
  sms_.sending(messages, now);
  touch();  // a kernel may end at another time
}

void GpuNode::send(OpId id, Ps now) {
  const Op& op = dispatcher_.graph().ops[id];
  tlm::tlm_generic_payload& payload = pool_.acquire(0);
  LinkHeader& header = link_header(payload);
  header.message = id;
  header.from = number_;
  header.to = op.peer;
  header.vc = 0;
  header.sequence = sequence_++;
  header.retry = 0;
  header.bytes = op.bytes;
  header.damaged = false;
  bytes_sent_ += op.bytes;
  ++messages_;
  set_sending(sending_ + 1, now);
  tlm::tlm_phase phase = kTrain;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  egress->nb_transport_fw(payload, phase, delay);
}

tlm::tlm_sync_enum GpuNode::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                            sc_core::sc_time&) {
  if (phase == kCredit) {
    --engines_busy_;
    set_sending(sending_ - 1, time_now());
  } else if (phase == kAck) {
    const OpTiming& t = dispatcher_.timing(link_header(payload).message);
    waits_.engine += t.started - t.issued;
    waits_.link += t.waited_link;
    waits_.port += t.waited_port;
    waits_.credit += t.waited_credit;
    payload.release();
  }
  return tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum GpuNode::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase&,
                                            sc_core::sc_time&) {
  const LinkHeader& header = link_header(payload);
  bytes_received_ += header.bytes;
  dispatcher_.finish(header.message, time_now());
  if (timeline_ != nullptr) timeline_->finished(header.message, dispatcher_.timing(header.message));
  return tlm::TLM_COMPLETED;
}

bool GpuNode::under_way(OpId op) const {
  const OpTiming& t = dispatcher_.timing(op);
  const Op& o = dispatcher_.graph().ops[op];
  return o.kind == OpKind::transfer && t.started != OpTiming::kNever && t.started + o.launch_ps <= time_now();
}

const char* GpuNode::waits_for(OpId op) const {
  const OpTiming& t = dispatcher_.timing(op);
  if (t.started != OpTiming::kNever) return "it runs";
  return dispatcher_.graph().ops[op].kind == OpKind::transfer
             ? "every communication engine of its GPU is taken"
             : "the SMs of its GPU are taken";
}

}  // namespace ring
