// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/core/units.h"

namespace sim::stats {

class Stat;

// A node of the tree of statistics; the tree is the hierarchy of the modelled hardware.
//
// Groups and statistics are members of the units they describe. They register with their group when they
// are constructed and leave it when they are destroyed; parent and child may be destroyed in either order.
// They can be neither copied nor moved.
//
// Names consist of letters, digits and underscores and are unique in their group: anything else is a mistake
// of the program and throws std::logic_error.
class Group {
 public:
  // One child, in order of registration: exactly one of the two pointers is set.
  struct Child {
    Group* group = nullptr;
    Stat* stat = nullptr;
  };

  // The root of a tree. Its name does not appear in paths.
  explicit Group(std::string name);

  // A child called `name`.
  Group(Group& parent, std::string name);

  // Element `index` of the list `list_name` of `parent`. A list is written as a list also when it has one
  // element, so that names never depend on counts. Positions without an element are written as null.
  Group(Group& parent, std::string list_name, std::size_t index);

  ~Group();
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  const std::string& name() const { return name_; }
  const std::optional<std::size_t>& index() const { return index_; }  // set for elements of a list
  std::string path() const;  // for example "lanes[0].multiplier"; empty for the root
  const std::vector<Child>& children() const { return children_; }

  // Starts every statistic of this tree anew at cycle `now` (end of a warm-up). Gauges keep their value.
  void reset(Cycle now);

  // Closes every statistic that is weighted with time at cycle `end` (Occupancy).
  void finish(Cycle end);

 private:
  friend class Stat;
  void add(Child child, const std::string& name, const std::optional<std::size_t>& index);
  void remove(const void* child, const std::string& name, const std::optional<std::size_t>& index);

  std::string name_;
  std::optional<std::size_t> index_;
  Group* parent_ = nullptr;
  std::vector<Child> children_;
  // Which indices a name has; names outside lists have the single index kPlain.
  std::unordered_map<std::string, std::set<std::size_t>> names_;
};

}  // namespace sim::stats
