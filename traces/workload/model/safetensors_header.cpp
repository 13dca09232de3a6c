// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <limits>

#include "sim/core/error.h"
#include "traces/workload/model/safetensors.h"
#include "traces/workload/model/strict_json.h"

namespace workload {
namespace {

using nlohmann::json;

constexpr std::size_t kMostDimensions = 8;
constexpr std::size_t kMostName = 1024;
constexpr std::size_t kQuoted = 100;  // of a name in a message

unsigned element_bytes(TensorType type) { return type == TensorType::f32 ? 4 : 2; }

class HeaderReader {
 public:
  HeaderReader(std::uint64_t data_begin, std::uint64_t file_bytes, const std::string& where)
      : data_begin_(data_begin), data_bytes_(file_bytes - data_begin), where_(where) {}

  std::map<std::string, TensorEntry> read(const json& header) {
    if (!header.is_object()) fail("the header is no JSON object");
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") {
        check_metadata(value);
      } else {
        tensors_.emplace(name, entry(name, value));
      }
    }
    check_layout();
    return std::move(tensors_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw sim::Error(sim::Exit::input, where_ + ": " + what);
  }
  [[noreturn]] void fail(const std::string& name, const std::string& what) const {
    fail("tensor '" + name.substr(0, kQuoted) + "': " + what);
  }

  void check_metadata(const json& value) const {
    bool good = value.is_object();
    for (const auto& item : value) good = good && item.is_string();
    if (!good) fail("__metadata__ is no object of strings");
  }

  TensorType type(const std::string& name, const json& value) const {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump().substr(0, kQuoted);
    if (text == "F32") return TensorType::f32;
    if (text == "F16") return TensorType::f16;
    if (text == "BF16") return TensorType::bf16;
    fail(name, "dtype '" + text.substr(0, kQuoted) + "' is not supported; F32, F16 and BF16 are");
  }

  TensorEntry entry(const std::string& name, const json& value) const {
    if (name.empty() || name.size() > kMostName) fail(name, "a name has 1 to 1024 bytes");
    if (!value.is_object()) fail(name, "is described by no JSON object");
    for (const auto& [key, unused] : value.items()) {
      if (key != "dtype" && key != "shape" && key != "data_offsets") {
        fail(name, "has an unknown key '" + key.substr(0, kQuoted) + "'");
      }
    }
    for (const char* key : {"dtype", "shape", "data_offsets"}) {
      if (!value.contains(key)) fail(name, std::string("has no ") + key);
    }
    TensorEntry e;
    e.type = type(name, value["dtype"]);
    const json& shape = value["shape"];
    if (!shape.is_array() || shape.size() > kMostDimensions)
      fail(name, "shape is no list of at most 8 sizes");
    e.elements = 1;
    for (const json& size : shape) {
      if (!size.is_number_unsigned())
        fail(name, "shape holds " + size.dump().substr(0, kQuoted) + ", which is no size");
      const auto n = size.get<std::uint64_t>();
      if (n != 0 && e.elements > std::numeric_limits<std::uint64_t>::max() / 8 / n)
        fail(name, "shape is beyond 64 bits");
      e.elements *= n;
      e.shape.push_back(n);
    }
    const json& offsets = value["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
      fail(name, "data_offsets is no pair of byte offsets");
    }
    const auto begin = offsets[0].get<std::uint64_t>();
    const auto end = offsets[1].get<std::uint64_t>();
    if (begin > end)
      fail(name, "ends at byte " + std::to_string(end) + " before it begins at " + std::to_string(begin));
    if (end > data_bytes_) {
      fail(name, "ends at byte " + std::to_string(end) + " of the data, of which the file holds " +
                     std::to_string(data_bytes_) + "; it is truncated or inconsistent");
    }
    e.begin = data_begin_ + begin;
    e.bytes = end - begin;
    if (e.bytes != e.elements * element_bytes(e.type)) {
      fail(name, "shape " + shape_text(e.shape) + " of " + workload::name(e.type) + " needs " +
                     std::to_string(e.elements * element_bytes(e.type)) + " bytes, data_offsets span " +
                     std::to_string(e.bytes));
    }
    return e;
  }

  // Every byte of the data belongs to exactly one tensor.
  void check_layout() const {
    std::vector<std::pair<const TensorEntry*, const std::string*>> order;
    for (const auto& [name, e] : tensors_) order.emplace_back(&e, &name);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
      return std::make_pair(a.first->begin, a.first->bytes) < std::make_pair(b.first->begin, b.first->bytes);
    });
    std::uint64_t at = data_begin_;
    for (const auto& [e, name] : order) {
      if (e->begin < at)
        fail(*name, "overlaps another tensor at byte " + std::to_string(e->begin) + " of the file");
      if (e->begin > at) {
        fail(*name, std::to_string(e->begin - at) + " bytes in front of it, from byte " + std::to_string(at) +
                        " of the file, belong to no tensor");
      }
      at += e->bytes;
    }
    if (at != data_begin_ + data_bytes_) {
      fail(std::to_string(data_begin_ + data_bytes_ - at) + " bytes at the end, from byte " +
           std::to_string(at) + " of the file, belong to no tensor");
    }
  }

  std::uint64_t data_begin_;
  std::uint64_t data_bytes_;
  std::string where_;
  std::map<std::string, TensorEntry> tensors_;
};

}  // namespace

const char* name(TensorType type) {
  switch (type) {
    case TensorType::f16:
      return "F16";
    case TensorType::bf16:
      return "BF16";
    case TensorType::f32:
      break;
  }
  return "F32";
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text = "[";
  for (const std::uint64_t n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

std::map<std::string, TensorEntry> parse_safetensors_header(const std::string& text, std::uint64_t data_begin,
                                                            std::uint64_t file_bytes,
                                                            const std::string& where) {
  return HeaderReader(data_begin, file_bytes, where).read(parse_strict_json(text, where + ": header"));
}

}  // namespace workload
