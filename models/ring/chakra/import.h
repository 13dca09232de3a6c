// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// From Chakra execution traces to an op graph that runs on our cluster.
//
// METADATA_NODE and nodes of the CPU take no time. COMP_NODE is a kernel of duration_micros, or of num_ops at
// a given rate; MEM_LOAD_NODE and MEM_STORE_NODE likewise, of tensor_size at the rate of the memory. The k-th
// COMM_SEND_NODE of a rank to another with one tag and the k-th COMM_RECV_NODE there are one message, in the
// order of node ids; it starts when the sender gets to it (and, in traces that say so, the receiver as well),
// and the receiver goes on when it has arrived. The k-th collectives of the members of a group belong
// together, and are taken apart into messages.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/ring/chakra/collective.h"
#include "models/ring/chakra/trace.h"
#include "models/ring/function/op_graph.h"

namespace ring::chakra {

struct ImportOptions {
  Algorithm collectives = Algorithm::ring;
  double tflops = 0;  ///< of COMP_NODEs that give num_ops and no duration; 0 = such nodes are refused
  double memory_gbytes_per_s = 0;  ///< of MEM nodes that give tensor_size and no duration; 0 = refused
  bool rendezvous = false;         ///< messages also wait for what the receive waits for
  std::string
      groups_file;  ///< JSON: {"NAME": [ranks]} for pg_name; empty = PREFIX.groups.json if there is one
};

/// What a trace holds.
struct Contents {
  std::string version;  ///< of the schema, of rank 0
  std::uint64_t ranks = 0, nodes = 0;
  std::map<std::string, std::uint64_t> kinds;  ///< nodes by type
  std::uint64_t messages = 0;                  ///< send and receive
  std::uint64_t message_bytes = 0;
  std::map<std::string, std::uint64_t> collectives;  ///< by type
  std::uint64_t collective_bytes = 0;                ///< what they send, all ranks
  bool ours = false;            ///< exported from here: messages bring their launch times
  std::uint64_t cpu_nodes = 0;  ///< taken as no time
};

struct Imported {
  OpGraph graph;
  Contents contents;
};

/// Throws sim::Error(Exit::input) that names the file, the node and the remedy: unknown dependencies,
/// messages without a partner or of another size, collectives on which the ranks do not agree, cycles,
/// unknown groups and ranks.
Imported import_ranks(const std::vector<Rank>& ranks, const std::string& prefix,
                      const ImportOptions& options = {});
Imported import_files(const std::string& prefix, const ImportOptions& options = {});

}  // namespace ring::chakra
