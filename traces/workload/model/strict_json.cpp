// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/strict_json.h"

#include <fstream>
#include <vector>

#include "sim/core/error.h"

namespace workload {
namespace {

using nlohmann::json;

// Builds a document out of the parser's events, and refuses early.
class StrictBuilder : public nlohmann::json_sax<json> {
 public:
  StrictBuilder(const std::string& where, const JsonLimits& limits) : where_(where), limits_(limits) {}

  json take() { return std::move(root_); }

  bool null() override { return put(nullptr); }
  bool boolean(bool v) override { return put(v); }
  bool number_integer(number_integer_t v) override { return put(v); }
  bool number_unsigned(number_unsigned_t v) override { return put(v); }
  bool number_float(number_float_t v, const string_t&) override { return put(v); }
  bool string(string_t& v) override { return put(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& k) override {
    count();
    auto& object = *open_.back();
    if (object.contains(k)) fail("the key '" + k.substr(0, 200) + "' appears twice");
    key_ = std::move(k);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) override {
    std::string text = e.what();  // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const auto colon = text.find("] ");
    if (colon != std::string::npos) text.erase(0, colon + 2);
    fail("no valid JSON, byte " + std::to_string(position) + ": " + text.substr(0, 300));
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw sim::Error(sim::Exit::input, where_ + ": " + what);
  }

  void count() {
    if (++values_ > limits_.values) {
      fail("more than " + std::to_string(limits_.values) + " values; no model directory has so many");
    }
  }
  template <class T>
  json* place(T&& value) {
    count();
    if (open_.empty()) {
      root_ = std::forward<T>(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::forward<T>(value));
      return &parent.back();
    }
    return &(parent[key_] = std::forward<T>(value));
  }
  template <class T>
  bool put(T&& value) {
    place(std::forward<T>(value));
    return true;
  }
  bool open(json&& value) {
    if (open_.size() >= limits_.depth)
      fail("nested deeper than " + std::to_string(limits_.depth) + " levels");
    open_.push_back(place(std::move(value)));  // its parent does not grow while it is open
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string where_;
  JsonLimits limits_;
  json root_;
  std::vector<json*> open_;
  std::string key_;
  std::size_t values_ = 0;
};

}  // namespace

json parse_strict_json(std::string_view text, const std::string& where, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    throw sim::Error(sim::Exit::input, where + ": " + std::to_string(text.size()) +
                                           " bytes of JSON, at most " + std::to_string(limits.bytes) +
                                           " are read");
  }
  StrictBuilder builder(where, limits);
  json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

json read_strict_json(const std::filesystem::path& file, const JsonLimits& limits) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status))
    throw sim::Error(sim::Exit::input, file.string() + ": there is no such file");
  const auto size = std::filesystem::is_regular_file(status) ? std::filesystem::file_size(file, error) : 0;
  std::ifstream in(file, std::ios::binary);
  if (!std::filesystem::is_regular_file(status) || error || !in) {
    throw sim::Error(sim::Exit::input, file.string() + ": cannot be read as a file");
  }
  if (size > limits.bytes) {
    throw sim::Error(sim::Exit::input, file.string() + ": " + std::to_string(size) +
                                           " bytes of JSON, at most " + std::to_string(limits.bytes) +
                                           " are read");
  }
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_strict_json(text, file.string(), limits);
}

}  // namespace workload
