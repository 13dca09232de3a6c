// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/json.h"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "traces/io/format.h"

namespace trace {
namespace {

using Json = nlohmann::ordered_json;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kShown = 16;

std::string cut(const std::string& bytes, const JsonOptions& options) {
  if (!options.shorten || bytes.size() <= kShown) return hex(bytes);
  return hex(bytes.substr(0, kShown)) + "... (" + std::to_string(bytes.size()) + " bytes)";
}

std::string hex64(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

Json bytes_value(const FieldDescriptor& field, const std::string& bytes, const JsonOptions& options) {
  if (field.name() != "layer_bits") return cut(bytes, options);
  Json list = Json::array();
  for (const char c : bytes) list.push_back(static_cast<unsigned char>(c));
  return list;
}

// One value; `index` < 0 for a field that is not repeated.
Json value(const Message& m, const FieldDescriptor& f, int index, const JsonOptions& options) {
  const auto& r = *m.GetReflection();
  const bool many = index >= 0;
  switch (f.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? r.GetRepeatedInt32(m, &f, index) : r.GetInt32(m, &f);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? r.GetRepeatedInt64(m, &f, index) : r.GetInt64(m, &f);
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? r.GetRepeatedUInt32(m, &f, index) : r.GetUInt32(m, &f);
    case FieldDescriptor::CPPTYPE_UINT64: {
      const std::uint64_t number = many ? r.GetRepeatedUInt64(m, &f, index) : r.GetUInt64(m, &f);
      if (f.type() == FieldDescriptor::TYPE_FIXED64) return hex64(number);
      return number;
    }
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return many ? r.GetRepeatedDouble(m, &f, index) : r.GetDouble(m, &f);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return many ? r.GetRepeatedFloat(m, &f, index) : r.GetFloat(m, &f);
    case FieldDescriptor::CPPTYPE_BOOL:
      return many ? r.GetRepeatedBool(m, &f, index) : r.GetBool(m, &f);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = many ? r.GetRepeatedEnumValue(m, &f, index) : r.GetEnumValue(m, &f);
      const auto* name = f.enum_type()->FindValueByNumber(number);
      return name != nullptr ? Json(name->name()) : Json(number);
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = many ? r.GetRepeatedString(m, &f, index) : r.GetString(m, &f);
      return f.type() == FieldDescriptor::TYPE_BYTES ? bytes_value(f, text, options) : Json(text);
    }
    default:
      return to_json(many ? r.GetRepeatedMessage(m, &f, index) : r.GetMessage(m, &f), options);
  }
}

Json map_value(const Message& m, const FieldDescriptor& f, const JsonOptions& options) {
  const auto& r = *m.GetReflection();
  const auto& entry = *f.message_type();
  std::map<std::uint64_t, Json> sorted;
  for (int i = 0; i < r.FieldSize(m, &f); ++i) {
    const Message& each = r.GetRepeatedMessage(m, &f, i);
    sorted[value(each, *entry.map_key(), -1, options).get<std::uint64_t>()] =
        value(each, *entry.map_value(), -1, options);
  }
  Json object = Json::object();
  for (const auto& [key, number] : sorted) object[kind_name(static_cast<unsigned>(key))] = number;
  return object;
}

}  // namespace

Json to_json(const Message& m, const JsonOptions& options) {
  const auto& r = *m.GetReflection();
  const auto& type = *m.GetDescriptor();
  Json object = Json::object();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& f = *type.field(i);
    if (f.is_map()) {
      object[f.name()] = map_value(m, f, options);
    } else if (f.is_repeated()) {
      Json list = Json::array();
      const int size = r.FieldSize(m, &f);
      for (int k = 0; k < size; ++k) {
        if (options.shorten && k == kShown) {
          list.push_back("... (" + std::to_string(size) + " entries)");
          break;
        }
        list.push_back(value(m, f, k, options));
      }
      object[f.name()] = std::move(list);
    } else if (!f.has_presence() || r.HasField(m, &f)) {
      object[f.name()] = value(m, f, -1, options);
    }
  }
  return object;
}

}  // namespace trace
