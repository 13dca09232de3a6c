// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/include.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "sim/config/document.h"
#include "sim/config/scalar.h"
#include "sim/config/yaml_tree.h"

namespace sim::config {
namespace {

namespace fs = std::filesystem;

// The whole text of a file. Returns "" or what is wrong.
std::string read_text(const std::string& file, std::string& text) {
  std::error_code ignored;
  if (fs::is_directory(file, ignored)) return "is a folder, not a file";
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::string("cannot be opened: ") + (errno != 0 ? std::strerror(errno) : "unknown reason");
  // Not by file size: pipes and devices have none.
  std::vector<char> block(1u << 16);
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > Document::kMaxBytes) {
      return "is larger than " + std::to_string(Document::kMaxBytes >> 20) +
             " MiB: is this a configuration, or the data it should name?";
    }
  }
  return in.bad() ? std::string("cannot be read: ") + std::strerror(errno) : "";
}

std::string one_spelling(const std::string& file) {
  std::error_code failed;
  const fs::path path = fs::weakly_canonical(file, failed);
  return failed ? file : path.string();
}

Node empty_map(const std::string& file) {
  Node node;
  node.kind = Node::Kind::map;
  node.mark = Mark(file);
  return node;
}

std::string join(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

// What the top of a file is when it should have been a map.
std::string not_a_map(const Node& node) {
  std::string message = "a configuration is `key: value` lines, but this is " + std::string(node.kind_name());
  if (node.kind == Node::Kind::scalar && !node.quoted && node.scalar.find(':') != std::string::npos) {
    message += ": is a space missing after ':'?";
  }
  return message;
}

}  // namespace

void merge(Node& base, Node over) {
  if (over.kind == Node::Kind::null && base.is_map()) return;  // "design:" with nothing below it
  if (!base.is_map() || !over.is_map() || base.is_annotated() || over.is_annotated()) {
    base = std::move(over);
    return;
  }
  std::unordered_map<std::string, std::size_t> at;  // both may be as large as a document may be
  for (std::size_t k = 0; k < base.members.size(); ++k) at.emplace(base.members[k].key, k);
  for (Node::Member& member : over.members) {
    const auto found = at.find(member.key);
    if (found == at.end()) {
      base.members.push_back(std::move(member));
    } else {
      Node::Member& old = base.members[found->second];
      old.mark = member.mark;
      merge(old.value, std::move(member.value));
    }
  }
}

Node Includer::load(const std::string& file, const Mark& where) { return load_at(file, where, "", 0); }

Node Includer::load_at(const std::string& file, const Mark& where, const std::string& path,
                       std::size_t depth) {
  const std::string spelling = one_spelling(file);
  const auto first = std::find(open_.begin(), open_.end(), spelling);
  if (first != open_.end()) {
    std::string chain;
    for (auto it = first; it != open_.end(); ++it) chain += *it + " -> ";
    diagnostics_.error(where, "files include each other in a circle: " + chain + spelling);
    return empty_map(file);
  }
  if (open_.size() > Document::kMaxIncludeDepth || files_ >= Document::kMaxIncludes) {
    diagnostics_.error(where, "too many included files (at most " + std::to_string(Document::kMaxIncludes) +
                                  ", and " + std::to_string(Document::kMaxIncludeDepth) +
                                  " inside each other)");
    return empty_map(file);
  }
  ++files_;
  std::string text;
  const std::string problem = read_text(file, text);
  if (!problem.empty()) {
    diagnostics_.error(where, file + " " + problem);
    return empty_map(file);
  }
  return finish(text, file, path, depth);
}

Node Includer::adopt(const std::string& text, const std::string& name) {
  if (text.size() > Document::kMaxBytes) {
    diagnostics_.error(Mark(name), "is larger than " + std::to_string(Document::kMaxBytes >> 20) + " MiB");
    return empty_map(name);
  }
  return finish(text, name, "", 0);
}

Node Includer::finish(const std::string& text, const std::string& file, const std::string& path,
                      std::size_t depth) {
  Node node;
  parse_yaml(text, make_source(file, text), {path, depth, &nodes_, true}, diagnostics_, node);
  if (node.kind == Node::Kind::null) return empty_map(file);
  if (!node.is_map()) {
    diagnostics_.error(node.mark, not_a_map(node));
    return empty_map(file);
  }
  open_.push_back(one_spelling(file));
  resolve(node, fs::path(file).parent_path().string(), path, depth);
  open_.pop_back();
  return node;
}

Node Includer::included(const Node& names, const std::string& folder, const std::string& path,
                        std::size_t depth) {
  Node result;
  result.kind = Node::Kind::map;
  result.mark = names.mark;
  const bool one = names.kind == Node::Kind::scalar;
  if (!one && names.kind != Node::Kind::sequence) {
    diagnostics_.error(names.mark, join(path, "include") + ": a file name or a list of them is wanted");
    return result;
  }
  const std::vector<Node>& list = one ? std::vector<Node>{names} : names.items;
  for (const Node& name : list) {
    if (name.kind != Node::Kind::scalar || name.scalar.empty()) {
      diagnostics_.error(name.mark, join(path, "include") + ": a file name is wanted");
      continue;
    }
    merge(result, load_at((fs::path(folder) / name.scalar).string(), name.mark, path, depth));
  }
  return result;
}

void Includer::resolve(Node& node, const std::string& folder, const std::string& path, std::size_t depth) {
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    resolve(node.items[i], folder, path + "[" + std::to_string(i) + "]", depth + 1);
  }
  for (Node::Member& member : node.members) {
    if (member.key != "include") resolve(member.value, folder, join(path, member.key), depth + 1);
  }
  const Node::Member* include = node.find("include");
  if (include == nullptr) return;
  Node base = included(include->value, folder, path, depth);
  base.mark = node.mark;
  node.members.erase(node.members.begin() + (include - node.members.data()));
  merge(base, std::move(node));
  node = std::move(base);
}

}  // namespace sim::config
