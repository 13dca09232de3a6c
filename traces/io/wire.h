// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The wire format of Protocol Buffers, as far as it must be looked at before a record is parsed: which kind
// it is, and that parsing it cannot take much memory or stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trace {

/// What of a record can be known without parsing it.
struct RecordScan {
  unsigned kind = 0;              ///< field number in Record
  bool known = false;             ///< whether this version knows the kind; else nothing was looked at
  const char* problem = nullptr;  ///< why the record cannot be parsed; null for a good one
};

/// Walks the fields of one message of type Record. Never throws, never allocates.
RecordScan scan_record(std::string_view message);

/// Reads a base-128 number of at most ten bytes at `position` and moves behind it. False where it does not
/// end within the bytes or does not fit 64 bits.
bool read_varint(std::string_view bytes, std::size_t& position, std::uint64_t& value);

/// Writes one behind `to`'s end, which must have room for ten bytes; returns the new end.
char* write_varint(char* to, std::uint64_t value);

/// Appends what stands in front of the content of a field of type bytes, string or message.
void append_bytes_field(std::string& to, unsigned number, std::size_t size);

}  // namespace trace
