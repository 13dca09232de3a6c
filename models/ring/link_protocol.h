// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The protocol of ring links: trains of packets with credits and retry. Not the base protocol: its traits
// class is its own, so that a link socket cannot be bound to a memory-mapped one.
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

namespace ring {

/// Protocol traits of link sockets. The payload is a generic one from a sim::bus::PayloadPool with a
/// LinkHeader; address, data pointer and byte enables mean nothing (command TLM_IGNORE_COMMAND).
struct link_protocol_types {
  using tlm_payload_type = tlm::tlm_generic_payload;
  using tlm_phase_type = tlm::tlm_phase;
};

// The four phases. A transaction is one train: the packets of one message, or a part of them, in order.
//
//   kTrain   forward   the first bit leaves the initiator; takes one of its credits
//   kCredit  backward  the last bit is out, the credit is back
//   kAck     backward  every packet has arrived undamaged; the initiator may forget the train
//   kNak     backward  the train was damaged or lost; the initiator sends it again (kTrain with retry + 1),
//   the
//                      same payload, before any other train of that virtual channel
//
// kCredit comes exactly once for each kTrain, and before kAck or kNak. nb_transport_fw answers kTrain with
// TLM_ACCEPTED, or with TLM_COMPLETED, which is kCredit and kAck at once. All backward calls are answered
// TLM_ACCEPTED. Annotated delays are zero. b_transport, transport_dbg and DMI do not exist on links.
TLM_DECLARE_EXTENDED_PHASE(kTrain);
TLM_DECLARE_EXTENDED_PHASE(kCredit);
TLM_DECLARE_EXTENDED_PHASE(kAck);
TLM_DECLARE_EXTENDED_PHASE(kNak);

/// What a train carries. Sticky: allocated once for each pooled payload.
struct LinkHeader final : tlm::tlm_extension<LinkHeader> {
  std::uint32_t message = 0;   ///< number of the message, unique while it is under way
  std::uint32_t from = 0;      ///< GPU
  std::uint32_t to = 0;        ///< GPU
  std::uint8_t vc = 0;         ///< virtual channel of this hop
  std::uint32_t sequence = 0;  ///< of the train on this hop and virtual channel, from 0, without gaps
  std::uint32_t retry = 0;     ///< how often it was sent before
  std::uint64_t bytes = 0;     ///< payload
  bool damaged = false;        ///< a CRC does not fit; to be answered with kNak

  tlm::tlm_extension_base* clone() const override { return new LinkHeader(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const LinkHeader&>(other);
  }
};

/// The header of a payload, made when it has none yet.
inline LinkHeader& link_header(tlm::tlm_generic_payload& payload) {
  LinkHeader* header = payload.get_extension<LinkHeader>();
  if (header == nullptr) payload.set_extension(header = new LinkHeader);
  return *header;
}

constexpr unsigned kLinkWidth = 128;  ///< BUSWIDTH of link sockets: a flit of 16 bytes
using LinkInitiator = tlm::tlm_initiator_socket<kLinkWidth, link_protocol_types>;
using LinkTarget = tlm::tlm_target_socket<kLinkWidth, link_protocol_types>;
using LinkForward = tlm::tlm_fw_transport_if<link_protocol_types>;
using LinkBackward = tlm::tlm_bw_transport_if<link_protocol_types>;

/// The parts of the transport interface that links do not have: they report an error.
class LinkForwardBase : public LinkForward {
 public:
  void b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) override;
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
};
class LinkBackwardBase : public LinkBackward {
 public:
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

}  // namespace ring
