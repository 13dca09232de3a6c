// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "sim/config/mark.h"
#include "sim/config/provenance.h"

namespace sim::config {

// Every setting of a run as it was resolved, with where it came from.
class Resolved {
 public:
  struct Entry {
    std::string path;   // "design.stages[2].latency"
    std::string value;  // as YAML
    std::string unit;
    Provenance provenance = Provenance::choice;
    std::string source;      // of the claim; may be empty
    bool explicit_ = false;  // given by a file or --set, not a default
    bool annotated = false;  // given together with its provenance
    Mark mark;               // of the value; of the nearest enclosing node when it is a default
  };

  const std::vector<Entry>& entries() const { return entries_; }  // in the order of declaration
  const Entry* find(const std::string& path) const;               // nullptr when there is no such setting

  // Where `path` (a setting, a section, a list or an element) was written; the nearest enclosing thing that
  // was written when it was not; the file as a whole in the end. For messages of checks across settings.
  Mark mark(const std::string& path) const;

  // The settings whose value nobody vouches for.
  std::vector<const Entry*> assumed() const;

  // For the reader.
  void add(Entry entry);
  void add_mark(const std::string& path, const Mark& mark);

 private:
  std::vector<Entry> entries_;
  std::map<std::string, std::size_t> index_;
  std::map<std::string, Mark> marks_;
};

}  // namespace sim::config
