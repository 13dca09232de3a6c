// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What a host tells a unit to do, and what became of it. No SystemC.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/common/hbm_config.h"

namespace common {

// Whom a command waited for, and so whom its token waited for.
enum class Cause : std::uint8_t { gpu, hbm, sme, allmod, ring, bus, queue, host };
constexpr std::size_t kCauses = 8;
const char* name(Cause cause);  // "gpu", also the key in summary.json

// What a command does, as the trace has it.
enum class Operation : std::uint8_t {
  qkv_proj,
  o_proj,
  gate_up_proj,
  down_proj,
  lm_head,
  kv_append,
  attention,
  other,
  encrypted,
  prefill
};
constexpr std::size_t kOperations = 10;
const char* name(Operation operation);

// What a unit needs to know to do it; each kind of unit has its own.
struct Work {
  virtual ~Work() = default;
};

// Integers that add up over commands.
struct Account {
  Ps gpu_busy = 0;
  std::uint64_t hbm_bytes = 0, bus_bytes = 0;
  std::uint64_t macs = 0, weight_bytes = 0, kv_bytes = 0;
  std::uint64_t int4_weights = 0, weights = 0;  // elements read
  double sme_j = 0;

  void add(const Account& other);
};

using CommandId = std::uint64_t;

// A command on its way. Times are of the simulation.
struct Command {
  CommandId id = 0;  // ascending in the order of the source; 0 is none
  unsigned channel = 0;
  unsigned stream = 0;               // of the channel
  std::vector<CommandId> waits_for;  // commands before it
  std::unique_ptr<Work> work;
  std::uint64_t token = 0;  // number of the token it belongs to
  std::uint32_t layer = 0;
  Operation operation = Operation::other;
  bool last_of_token = false;  // the token ends with it
  bool beside = false;         // nothing of its token waits for it

  // --- Filled by the player and the channel.
  // Time from `submitted` on, piece by piece: what it waited for until then.
  struct Segment {
    Cause cause;
    Ps until;
  };
  Ps submitted = 0;  // handed to its channel
  Ps finished = 0;   // the unit was done
  Ps done = 0;       // the host knew
  std::vector<Segment> segments;
  Account account;

  // `cause` is what went on from the end of the last segment until `until`; nothing when that is past.
  void passed(Cause cause, Ps until) {
    const Ps from = segments.empty() ? submitted : segments.back().until;
    if (until > from) segments.push_back({cause, until});
  }
};

// Commands in the order of a trace.
class CommandSource {
 public:
  virtual ~CommandSource() = default;
  // False: there are no more. Dependencies name commands that were given before.
  virtual bool next(Command& command) = 0;
};

// A token that is complete.
struct TokenTimes {
  std::uint64_t token = 0;
  Ps begin = 0, end = 0;
  std::array<Ps, kCauses> causes{};          // add up to end - begin
  std::array<Ps, kOperations> operations{};  // add up to end - begin
};

// A piece of the chain of commands that decided when a token was done.
struct Wait {
  CommandId command = 0;
  Operation operation = Operation::other;
  Cause cause = Cause::host;
  Ps from = 0, until = 0;
};

}  // namespace common
