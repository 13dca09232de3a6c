// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/document.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "sim/config/include.h"
#include "sim/config/path.h"
#include "sim/config/scalar.h"
#include "sim/config/yaml_tree.h"

namespace sim::config {
namespace {

// The node to be set, made when it does not exist. nullptr and `problem` when there is no way to it.
Node* reach(Node& root, const std::vector<Step>& steps, const Mark& where, std::string& problem) {
  Node* node = &root;
  std::string path;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (step.index) {
      if (node->kind != Node::Kind::sequence || *step.index >= node->items.size()) {
        const bool list = node->kind == Node::Kind::sequence;
        problem = path + ": has no element [" + std::to_string(*step.index) + "]: " +
                  (list ? "the list has " + std::to_string(node->items.size()) + " (the first is [0])"
                        : "no such list is written in the configuration; set the whole list");
        return nullptr;
      }
      node = &node->items[*step.index];
      path += "[" + std::to_string(*step.index) + "]";
      continue;
    }
    if (node->kind == Node::Kind::null) {
      node->kind = Node::Kind::map;
      node->mark = where;
    }
    if (!node->is_map()) {
      problem = path + ": is " + node->kind_name() + " (" + node->mark.text() + "), so '" + step.key +
                "' cannot be set in it";
      return nullptr;
    }
    // A new value voids the claim that was made about the old one.
    if (step.key == "value" && node->is_annotated() && i + 1 == steps.size()) node->members.clear();
    path += (path.empty() ? "" : ".") + step.key;
    Node::Member* member = node->find(step.key);
    if (member == nullptr) {
      node->members.push_back({step.key, where, Node{}});
      member = &node->members.back();
      member->value.mark = where;
    } else if (i + 1 == steps.size()) {
      member->mark = where;
    }
    node = &member->value;
  }
  return node;
}

}  // namespace

Document Document::load(const std::string& path, Diagnostics& diagnostics) {
  Document document;
  document.origin_ = Mark(path);
  Includer includer(document.nodes_, diagnostics);
  document.root_ = includer.load(path, Mark());
  document.root_.mark = document.origin_;
  return document;
}

Document Document::parse(const std::string& text, const std::string& name, Diagnostics& diagnostics) {
  Document document;
  document.origin_ = Mark(name);
  Includer includer(document.nodes_, diagnostics);
  document.root_ = includer.adopt(text, name);
  document.root_.mark = document.origin_;
  return document;
}

void Document::set(const std::string& assignment, Diagnostics& diagnostics) {
  const std::string written = shown("--set " + assignment);
  const Mark where(written.substr(1, written.size() - 2));
  const std::size_t equals = assignment.find('=');
  const auto steps = split_path(assignment.substr(0, equals));
  if (equals == std::string::npos || !steps) {
    diagnostics.error(where,
                      "PATH=VALUE is wanted, for example --set design.w=8 or --set 'stages[0].name=a'");
    return;
  }
  const auto reserved = [](const Step& step) { return step.key == "include"; };
  if (std::any_of(steps->begin(), steps->end(), reserved)) {
    diagnostics.error(where, "include is not a setting: write --set 'SECTION={include: FILE}'");
    return;
  }
  if (steps->size() > kMaxDepth) {
    diagnostics.error(where, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    return;
  }
  const std::string text = assignment.substr(equals + 1);
  const std::string path = assignment.substr(0, equals);
  auto source = std::make_shared<Source>();
  source->name = where.file();
  Node value;
  value.mark = where;
  if (!parse_yaml(text, source, {path, steps->size(), &nodes_, false}, diagnostics, value)) return;
  Includer(nodes_, diagnostics).resolve(value, "", path, steps->size());
  std::string problem;
  Node* target = reach(root_, *steps, where, problem);
  if (target == nullptr) {
    diagnostics.error(where, problem);
    return;
  }
  merge(*target, std::move(value));
}

const Node* Document::find(const std::string& path) const {
  if (path.empty()) return &root_;
  const auto steps = split_path(path);
  if (!steps) return nullptr;
  const Node* node = &root_;
  for (const Step& step : *steps) {
    node = step_into(*node, step);
    if (node == nullptr) return nullptr;
  }
  return node;
}

std::string Document::scalar(const std::string& path) const {
  const Node* node = find(path);
  const bool bare = node != nullptr && node->members.size() == 1 && node->find("value") != nullptr;
  if (node != nullptr && (bare || node->is_annotated())) node = &node->find("value")->value;
  return node != nullptr && node->kind == Node::Kind::scalar ? node->scalar : "";
}

Mark Document::mark(const std::string& path) const {
  for (std::string at = path; !at.empty(); at = parent_path(at)) {
    if (const Node* node = find(at)) return node->mark;
  }
  return origin_;
}

}  // namespace sim::config
