// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/stats/group.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "sim/stats/stat.h"

namespace sim::stats {
namespace {

constexpr std::size_t kMaxListLength = 1'000'000;
constexpr std::size_t kPlain = ~std::size_t{0};  // the index of what is no element of a list

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string element(const std::string& name, const std::optional<std::size_t>& index) {
  return index ? name + "[" + std::to_string(*index) + "]" : name;
}

}  // namespace

Group::Group(std::string name) : name_(std::move(name)) {}

Group::Group(Group& parent, std::string name) : name_(std::move(name)) {
  parent.add(Child{this, nullptr}, name_, index_);
  parent_ = &parent;
}

Group::Group(Group& parent, std::string list_name, std::size_t index)
    : name_(std::move(list_name)), index_(index) {
  parent.add(Child{this, nullptr}, name_, index_);
  parent_ = &parent;
}

Group::~Group() {
  for (const Child& child : children_) {
    if (child.group != nullptr) {
      child.group->parent_ = nullptr;
    } else {
      child.stat->group_ = nullptr;
    }
  }
  if (parent_ != nullptr) parent_->remove(this, name_, index_);
}

std::string Group::path() const {
  if (parent_ == nullptr) return {};
  const std::string above = parent_->path();
  return (above.empty() ? above : above + ".") + element(name_, index_);
}

void Group::add(Child child, const std::string& name, const std::optional<std::size_t>& index) {
  const std::string where = (path().empty() ? "" : path() + ".") + element(name, index);
  if (name.empty() || !std::all_of(name.begin(), name.end(), name_char)) {
    throw std::logic_error("statistics: '" + where + "' is not made of letters, digits and underscores");
  }
  if (index && *index >= kMaxListLength) {
    throw std::logic_error("statistics: the index of " + where + " is too large");
  }
  std::set<std::size_t>& taken = names_[name];
  const bool mixed = !taken.empty() && (!index || taken.count(kPlain) != 0);
  if (mixed || !taken.insert(index.value_or(kPlain)).second) {
    throw std::logic_error("statistics: " + where + " is registered twice");
  }
  children_.push_back(child);
}

void Group::remove(const void* child, const std::string& name, const std::optional<std::size_t>& index) {
  names_[name].erase(index.value_or(kPlain));
  // From the back: members are destroyed in reverse order of their registration.
  for (auto it = children_.rbegin(); it != children_.rend(); ++it) {
    if (it->group != child && it->stat != child) continue;
    children_.erase(std::next(it).base());
    return;
  }
}

void Group::reset(Cycle now) {
  for (const Child& child : children_) {
    if (child.group != nullptr) {
      child.group->reset(now);
    } else {
      child.stat->reset(now);
    }
  }
}

void Group::finish(Cycle end) {
  for (const Child& child : children_) {
    if (child.group != nullptr) {
      child.group->finish(end);
    } else {
      child.stat->finish(end);
    }
  }
}

}  // namespace sim::stats
