// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
// The calibration file: see calibrate/README.md.
#include <cmath>

#include "sim/core/error.h"
#include "traces/workload/calibrate/base64.h"
#include "traces/workload/calibrate/calibration.h"
#include "traces/workload/model/strict_json.h"

namespace workload {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "tricycle-calibration";
constexpr int kVersion = 1;
constexpr double kMostLayers = 10000;

// One object of the file, with errors that name the file and the key.
class Fields {
 public:
  Fields(const json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object_.is_object()) refuse("", "is no object");
  }
  const json& at(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end()) refuse(key, "is missing");
    return *found;
  }
  std::string text(const char* key) const {
    if (!at(key).is_string()) refuse(key, "is no string");
    return at(key).get<std::string>();
  }
  bool flag(const char* key) const {
    if (!at(key).is_boolean()) refuse(key, "is neither true nor false");
    return at(key).get<bool>();
  }
  double number(const char* key, double most) const { return number(at(key), key, most); }
  unsigned count(const char* key, double most) const { return count(at(key), key, most); }
  std::vector<double> numbers(const char* key) const {
    std::vector<double> all;
    for (const json& one : list(key)) all.push_back(number(one, key, 1e300));
    return all;
  }
  std::vector<unsigned> counts(const char* key) const {
    std::vector<unsigned> all;
    for (const json& one : list(key)) all.push_back(count(one, key, kMostLayers));
    return all;
  }
  const json& list(const char* key) const {
    if (!at(key).is_array()) refuse(key, "is no list");
    return at(key);
  }
  [[noreturn]] void refuse(const std::string& key, const std::string& what) const {
    throw sim::Error(sim::Exit::input, where_ + (key.empty() ? "" : ": " + key) + ": " + what);
  }
  const std::string& where() const { return where_; }

 private:
  double number(const json& one, const char* key, double most) const {
    if (!one.is_number()) refuse(key, "is no number");
    const double value = one.get<double>();
    if (!(value >= 0 && value <= most)) refuse(key, "is outside 0 .. " + std::to_string(most));
    return value;
  }
  unsigned count(const json& one, const char* key, double most) const {
    const double value = number(one, key, most);
    if (value != std::floor(value)) refuse(key, "is no whole number");
    return static_cast<unsigned>(value);
  }

  const json& object_;
  std::string where_;
};

json book_to_json(const million::Codebooks& pair) {
  const auto encoded = [](const million::Codebook& book) {
    std::vector<std::uint8_t> bytes;
    for (const Float16 x : book.centroids()) {
      bytes.push_back(static_cast<std::uint8_t>(x & 255U));
      bytes.push_back(static_cast<std::uint8_t>(x >> 8));
    }
    return to_base64(bytes);
  };
  const million::PqShape& shape = pair.key.shape();
  return {{"head_dim", shape.head_dim},
          {"sub_vectors", shape.sub_vectors},
          {"code_bits", shape.code_bits},
          {"key", encoded(pair.key)},
          {"value", encoded(pair.value)}};
}

million::Codebooks book_from_json(const Fields& fields) {
  million::PqShape shape;
  shape.head_dim = fields.count("head_dim", 65536);
  shape.sub_vectors = fields.count("sub_vectors", 65536);
  shape.code_bits = fields.count("code_bits", 12);
  const auto decoded = [&](const char* key) {
    const std::vector<std::uint8_t> bytes = from_base64(fields.text(key), fields.where() + ": " + key);
    if (bytes.size() % 2 != 0) fields.refuse(key, "ends in half a number");
    std::vector<Float16> centroids;
    for (std::size_t i = 0; i < bytes.size(); i += 2)
      centroids.push_back(static_cast<Float16>(bytes[i] | bytes[i + 1] << 8));
    return million::Codebook(shape, std::move(centroids));
  };
  try {
    return {decoded("key"), decoded("value")};
  } catch (const sim::Error& error) {
    if (std::string(error.what()).rfind(fields.where(), 0) == 0) throw;
    throw sim::Error(sim::Exit::input, fields.where() + ": " + error.what());
  }
}

}  // namespace

std::string to_text(const Calibration& calibration) {
  json books = json::array();
  for (const million::Codebooks& pair : calibration.codebooks) books.push_back(book_to_json(pair));
  const flexquant::PolicySettings& policy = calibration.policy;
  const json file = {
      {"format", kFormat},
      {"version", kVersion},
      {"model", {{"name", calibration.model_name}, {"weights_digest", calibration.weights_digest}}},
      {"flexquant",
       {{"int4", calibration.int4 == flexquant::Int4Format::nested ? "nested" : "group"},
        {"group", calibration.group},
        {"layer_order", policy.layer_order},
        {"thresholds", policy.thresholds},
        {"hysteresis", policy.hysteresis},
        {"way_back", policy.way_back},
        {"window", policy.window},
        {"sensitivities", calibration.sensitivities}}},
      {"codebooks", books},
      {"report", calibration.report}};
  return file.dump(1) + "\n";
}

Calibration parse_calibration(const std::string& text, const std::string& where) {
  const json file = parse_strict_json(text, where);
  const Fields top(file, where);
  if (top.text("format") != kFormat) top.refuse("format", "is not " + std::string(kFormat));
  if (top.count("version", 1e9) != kVersion) top.refuse("version", "is not one that this program knows");
  Calibration result;
  const Fields model(top.at("model"), where + ": model");
  result.model_name = model.text("name");
  result.weights_digest = model.text("weights_digest");
  const Fields flexquant(top.at("flexquant"), where + ": flexquant");
  const std::string int4 = flexquant.text("int4");
  if (int4 != "group" && int4 != "nested") flexquant.refuse("int4", "is neither group nor nested");
  result.int4 = int4 == "nested" ? flexquant::Int4Format::nested : flexquant::Int4Format::group;
  result.group = flexquant.count("group", 1e6);
  result.policy.layer_order = flexquant.counts("layer_order");
  result.policy.thresholds = flexquant.numbers("thresholds");
  result.policy.hysteresis = flexquant.number("hysteresis", 1e6);
  result.policy.way_back = flexquant.flag("way_back");
  result.policy.window = flexquant.count("window", 1e6);
  result.sensitivities = flexquant.numbers("sensitivities");
  try {  // the policy knows its own rules
    flexquant::PrecisionPolicy(static_cast<unsigned>(result.sensitivities.size()), result.policy);
  } catch (const sim::Error& error) {
    flexquant.refuse("", error.what());
  }
  for (const json& book : top.list("codebooks"))
    result.codebooks.push_back(
        book_from_json(Fields(book, where + ": codebooks[" + std::to_string(result.codebooks.size()) + "]")));
  result.report = top.at("report");
  return result;
}

}  // namespace workload
