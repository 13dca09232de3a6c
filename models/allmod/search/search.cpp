// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/search/search.h"

#include <algorithm>
#include <set>

namespace allmod {

namespace {

constexpr std::uint64_t kWatchEvery = 4096;  // boxes
using Values = std::vector<double>;

class Search {
 public:
  Search(const SearchSpace& space, const SearchGoals& goals, const CostOptions& options,
         const SearchWatch& watch)
      : space_(space), goals_(goals), options_(options), watch_(watch) {}

  SearchResult run() {
    std::vector<Box> roots = boxes(space_);
    // Pipelines last: they are the ones that take long to price, and the fewer are left.
    std::stable_partition(roots.begin(), roots.end(),
                          [](const Box& box) { return box.form != Form::pipelined; });
    effort_.roots = roots.size();
    // Good designs first: with their vectors most boxes are left out at once.
    for (const Box& root : roots)
      for (const Box& seed : seeds(root)) visit(seed);
    for (const Box& root : roots) {
      std::vector<Box> stack = {root};
      while (!stack.empty()) {
        const Box box = stack.back();
        stack.pop_back();
        if (effort_.boxes % kWatchEvery == 0 && watch_) {
          effort_.front = front_.size();
          if (!watch_(effort_)) return result(false);
        }
        if (!visit(box)) continue;
        const std::array<Box, 2> both = halves(box);
        stack.push_back(both[1]);
        stack.push_back(both[0]);
      }
      ++effort_.roots_done;
    }
    return result(true);
  }

 private:
  struct Entry {
    Values values;
    Found found;
  };

  Values values_of(const Measures& m) const {
    Values values;
    for (const Metric metric : goals_.minimise) values.push_back(m.value(metric));
    return values;
  }
  bool within_caps(const Measures& m) const {
    return std::all_of(goals_.caps.begin(), goals_.caps.end(),
                       [&](const Cap& cap) { return m.value(cap.metric) <= cap.most; });
  }
  // A member of the front is at least as good in everything.
  bool covered(const Values& values) const {
    for (const Entry& entry : front_) {
      if (entry.values[0] > values[0]) return false;  // sorted by the first
      if (std::equal(entry.values.begin(), entry.values.end(), values.begin(),
                     [](double a, double b) { return a <= b; }))
        return true;
    }
    return false;
  }

  // Whether a part of the box may still hold something new. A single design is priced.
  bool visit(const Box& box) {
    ++effort_.boxes;
    if (nothing_new(box, space_)) return false;
    const Measures least = bound_(box);
    if (!within_caps(least) || covered(values_of(least))) return false;
    if (!box.single()) return true;
    if (buildable(box)) price(design_of(box, space_));
    return false;
  }

  bool buildable(const Box& box) const {
    if (box.f.low > box.m.low + 1) return false;
    const Design d = design_of(box, space_);
    if (has_parameter(d.form, "p") && !space_.p.has(d.p)) return false;
    return violations(d, space_.table_limit_bytes).empty();
  }

  void price(const Design& design) {
    ++effort_.priced;
    const Cost cost = *cost_of(Datapath(design, space_.table_limit_bytes), options_);
    const Measures m = measures(cost, options_.device);
    Entry entry{values_of(m), {design, cost, m}};
    if (!within_caps(m) || covered(entry.values)) return;
    front_.erase(std::remove_if(front_.begin(), front_.end(),
                                [&](const Entry& other) {
                                  return std::equal(entry.values.begin(), entry.values.end(),
                                                    other.values.begin(),
                                                    [](double a, double b) { return a <= b; });
                                }),
                 front_.end());
    const auto at = std::upper_bound(front_.begin(), front_.end(), entry,
                                     [](const Entry& a, const Entry& b) { return a.values < b.values; });
    front_.insert(at, std::move(entry));
  }

  // Single designs of a box that tend to be good: powers of two, and the branches balanced.
  std::vector<Box> seeds(const Box& root) const {
    std::vector<Box> list;
    const auto powers = [](const Range& range) {
      std::vector<unsigned> values;
      for (unsigned v = 1; v <= range.high; v *= 2)
        if (range.has(v)) values.push_back(v);
      return values;
    };
    for (const unsigned t : powers(root.t))
      for (const unsigned u : powers(root.u))
        for (const unsigned r : powers(root.r)) {
          std::set<unsigned> lengths = {root.m.low};
          if (root.form == Form::serial) lengths.insert(balanced_serial_m(space_.n, root.w, t, u));
          if (is_template(root.form)) lengths.insert(balanced_m(space_.n, root.w));
          for (const unsigned m : lengths) {
            if (!root.m.has(m)) continue;
            Design d;
            d.form = root.form, d.n = space_.n, d.w = root.w, d.m = m, d.t = t, d.u = u;
            if (has_tables(d.form) && m >= d.n) continue;
            const unsigned p = root.eager               ? m + 1
                               : d.form == Form::serial ? serial_p_fast(d)
                                                        : fuse_p(d.n, d.w, m);
            Box box = root;
            box.m = {m, m}, box.f = {m + 1 - p, m + 1 - p};
            box.r = {r, r}, box.t = {t, t}, box.u = {u, u};
            if (root.f.has(box.f.low) || is_template(root.form) || !has_tables(root.form)) {
              if (is_template(root.form) || !has_tables(root.form)) box.f = root.f;
              list.push_back(box);
            }
          }
        }
    return list;
  }
  static unsigned serial_p_fast(const Design& d) { return d.m == 0 ? 0 : fuse_p(d.n, d.w, d.m); }

  SearchResult result(bool complete) {
    SearchResult result;
    result.complete = complete;
    effort_.front = front_.size();
    result.effort = effort_;
    for (Entry& entry : front_) result.front.push_back(std::move(entry.found));
    return result;
  }

  const SearchSpace& space_;
  const SearchGoals& goals_;
  const CostOptions& options_;
  const SearchWatch& watch_;
  const Bounds bound_{space_, options_};
  std::vector<Entry> front_;
  SearchEffort effort_;
};

}  // namespace

SearchResult search(const SearchSpace& space, const SearchGoals& goals, const CostOptions& options,
                    const SearchWatch& watch) {
  return Search(space, goals, options, watch).run();
}

}  // namespace allmod
