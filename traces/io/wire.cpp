// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/wire.h"

#include "traces/io/format.h"

namespace trace {
namespace {

enum WireType : unsigned { varint = 0, fixed64 = 1, bytes = 2, group_begin = 3, group_end = 4, fixed32 = 5 };

struct Field {
  unsigned number = 0;
  unsigned type = 0;
  std::string_view content;  // of type bytes
};

/// One field; null, or what is wrong.
const char* read_field(std::string_view message, std::size_t& at, Field& field) {
  std::uint64_t tag = 0, value = 0;
  if (!read_varint(message, at, tag) || tag >> 32 != 0) return "a field's tag makes no sense";
  field.number = static_cast<unsigned>(tag >> 3);
  field.type = static_cast<unsigned>(tag & 7);
  if (field.number == 0) return "a field has the number 0";
  std::size_t size = 0;
  switch (field.type) {
    case varint:
      return read_varint(message, at, value) ? nullptr : "a number does not end";
    case fixed64:
      size = 8;
      break;
    case fixed32:
      size = 4;
      break;
    case bytes:
      if (!read_varint(message, at, value)) return "the length of a field does not end";
      if (value > message.size() - at) return "a field is longer than its record";
      size = static_cast<std::size_t>(value);
      field.content = message.substr(at, size);
      break;
    case group_begin:
    case group_end:
      return nullptr;
    default:
      return "a field has a type that there is not";
  }
  if (size > message.size() - at) return "a field is longer than its record";
  at += size;
  return nullptr;
}

// Fields that are messages themselves: every field of those costs memory, too.
bool is_message(unsigned kind, unsigned field) {
  switch (static_cast<Kind>(kind)) {
    case Kind::header:
      return field >= 5 && field <= 8;
    case Kind::footer:
      return field == 1;
    case Kind::prefill:
      return field == 8;
    case Kind::mod_mul:
      return field == 12;
    default:
      return false;
  }
}

const char* walk(std::string_view message, unsigned kind, std::size_t& fields) {
  std::size_t at = 0;
  unsigned groups[kMaxDepth];
  unsigned depth = 0;
  while (at < message.size()) {
    Field field;
    if (const char* problem = read_field(message, at, field)) return problem;
    if (++fields > kMaxFields) return "it has too many fields";
    if (field.type == group_begin) {
      if (depth == kMaxDepth) return "its groups are nested too deeply";
      groups[depth++] = field.number;
    } else if (field.type == group_end) {
      if (depth == 0 || groups[--depth] != field.number) return "a group ends that did not begin";
    } else if (depth == 0 && field.type == bytes && is_message(kind, field.number)) {
      if (const char* problem = walk(field.content, 0, fields)) return problem;
    }
  }
  return depth == 0 ? nullptr : "a group does not end";
}

}  // namespace

bool read_varint(std::string_view bytes, std::size_t& position, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 70 && position < bytes.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[position++]);
    if (shift == 63 && byte > 1) return false;
    value |= std::uint64_t{byte & 127u} << shift;
    if (byte < 128) return true;
  }
  return false;
}

char* write_varint(char* to, std::uint64_t value) {
  for (; value >= 128; value >>= 7) *to++ = static_cast<char>(value | 128);
  *to++ = static_cast<char>(value);
  return to;
}

void append_bytes_field(std::string& to, unsigned number, std::size_t size) {
  char head[20];
  const char* const end = write_varint(write_varint(head, std::uint64_t{number} << 3 | bytes), size);
  to.append(head, static_cast<std::size_t>(end - head));
}

RecordScan scan_record(std::string_view message) {
  RecordScan scan;
  std::size_t at = 0, fields = 0;
  if (message.empty()) {
    scan.problem = "it is empty";
    return scan;
  }
  while (at < message.size()) {
    Field field;
    scan.problem = read_field(message, at, field);
    const bool known = field.number <= kKinds;
    const bool group = field.type == group_begin || field.type == group_end;
    if (scan.problem == nullptr && (group || (known && field.type != bytes)))
      scan.problem = "it is no record";
    if (scan.problem != nullptr) return scan;
    if (known && scan.known) {
      scan.problem = "it is of two kinds at once";
      return scan;
    }
    if (known || scan.kind == 0) scan.kind = field.number;
    if (!known) {
      if (++fields > kMaxFields) scan.problem = "it has too many fields";
      if (scan.problem != nullptr) return scan;
      continue;
    }
    scan.known = true;
    scan.problem = walk(field.content, field.number, fields);
    if (scan.problem != nullptr) return scan;
  }
  return scan;
}

}  // namespace trace
