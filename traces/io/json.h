// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "traces/io/records.h"

namespace trace {

struct JsonOptions {
  bool shorten = false;  ///< long bytes fields and lists are cut after 16 entries
};

/// A record with every field under its name in trace.proto. Bytes are hexadecimal, layer_bits a list of
/// numbers, digests of 64 bits sixteen hexadecimal digits, enumerators their names; optional fields that are
/// not set are left out.
nlohmann::ordered_json to_json(const google::protobuf::Message& message, const JsonOptions& options = {});

}  // namespace trace
