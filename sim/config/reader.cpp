// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/reader.h"

#include <utility>

#include "sim/config/read_visitor.h"

namespace sim::config {
namespace {

// "stages[12].x" -> "stages[].x".
std::string without_indices(const std::string& path) {
  std::string result;
  bool inside = false;
  for (const char c : path) {
    if (c == ']') inside = false;
    if (!inside) result += c;
    if (c == '[') inside = true;
  }
  return result;
}

std::string how_to_write(const Type& type) {
  if (type.list) return "write [] for an empty list";
  if (type.kind == Kind::text && !type.automatic) return "write \"\" for an empty text";
  return type.wanted() + " is wanted";
}

}  // namespace

std::string slot_yaml(const Slot& slot) {
  std::string result;
  for (const Scalar& item : slot.get()) result += (result.empty() ? "" : ", ") + scalar_yaml(item);
  return slot.type().list ? "[" + result + "]" : result;
}

ReadVisitor::ReadVisitor(const Document& document, Diagnostics& diagnostics)
    : diagnostics_(diagnostics), nodes_{&document.root()} {
  resolved_.add_mark("", document.mark(""));
}

const Node::Member* ReadVisitor::given(const std::string& key) const {
  return nodes_.back() == nullptr ? nullptr : nodes_.back()->find(key);
}

void ReadVisitor::error(const Mark& where, const std::string& path, const std::string& what) {
  diagnostics_.error(where, path + ": " + what);
}

void ReadVisitor::visit_at(const Node* node, const Body& body) {
  nodes_.push_back(node);
  body();
  nodes_.pop_back();
}

void ReadVisitor::on_leave() {
  if (nodes_.back() != nullptr && !listing_defaults_) seen_.push_back({nodes_.back(), path(), keys()});
}

void ReadVisitor::on_section(const std::string& key, const std::string&, const Body& body) {
  const std::string full = join(path(), key);
  if (listing_defaults_) return body();
  declared_.push_back(without_indices(full));
  const Node* node = nullptr;
  if (const Node::Member* member = given(key)) {
    resolved_.add_mark(full, member->mark);
    if (member->value.is_map()) {
      node = &member->value;
    } else if (member->value.kind != Node::Kind::null) {
      error(member->value.mark, full,
            std::string("this is a section of settings, not ") + member->value.kind_name() +
                ": write its keys below it, indented");
    }
  }
  visit_at(node, body);
}

void ReadVisitor::on_list(const std::string& key, const std::string&, const ListSlot& list) {
  const std::string full = join(path(), key);
  const auto visit_all = [&] {
    for (std::size_t i = 0; i < list.size(); ++i) visit_at(nullptr, [&] { list.visit(i); });
  };
  if (listing_defaults_) return visit_all();
  declared_.push_back(without_indices(full));
  const Node::Member* member = given(key);
  if (member == nullptr) return visit_all();
  resolved_.add_mark(full, member->mark);
  const Node& node = member->value;
  if (node.kind != Node::Kind::sequence) {
    const bool none = node.kind == Node::Kind::null;
    error(none ? member->mark : node.mark, full,
          none ? "no value given: write [] for an empty list"
               : std::string("a list of sections is wanted, not ") + node.kind_name() +
                     ": start each element with '- '");
    return visit_all();
  }
  // An element that repeats the default one keeps the declared provenance, so that a dump reads back.
  listing_defaults_ = true;
  visit_all();
  listing_defaults_ = false;
  list.renew(node.items.size());
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const std::string element = full + "[" + std::to_string(i) + "]";
    resolved_.add_mark(element, item.mark);
    const bool usable = item.is_map() || item.kind == Node::Kind::null;
    if (!usable) {
      error(item.mark, element,
            std::string("this is a section of settings, not ") + item.kind_name() + ": write `- key: value`");
    }
    visit_at(item.is_map() ? &item : nullptr, [&] { list.visit(i); });
  }
}

void ReadVisitor::on_field(const std::string& key, Slot& slot, const Meta& meta) {
  const std::string full = join(path(), key);
  const std::string declared_value = slot_yaml(slot);
  if (listing_defaults_) {
    list_defaults_[full] = declared_value;
    return;
  }
  declared_.push_back(without_indices(full));
  Resolved::Entry entry;
  entry.path = full;
  entry.unit = meta.unit();
  entry.provenance = meta.provenance();
  entry.source = meta.source();
  Given what;
  const Node::Member* member = given(key);
  if (member != nullptr && read_annotation(*member, full, what)) {
    resolved_.add_mark(full, what.value->mark);
    const Type type = slot.type();
    if (what.value->kind == Node::Kind::null) {
      error(member->mark, full, "no value given: " + how_to_write(type));
    } else if (read_value(*what.value, full, type, meta, slot)) {
      entry.explicit_ = true;
    }
  }
  entry.value = slot_yaml(slot);
  entry.mark = resolved_.mark(full);
  if (what.annotated) {
    entry.annotated = true;
    entry.provenance = what.provenance;
    entry.source = what.source;
  } else if (entry.explicit_ && entry.value != declared_value) {
    const auto it = list_defaults_.find(full);
    if (it == list_defaults_.end() || it->second != entry.value) {
      entry.provenance = Provenance::user;
      entry.source.clear();
    }
  }
  resolved_.add(std::move(entry));
}

Resolved read_fields(const Document& document, const std::function<void(Visitor&)>& fields,
                     Diagnostics& diagnostics) {
  ReadVisitor visitor(document, diagnostics);
  fields(visitor);
  return visitor.finish();
}

}  // namespace sim::config
