// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "models/common/hbm_channel.h"
#include "models/common/hbm_config.h"
#include "models/common/window_load.h"
#include "sim/stats/group.h"
#include "sim/stats/stat.h"

namespace common {

// What an initiator moved by DMI, beside Hbm's sight; carried by a TLM_IGNORE_COMMAND.
struct DirectUse final : tlm::tlm_extension<DirectUse> {
  unsigned user = 0;
  Ps from = 0, until = 0;  // of the simulation, local time
  std::uint64_t read = 0, written = 0, requests = 0;

  tlm::tlm_extension_base* clone() const override { return new DirectUse(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const DirectUse&>(other);
  }
};

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
//
// Loosely timed (decouple()): b_transport knows no banks and no order of requests. A request of b bytes takes
// loose_latency(b), a straight line through the latencies of 64 bytes and of 1 MiB in an idle memory; behind
// the data of the same user (the payload's Tag says which) it waits; and for what other users took in the
// last window (WindowLoad) of its data's rate, it takes longer: data / (1 - their share). While nobody else
// uses the memory it grants DMI to all of it, with the latency of a transaction of the asking payload's
// length. What was moved by DMI is told by a TLM_IGNORE_COMMAND with a DirectUse, so that bytes are counted
// and the load is known. With the second user's first bytes in a window the latencies are not true any more:
// the pointer is taken back (invalidate_direct_mem_ptr), and granted again once no window from the last one
// on has two users. The pointer leads to address space without contents: bytes are kept by nobody.
class Hbm final : public sc_core::sc_module, public tlm::tlm_fw_transport_if<> {
 public:
  ~Hbm() override;

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

  // Before the simulation. `users`: numbers that Tag::user of requests may have.
  void decouple(Ps window, unsigned users);
  Ps loose_latency(std::uint64_t bytes) const;
  std::uint64_t direct_grants() const { return direct_grants_; }
  std::uint64_t direct_invalidations() const { return direct_invalidations_; }

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
  void count(bool write, std::uint64_t bytes) { (write ? written_ : read_) += bytes; }
  void serve_loosely(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void used(unsigned user, Ps from, Ps until, Ps data);
  Ps data_time(std::uint64_t bytes) const;
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

  // Loosely timed.
  std::unique_ptr<WindowLoad> load_;
  std::vector<Ps> user_free_;   // its last data are over
  double per_byte_ = 0;         // of loose_latency, ps
  Ps least_ = 0, data_ps_ = 0;  // of it, 64 bytes; of the data buses, summed
  bool granted_ = false;
  unsigned char* direct_ = nullptr;  // address space of direct_bytes_
  std::size_t direct_bytes_ = 0;
  std::uint64_t direct_grants_ = 0, direct_invalidations_ = 0;

  sim::stats::Group group_;
  sim::stats::Counter requests_, read_, written_, refused_;
  sim::stats::Ratio hits_;
  sim::stats::Histogram wait_;
};

}  // namespace common
