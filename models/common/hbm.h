// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <deque>
#include <queue>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "models/common/hbm_channel.h"
#include "models/common/hbm_config.h"
#include "sim/stats/group.h"
#include "sim/stats/stat.h"

namespace common {

// A stack memory (HBM): channels behind one memory-mapped socket of the base protocol.
//
// An address range is dealt out over the channels, `interleave_bytes` at a time, so that a long burst keeps
// all of them busy. Timing (README.md has the table), T the arrival of BEGIN_REQ:
//   T + accept_ns                     END_REQ, or when one of `queue` requests has been answered
//   then                              each channel serves its part (hbm_channel.h), in the order of requests
//   last data + column_ns + controller_ns      BEGIN_RESP; answers may overtake each other
// It keeps times, not contents: a write leaves nothing, a read leaves the initiator's buffer as it is,
// transport_dbg answers 0 bytes. No DMI. Addresses beyond `gibytes` are answered TLM_ADDRESS_ERROR_RESPONSE
// after accept_ns. b_transport adds the same latency to the delay without waiting.
class Hbm final : public sc_core::sc_module, public tlm::tlm_fw_transport_if<> {
 public:
  // Throws sim::Error (usage) for sizes that do not fit each other (see problem()).
  Hbm(sc_core::sc_module_name name, const HbmConfig& config, sim::stats::Group& stats, std::size_t index);

  tlm::tlm_target_socket<64> socket;

  // What is wrong across the settings, for people, and with which (`key`); empty: nothing.
  static std::string problem(const HbmConfig& config, std::string& key);

  const HbmConfig& config() const { return config_; }
  std::uint64_t bytes_read() const { return read_.value(); }
  std::uint64_t bytes_written() const { return written_.value(); }
  std::uint64_t requests() const { return requests_.value(); }
  std::uint64_t outstanding() const { return outstanding_; }
  Ps busy() const;                          // of the data buses, mean over the channels
  Ps waited() const { return waited_ps_; }  // answers later than of an idle memory with closed rows, summed
  double row_hit_share() const;             // accesses that found their row open; 1 without accesses
  // Time of the data buses and of rows, of a memory that is idle and has no row open.
  Ps unloaded(std::uint64_t address, std::uint64_t bytes) const;

 private:
  struct Response {
    Ps due;
    std::uint64_t number;
    tlm::tlm_generic_payload* payload;
    bool operator>(const Response& other) const {
      return due != other.due ? due > other.due : number > other.number;
    }
  };

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) override;

  tlm::tlm_response_status check(const tlm::tlm_generic_payload& payload) const;
  Ps serve(tlm::tlm_generic_payload& payload, Ps at);  // returns when BEGIN_RESP is due
  void step();
  void schedule();

  HbmConfig config_;
  HbmTiming timing_;
  Ps accept_, behind_;  // END_REQ; from the last data to BEGIN_RESP
  std::vector<HbmChannel> channels_;
  sc_core::sc_event wake_;
  tlm::tlm_generic_payload* accepting_ = nullptr;  // between BEGIN_REQ and END_REQ
  Ps accepted_at_ = 0;                             // END_REQ is due
  std::priority_queue<Response, std::vector<Response>, std::greater<>> due_;
  tlm::tlm_generic_payload* responding_ = nullptr;  // between BEGIN_RESP and END_RESP
  Ps response_free_ = 0;
  std::uint64_t outstanding_ = 0, number_ = 0;
  Ps waited_ps_ = 0;

  sim::stats::Group group_;
  sim::stats::Counter requests_, read_, written_, refused_;
  sim::stats::Ratio hits_;
  sim::stats::Histogram wait_;
};

}  // namespace common
