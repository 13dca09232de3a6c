// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/dump.h"

#include <utility>
#include <vector>

#include "sim/config/read_visitor.h"

namespace sim::config {
namespace {

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

class DumpVisitor final : public Visitor {
 public:
  explicit DumpVisitor(const Resolved* resolved) : resolved_(resolved) {}
  std::string take() { return std::move(out_); }

 protected:
  void on_field(const std::string& key, Slot& slot, const Meta& meta) override {
    const std::string value = slot_yaml(slot);
    const Resolved::Entry* entry = resolved_ == nullptr ? nullptr : resolved_->find(join(path(), key));
    if (entry != nullptr && entry->value != value) entry = nullptr;  // changed since: its claim is void
    if (!meta.text().empty()) line("# " + one_line(meta.text()));
    std::string comment = limits(slot.type(), meta);
    if (entry != nullptr && entry->annotated) {
      std::string source;
      if (!entry->source.empty()) source = ", source: " + yaml_quoted(entry->source);
      line(key + ": {value: " + value + ", provenance: " + to_string(entry->provenance) + source + "}" +
           end_of_line(comment));
      return;
    }
    const Provenance provenance = entry == nullptr ? meta.provenance() : entry->provenance;
    const std::string& source = entry == nullptr ? meta.source() : entry->source;
    if (provenance != Provenance::choice) {  // a choice claims nothing
      comment += (comment.empty() ? "" : "; ") + std::string(to_string(provenance));
      if (!source.empty()) comment += ": " + source;
    }
    line(key + ": " + value + end_of_line(comment));
  }

  void on_section(const std::string& key, const std::string& text, const Body& body) override {
    if (indent_ == 0 && !out_.empty()) out_ += "\n";
    const std::size_t before = out_.size();
    line(key + ":" + end_of_line(text));
    const std::size_t after = out_.size();
    ++indent_;
    body();
    --indent_;
    if (out_.size() == after) {
      out_.resize(before);
      line(key + ": {}" + end_of_line(text));
    }
  }

  void on_list(const std::string& key, const std::string& text, const ListSlot& list) override {
    if (indent_ == 0 && !out_.empty()) out_ += "\n";
    if (list.size() == 0) return line(key + ": []" + end_of_line(text));
    line(key + ":" + end_of_line(text));
    for (std::size_t i = 0; i < list.size(); ++i) {
      ++indent_;
      const std::size_t before = out_.size();
      line("-");
      const std::size_t after = out_.size();
      ++indent_;
      list.visit(i);
      --indent_;
      if (out_.size() == after) {
        out_.resize(before);
        line("- {}");
      }
      --indent_;
    }
  }

 private:
  void line(const std::string& text) { out_ += std::string(2 * indent_, ' ') + text + "\n"; }

  static std::string end_of_line(const std::string& comment) {
    return comment.empty() ? "" : "  # " + one_line(comment);
  }

  // What the value may be: "[1, 20] bit, or auto".
  static std::string limits(const Type& type, const Meta& meta) {
    std::string result = meta.range_text();
    for (const std::string& word : type.words) result += (result.empty() ? "" : " | ") + word;
    if (!meta.unit().empty()) result += (result.empty() ? "" : " ") + meta.unit();
    if (type.automatic) result += (result.empty() ? "" : " ") + ("or " + type.auto_word);
    return result;
  }

  const Resolved* resolved_;
  std::string out_;
  std::size_t indent_ = 0;
};

}  // namespace

std::string dump_fields(const Fields& fields, const Resolved* resolved) {
  DumpVisitor visitor(resolved);
  fields(visitor);
  return visitor.take();
}

}  // namespace sim::config
