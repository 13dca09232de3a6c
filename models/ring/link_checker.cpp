// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/link_checker.h"

#include <utility>

namespace ring {

const char* name_of(LinkRule rule) {
  switch (rule) {
    case LinkRule::header:
      return "header";
    case LinkRule::direction:
      return "direction";
    case LinkRule::answer:
      return "answer";
    case LinkRule::delay:
      return "delay";
    case LinkRule::credit:
      return "credit";
    case LinkRule::sequence:
      return "sequence";
    case LinkRule::retry:
      return "retry";
    case LinkRule::acknowledge:
      return "acknowledge";
    case LinkRule::damaged:
      return "damaged";
    case LinkRule::modified:
      break;
  }
  return "modified";
}

LinkRules::LinkRules(std::string name, unsigned credits) : name_(std::move(name)), credits_(credits) {}

void LinkRules::violation(LinkRule rule, const tlm::tlm_generic_payload& payload, const std::string& text) {
  const LinkHeader* h = payload.get_extension<LinkHeader>();
  const std::string train = h == nullptr ? "a payload without header"
                                         : "train " + std::to_string(h->sequence) + " of message " +
                                               std::to_string(h->message) + ", vc " + std::to_string(h->vc);
  violations_.push_back({rule, name_ + ": rule '" + name_of(rule) + "': " + train + " at " +
                                   sc_core::sc_time_stamp().to_string() + ": " + text});
}

void LinkRules::forward(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                        const sc_core::sc_time& delay) {
  if (phase != kTrain) {
    violation(LinkRule::direction, payload,
              std::string(phase.get_name()) + " on the forward path; only kTrain goes there");
    return;
  }
  if (delay != sc_core::SC_ZERO_TIME) violation(LinkRule::delay, payload, "kTrain with an annotated delay");
  const LinkHeader* h = payload.get_extension<LinkHeader>();
  if (h == nullptr || h->bytes == 0 || h->from == h->to) {
    violation(LinkRule::header, payload, "a train needs a LinkHeader with bytes and two different ends");
    if (h == nullptr) return;
  }
  if (++taken_ > credits_) {
    violation(LinkRule::credit, payload, "sent without a credit; the hop has " + std::to_string(credits_));
  }
  ++trains_;
  Channel& channel = channels_[h->vc];
  const auto known = records_.find(&payload);
  if (known != records_.end()) {
    Record& r = known->second;
    if (!r.refused) violation(LinkRule::retry, payload, "sent again although nobody refused it");
    if (h->retry != r.header.retry + 1) violation(LinkRule::retry, payload, "sent again without counting it");
    if (h->sequence != r.header.sequence)
      violation(LinkRule::sequence, payload, "sent again under another number");
    if (channel.again == &payload) channel.again = nullptr;
    r = {*h, false, false};
    return;
  }
  if (channel.again != nullptr) {
    violation(LinkRule::retry, payload, "sent before the train that was refused on its channel");
  }
  if (h->retry != 0) violation(LinkRule::retry, payload, "a new train that says it was sent before");
  if (h->sequence != channel.next) {
    violation(LinkRule::sequence, payload, "number " + std::to_string(channel.next) + " was due");
  }
  channel.next = h->sequence + 1;
  records_[&payload] = {*h, false, false};
}

void LinkRules::answered(const tlm::tlm_generic_payload& payload, tlm::tlm_sync_enum status) {
  if (status == tlm::TLM_ACCEPTED) return;
  if (status == tlm::TLM_UPDATED) {
    violation(LinkRule::answer, payload, "kTrain was answered TLM_UPDATED");
    return;
  }
  const auto known = records_.find(&payload);
  if (known == records_.end()) return;
  credit(payload, known->second);
  acknowledge(payload, known->second);
}

void LinkRules::credit(const tlm::tlm_generic_payload& payload, Record& record) {
  if (record.credited) {
    violation(LinkRule::credit, payload, "a second credit for one train");
    return;
  }
  record.credited = true;
  --taken_;
}

void LinkRules::acknowledge(const tlm::tlm_generic_payload& payload, Record& record) {
  if (!record.credited) violation(LinkRule::acknowledge, payload, "acknowledged before its credit came back");
  if (record.header.damaged) violation(LinkRule::damaged, payload, "acknowledged although it is damaged");
  if (record.refused) violation(LinkRule::acknowledge, payload, "acknowledged although it was refused");
  records_.erase(&payload);
}

void LinkRules::check_header(const tlm::tlm_generic_payload& payload, const Record& record) {
  const LinkHeader& now = *payload.get_extension<LinkHeader>();
  const LinkHeader& then = record.header;
  if (now.message != then.message || now.from != then.from || now.to != then.to || now.vc != then.vc ||
      now.sequence != then.sequence || now.retry != then.retry || now.bytes != then.bytes) {
    violation(LinkRule::modified, payload, "somebody changed its header while it was under way");
  }
}

void LinkRules::backward(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                         const sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME)
    violation(LinkRule::delay, payload, "a backward call with an annotated delay");
  const auto known = records_.find(&payload);
  if (known == records_.end()) {
    violation(LinkRule::acknowledge, payload,
              std::string(phase.get_name()) + " for a train that is not under way");
    return;
  }
  Record& record = known->second;
  check_header(payload, record);
  if (phase == kCredit) {
    credit(payload, record);
  } else if (phase == kAck) {
    acknowledge(payload, record);
  } else if (phase == kNak) {
    if (!record.credited) violation(LinkRule::acknowledge, payload, "refused before its credit came back");
    record.refused = true;
    channels_[record.header.vc].again = &payload;
  } else {
    violation(LinkRule::direction, payload, std::string(phase.get_name()) + " on the backward path");
  }
}

void LinkRules::answered_backward(const tlm::tlm_generic_payload& payload, tlm::tlm_sync_enum status) {
  if (status != tlm::TLM_ACCEPTED)
    violation(LinkRule::answer, payload, "a backward call not answered TLM_ACCEPTED");
}

LinkChecker::LinkChecker(const sc_core::sc_module_name& name, unsigned credits, bool collect)
    : sc_module(name),
      target("target"),
      initiator("initiator"),
      rules_(this->name(), credits),
      collect_(collect) {
  target.bind(static_cast<LinkForward&>(*this));
  initiator.bind(static_cast<LinkBackward&>(*this));
}

void LinkChecker::report() {
  while (!collect_ && reported_ < rules_.violations().size()) {
    SC_REPORT_ERROR("/ring/link", rules_.violations()[reported_++].text.c_str());
  }
}

tlm::tlm_sync_enum LinkChecker::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
  rules_.forward(payload, phase, delay);
  report();
  const tlm::tlm_sync_enum status = initiator->nb_transport_fw(payload, phase, delay);
  rules_.answered(payload, status);
  report();
  return status;
}

tlm::tlm_sync_enum LinkChecker::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
  rules_.backward(payload, phase, delay);
  report();
  const tlm::tlm_sync_enum status = target->nb_transport_bw(payload, phase, delay);
  rules_.answered_backward(payload, status);
  report();
  return status;
}

}  // namespace ring
