// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// From an op graph to Chakra execution traces.
//
// A kernel is a COMP_NODE, a join a METADATA_NODE, a message a COMM_SEND_NODE and a COMM_RECV_NODE; ids are
// those of the operations. What the schema has no field for (picoseconds, the kind of a kernel, steps,
// dependencies between ranks that no message carries) stands in attributes named tricycle_..., which other
// readers skip: to them the graph is the same, with durations in microseconds. Imported here again it is the
// same graph, operation by operation; only what the functional mode knows about the data (OpGraph::data) is
// left out.
#pragma once

#include <string>
#include <vector>

#include "models/ring/chakra/trace.h"
#include "models/ring/function/op_graph.h"

namespace ring::chakra {

std::vector<Rank> export_ranks(const OpGraph& graph, const std::string& prefix);

/// Writes PREFIX.0.et ...; returns how many dependencies between ranks went into attributes. Throws
/// sim::Error(Exit::input) when a file is there already or cannot be written; what was written then is
/// removed.
std::uint64_t export_files(const OpGraph& graph, const std::string& prefix);

}  // namespace ring::chakra
