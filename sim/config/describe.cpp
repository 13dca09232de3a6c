// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include <cmath>
#include <utility>
#include <variant>

#include "sim/config/dump.h"
#include "sim/config/read_visitor.h"

namespace sim::config {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Scalar& value) {
  struct {
    Json operator()(bool v) const { return v; }
    Json operator()(std::int64_t v) const { return v; }
    Json operator()(std::uint64_t v) const { return v; }
    Json operator()(double v) const { return v; }
    Json operator()(const std::string& v) const { return v; }
    Json operator()(const Word& v) const { return v.text; }
  } convert;
  return std::visit(convert, value);
}

Json to_json(const std::optional<Bound>& bound) {
  if (!bound) return nullptr;
  // Whole bounds as integers; they were declared as integers or read the same.
  if (std::trunc(bound->value) == bound->value) {
    if (bound->value < 0 && bound->value >= -0x1p63L) return static_cast<std::int64_t>(bound->value);
    if (bound->value >= 0 && bound->value < 0x1p64L) return static_cast<std::uint64_t>(bound->value);
  }
  return static_cast<double>(bound->value);
}

class DescribeVisitor final : public Visitor {
 public:
  struct Setting {
    std::string path;
    std::string value;
    Type type;
    Meta meta;
    Json json_default;
  };
  const std::vector<Setting>& settings() const { return settings_; }

 protected:
  void on_field(const std::string& key, Slot& slot, const Meta& meta) override {
    const auto values = slot.get();
    Json value;
    if (slot.type().list) {
      value = Json::array();
      for (const Scalar& item : values) value.push_back(to_json(item));
    } else {
      value = to_json(values.at(0));
    }
    settings_.push_back({join(path(), key), slot_yaml(slot), slot.type(), meta, std::move(value)});
  }
  void on_section(const std::string&, const std::string&, const Body& body) override { body(); }
  void on_list(const std::string&, const std::string&, const ListSlot& list) override { list.visit_model(); }

 private:
  std::vector<Setting> settings_;
};

}  // namespace

std::string describe_fields_text(const Fields& fields) {
  DescribeVisitor visitor;
  fields(visitor);
  std::string result;
  for (const auto& s : visitor.settings()) {
    result += s.path + ": " + s.type.name() + " = " + s.value;
    for (const std::string& part : {s.meta.unit(), s.meta.range_text()}) {
      if (!part.empty()) result += " " + part;
    }
    result += "\n    " + s.meta.text() + "\n";
    if (!s.type.words.empty()) result += "    one of " + s.type.wanted().substr(7) + "\n";
    if (s.meta.provenance() != Provenance::choice) {
      result += std::string("    ") + to_string(s.meta.provenance());
      result += (s.meta.source().empty() ? "" : ": " + s.meta.source()) + "\n";
    }
  }
  return result;
}

nlohmann::ordered_json describe_fields_json(const Fields& fields) {
  DescribeVisitor visitor;
  fields(visitor);
  Json result = Json::array();
  for (const auto& s : visitor.settings()) {
    Json item;
    item["path"] = s.path;
    item["type"] = s.type.name();
    item["default"] = s.json_default;
    item["unit"] = s.meta.unit();
    item["range"] = nullptr;
    if (s.meta.lo() || s.meta.hi()) item["range"] = Json::array({to_json(s.meta.lo()), to_json(s.meta.hi())});
    if (s.meta.lo() && s.meta.lo()->exclusive) item["exclusive"] = true;
    item["words"] = s.type.all_words();
    item["text"] = s.meta.text();
    item["provenance"] = to_string(s.meta.provenance());
    item["source"] = s.meta.source();
    result.push_back(std::move(item));
  }
  return result;
}

}  // namespace sim::config
