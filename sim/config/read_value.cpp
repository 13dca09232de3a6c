// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/read_visitor.h"
#include "sim/config/suggest.h"

namespace sim::config {

bool ReadVisitor::read_annotation(const Node::Member& member, const std::string& path, Given& out) {
  out.value = &member.value;
  if (!member.value.is_map()) return true;
  const Node::Member* value = member.value.find("value");
  if (value == nullptr) {
    error(member.value.mark, path,
          "this is a single setting, not a section: write `VALUE` or "
          "`{value: VALUE, provenance: WORD, source: TEXT}`");
    return false;
  }
  out.value = &value->value;
  const Node* provenance = nullptr;
  const Node* source = nullptr;
  for (const Node::Member& part : member.value.members) {
    if (part.key == "provenance") {
      provenance = &part.value;
    } else if (part.key == "source") {
      source = &part.value;
    } else if (part.key != "value") {
      error(part.mark, path + "." + part.key,
            "unknown key" + did_you_mean(part.key, {"value", "provenance", "source"}));
    }
  }
  if (source != nullptr && source->kind != Node::Kind::scalar) {
    error(source->mark, path + ".source", "a text is wanted");
    return true;
  }
  if (source != nullptr) out.source = source->scalar;
  if (provenance == nullptr) {
    if (source != nullptr) error(source->mark, path + ".source", "a source needs `provenance:` beside it");
    return true;
  }
  const auto word = provenance_from(provenance->scalar);
  if (provenance->kind != Node::Kind::scalar || !word) {
    std::string words;
    for (const std::string& w : provenance_words()) words += (words.empty() ? "" : ", ") + w;
    error(provenance->mark, path + ".provenance",
          shown(provenance->scalar) + " is not one of " + words +
              did_you_mean(provenance->scalar, provenance_words()));
    return true;
  }
  const bool claims =
      *word == Provenance::paper || *word == Provenance::code || *word == Provenance::measured;
  if (claims && out.source.empty()) {
    error(provenance->mark, path + ".provenance",
          std::string(to_string(*word)) + " needs `source:` beside it, saying where the value comes from");
  }
  out.annotated = true;
  out.provenance = *word;
  return true;
}

bool ReadVisitor::read_value(const Node& node, const std::string& path, const Type& type, const Meta& meta,
                             Slot& slot) {
  std::vector<Scalar> values;
  if (!type.list) {
    values.resize(1);
    if (!read_item(node, path, type, meta, values[0])) return false;
  } else if (node.kind != Node::Kind::sequence) {
    const bool shortly = node.kind == Node::Kind::scalar && !node.quoted && node.scalar.size() <= 40;
    error(node.mark, path,
          std::string("a list is wanted, not ") + node.kind_name() +
              (shortly ? ": write [" + node.scalar + "]" : ""));
    return false;
  } else {
    bool ok = true;
    values.resize(node.items.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string item = path + "[" + std::to_string(i) + "]";
      resolved_.add_mark(item, node.items[i].mark);
      ok = read_item(node.items[i], item, type, meta, values[i]) && ok;
    }
    if (!ok) return false;
  }
  slot.set(values);
  return true;
}

bool ReadVisitor::read_item(const Node& node, const std::string& path, const Type& type, const Meta& meta,
                            Scalar& out) {
  if (node.kind != Node::Kind::scalar) {
    error(node.mark, path, type.wanted() + " is wanted, not " + node.kind_name());
    return false;
  }
  const std::string problem = parse_scalar(node.scalar, node.quoted, type, meta, out);
  if (!problem.empty()) error(node.mark, path, problem + meta.remedy_for(node.scalar));
  return problem.empty();
}

}  // namespace sim::config
