// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Holds one hop of the link protocol to its rules (link_protocol.h).
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <systemc>

#include "models/ring/link_protocol.h"

namespace ring {

enum class LinkRule {
  header,     ///< a train has a LinkHeader, bytes, and two different ends
  direction,  ///< kTrain goes forward, the other phases backward
  answer,     ///< kTrain is answered TLM_ACCEPTED or TLM_COMPLETED, backward calls TLM_ACCEPTED
  delay,      ///< annotated delays are zero
  credit,     ///< never more trains without credit than the hop has; a credit comes back once for each train
  sequence,   ///< trains of a virtual channel are numbered without gaps; one sent again keeps its number
  retry,      ///< only what was refused is sent again, before anything else on its channel, and counted
  acknowledge,  ///< exactly one kAck or kNak for each kTrain, after its credit
  damaged,      ///< a damaged train is never acknowledged
  modified,     ///< nobody changes the header of a train under way
};
const char* name_of(LinkRule rule);

struct LinkViolation {
  LinkRule rule;
  std::string text;  ///< who, which rule, which train, when
};

/// The rules without sockets; LinkChecker calls it around every call.
class LinkRules {
 public:
  LinkRules(std::string name, unsigned credits);
  void forward(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
               const sc_core::sc_time& delay);
  void answered(const tlm::tlm_generic_payload& payload, tlm::tlm_sync_enum status);
  void backward(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                const sc_core::sc_time& delay);
  void answered_backward(const tlm::tlm_generic_payload& payload, tlm::tlm_sync_enum status);

  const std::vector<LinkViolation>& violations() const { return violations_; }
  std::uint64_t trains() const { return trains_; }
  std::size_t under_way() const { return records_.size(); }

 private:
  struct Record {
    LinkHeader header;
    bool credited = false;
    bool refused = false;  ///< kNak came; waits to be sent again
  };
  struct Channel {
    std::uint32_t next = 0;  ///< sequence
    const tlm::tlm_generic_payload* again = nullptr;
  };
  void violation(LinkRule rule, const tlm::tlm_generic_payload& payload, const std::string& text);
  void credit(const tlm::tlm_generic_payload& payload, Record& record);
  void acknowledge(const tlm::tlm_generic_payload& payload, Record& record);
  void check_header(const tlm::tlm_generic_payload& payload, const Record& record);

  std::string name_;
  unsigned credits_;
  unsigned taken_ = 0;
  std::unordered_map<const tlm::tlm_generic_payload*, Record> records_;
  std::unordered_map<unsigned, Channel> channels_;
  std::uint64_t trains_ = 0;
  std::vector<LinkViolation> violations_;
};

/// In-line between an initiator and the target it was bound to; takes no time. `credits`: trains that may be
/// without credit at a time. A violation is an SC_REPORT_ERROR "/ring/link" unless `collect`.
class LinkChecker final : public sc_core::sc_module, LinkForwardBase, LinkBackwardBase {
 public:
  LinkChecker(const sc_core::sc_module_name& name, unsigned credits, bool collect = false);

  LinkTarget target;
  LinkInitiator initiator;
  const LinkRules& rules() const { return rules_; }

 private:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void report();

  LinkRules rules_;
  std::size_t reported_ = 0;
  bool collect_;
};

}  // namespace ring
