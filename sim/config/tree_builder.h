// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "sim/config/document.h"
#include "sim/config/scalar.h"
#include "sim/config/yaml_tree.h"

namespace sim::config {

// Ends the parse: what follows would make no sense.
struct ParseStop {
  Mark where;
  std::string what;
};

// Builds the tree from the events of yaml-cpp's parser. Its own node classes hide duplicate keys and expand
// aliases without a limit.
class TreeBuilder final : public YAML::EventHandler {
 public:
  // lines: the text being parsed. source: what marks point into.
  TreeBuilder(const std::vector<std::string>& lines, std::shared_ptr<const Source> source,
              const ParseContext& context, Diagnostics& diagnostics)
      : lines_(lines), source_(std::move(source)), context_(context), diagnostics_(diagnostics) {}

  Node take() { return std::move(root_); }
  bool failed() const { return failed_; }
  Mark mark(const YAML::Mark& m) const {
    if (!context_.positions || m.is_null()) return {source_, 0, 0};
    return {source_, static_cast<std::uint32_t>(m.line + 1), static_cast<std::uint32_t>(m.column + 1)};
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& m, YAML::anchor_t anchor) override {
    if (at_key()) throw ParseStop{mark(m), path() + "a key is missing before ':'"};
    Node node;
    // The parser is already at the next token; the key is where the reader should look.
    node.mark = !stack_.empty() && stack_.back().node.is_map() ? stack_.back().key_mark : mark(m);
    count(node.mark, 1);
    finish(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& m, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(m, tag);
    if (tag == "!") check_closed(m);
    if (at_key()) return take_key(mark(m), value);
    Node node;
    node.kind = Node::Kind::scalar;
    node.quoted = tag == "!";
    node.mark = mark(m);
    node.scalar = value;
    count(node.mark, 1);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& m, YAML::anchor_t anchor) override {
    if (at_key()) throw ParseStop{mark(m), path() + "an alias cannot be a key: write the key out"};
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end())
      throw ParseStop{mark(m), path() + "the alias stands inside the value it repeats"};
    count(mark(m), it->second.nodes);
    if (stack_.size() + it->second.depth > room()) too_deep(mark(m));
    depth_below_ = it->second.depth;
    finish(it->second.node, 0);
  }

  void OnSequenceStart(const YAML::Mark& m, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(Node::Kind::sequence, m, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& m, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(Node::Kind::map, m, tag, anchor);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapEnd() override { end(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;  // a key was read and its value is awaited
    bool drop = false;     // the key was given before
    std::string key;
    Mark key_mark;
    std::map<std::string, Mark> seen;
    std::size_t depth = 0;  // levels below this node
  };
  struct Anchored {
    Node node;
    std::size_t nodes;
    std::size_t depth;
  };

  // Keys appear in messages.
  static bool is_printable(const std::string& key) {
    constexpr std::size_t kLongest = 200;
    return key.size() <= kLongest && std::none_of(key.begin(), key.end(), [](char c) {
             return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
  }

  bool at_key() const { return !stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key; }
  std::size_t room() const { return Document::kMaxDepth - context_.depth; }

  // "design.stages[2]: ", for a message about what is being read.
  std::string path() const {
    std::string result = context_.path;
    for (const Frame& frame : stack_) {
      if (!frame.node.is_map()) {
        result += "[" + std::to_string(frame.node.items.size()) + "]";
      } else if (frame.has_key) {
        result += (result.empty() ? "" : ".") + frame.key;
      }
    }
    return result.empty() ? "" : result + ": ";
  }

  [[noreturn]] void too_deep(const Mark& where) const {
    throw ParseStop{where, "nested deeper than " + std::to_string(Document::kMaxDepth) + " levels"};
  }

  void count(const Mark& where, std::size_t n) {
    *context_.nodes += n;
    if (*context_.nodes > Document::kMaxNodes) {
      throw ParseStop{where, "more than " + std::to_string(Document::kMaxNodes) +
                                 " values (aliases and included files counted where they are used)"};
    }
  }

  void check_tag(const YAML::Mark& m, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    report(mark(m), path() + "YAML tags are not used here: remove " + shown(tag));
  }

  // yaml-cpp takes a quote that is never closed, and with it the rest of the file, for a text.
  void check_closed(const YAML::Mark& m) const {
    auto line = static_cast<std::size_t>(m.line);
    auto at = static_cast<std::size_t>(m.column);
    if (m.is_null() || line >= lines_.size()) return;
    if (at < lines_[line].size() && lines_[line][at] == '&') {  // an anchor stands before the text
      at = lines_[line].find_first_of(" \t", at);
      at = at == std::string::npos ? at : lines_[line].find_first_not_of(" \t", at);
    }
    if (at >= lines_[line].size()) return;
    const char quote = lines_[line][at];
    if (quote != '"' && quote != '\'') return;  // a block of text
    for (++at; line < lines_.size(); ++line, at = 0) {
      const std::string& text = lines_[line];
      for (; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
          ++at;
        } else if (text[at] == quote) {
          if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) return;
          ++at;
        }
      }
    }
    throw ParseStop{mark(m), path() + "the quote opened here is never closed"};
  }

  void report(const Mark& where, const std::string& what) {
    diagnostics_.error(where, what);
    failed_ = true;
  }

  void take_key(const Mark& where, const std::string& key) {
    Frame& frame = stack_.back();
    frame.drop = false;
    const auto inserted = frame.seen.emplace(key, where);
    frame.has_key = true;
    frame.key = key;
    frame.key_mark = where;
    if (!is_printable(key)) {
      frame.key = "?";
      report(where, path() + "a key must be a word, not " + shown(key));
      frame.drop = true;
    } else if (key == "<<") {
      report(where, path() + "merge keys are not used here: write `include: FILE`, or repeat the keys");
      frame.drop = true;
    } else if (!inserted.second) {
      const Mark& first = inserted.first->second;
      const std::string at = first.line() == 0 ? "" : ", first in line " + std::to_string(first.line());
      report(where, path() + "given twice" + at + ": remove one");
      frame.drop = true;
    }
  }

  void start(Node::Kind kind, const YAML::Mark& m, const std::string& tag, YAML::anchor_t anchor) {
    if (at_key())
      throw ParseStop{mark(m),
                      path() +
                          "a key must be a word, not a list or a section (or is a closing ']' or '}' "
                          "missing?)"};
    check_tag(m, tag);
    if (stack_.size() >= room()) too_deep(mark(m));
    count(mark(m), 1);
    Frame frame;
    frame.node.kind = kind;
    frame.node.mark = mark(m);
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }

  void end() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    depth_below_ = frame.depth + 1;
    finish(std::move(frame.node), frame.anchor);
  }

  // Hands a complete value to what it stands in.
  void finish(Node node, YAML::anchor_t anchor) {
    const std::size_t depth = std::exchange(depth_below_, 0);
    if (anchor != 0) {
      const std::size_t nodes = node.count();
      count(node.mark, nodes);  // the copy kept for aliases
      anchors_[anchor] = {node, nodes, depth};
    }
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    frame.depth = std::max(frame.depth, depth);
    if (!frame.node.is_map()) {
      frame.node.items.push_back(std::move(node));
      return;
    }
    if (!frame.drop) frame.node.members.push_back({frame.key, frame.key_mark, std::move(node)});
    frame.has_key = false;
  }

  const std::vector<std::string>& lines_;
  std::shared_ptr<const Source> source_;
  ParseContext context_;
  Diagnostics& diagnostics_;
  Node root_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t depth_below_ = 0;  // of the value handed to finish()
  bool failed_ = false;
};

}  // namespace sim::config
