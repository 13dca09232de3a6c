// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/config/diagnostics.h"
#include "sim/config/document.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"

namespace sim::config {

// Takes values out of a document and notes where they came from.
class ReadVisitor final : public Visitor {
 public:
  ReadVisitor(const Document& document, Diagnostics& diagnostics);

  // After fields(): reports what nobody declared.
  Resolved finish();

 protected:
  void on_field(const std::string& key, Slot& slot, const Meta& meta) override;
  void on_section(const std::string& key, const std::string& text, const Body& body) override;
  void on_list(const std::string& key, const std::string& text, const ListSlot& list) override;
  void on_leave() override;

 private:
  // A map of the document with the keys that the configuration declares in it.
  struct Seen {
    const Node* node;
    std::string path;
    std::vector<std::string> keys;
  };
  // What the user wrote for one field.
  struct Given {
    const Node* value = nullptr;
    bool annotated = false;
    Provenance provenance = Provenance::choice;
    std::string source;
  };

  const Node::Member* given(const std::string& key) const;
  void error(const Mark& where, const std::string& path, const std::string& what);
  void visit_at(const Node* node, const Body& body);
  bool read_annotation(const Node::Member& member, const std::string& path, Given& out);
  bool read_value(const Node& node, const std::string& path, const Type& type, const Meta& meta, Slot& slot);
  bool read_item(const Node& node, const std::string& path, const Type& type, const Meta& meta, Scalar& out);
  void report_unknown(const Seen& seen, const Node::Member& member);

  Diagnostics& diagnostics_;
  Resolved resolved_;
  std::vector<const Node*> nodes_;  // of the sections being visited; nullptr when not written
  std::vector<Seen> seen_;
  std::size_t unknown_ = 0;            // keys reported so far
  std::vector<std::string> declared_;  // every path, elements of lists as "stages[]"
  bool listing_defaults_ = false;      // only noting the defaults of a list that will be replaced
  std::map<std::string, std::string> list_defaults_;  // their values by path
};

// The value of a field as YAML: "8", "[1, 2]".
std::string slot_yaml(const Slot& slot);

}  // namespace sim::config
