// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/allmod/search/verb/request.h"

namespace allmod {

// A search with everything that its files say about it.
struct SearchReport {
  std::string config;             // file
  std::vector<std::string> set;   // --set
  std::vector<std::string> caps;  // as given
  std::vector<std::string> only;  // as given
  SearchSpace space;
  SearchGoals goals;
  CostOptions options;
  SearchResult result;
  double seconds = 0;
  // The authors' template with w = 14 - log2 n and m balanced, right for every operand, and the reducer with
  // the fewest LUT sites (of those looked at within a second) that take no more block RAM and cycles between
  // operands.
  struct Template {
    Found drawing;
    std::optional<Found> best;          // the interval of the drawing is kept
    std::optional<Found> best_latency;  // and its latency as well
  };
  std::optional<Template> authors;
};

SearchReport::Template beside_the_template(const SearchSpace& space, const CostOptions& options);

std::string search_text(const SearchReport& report);  // table for people
std::string search_csv(const SearchReport& report);   // a row a design of the front
std::string search_json(const SearchReport& report);
// The sweep that simulates these designs of the front, as YAML.
std::string front_sweep(const SearchReport& report, const std::vector<std::size_t>& designs);
std::string design_name(const Design& design);  // "serial w8 m0 p0 t1 u1"

}  // namespace allmod
