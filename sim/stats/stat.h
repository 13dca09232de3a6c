// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "sim/core/units.h"
#include "sim/stats/group.h"

namespace sim::stats {

// One number of a statistic. std::monostate: there is none yet (the mean of nothing).
struct Figure {
  std::string key;  // "value" for the main one
  std::variant<std::monostate, std::uint64_t, double> number;
};

// `count` values between `from` and `to`, both included.
struct Bucket {
  std::uint64_t from;
  std::uint64_t to;
  std::uint64_t count;
};

// What all statistics share: a name, a unit ("" = none) and a sentence that says what is counted.
// See Group for registration, names and lifetime.
class Stat {
 public:
  Stat(Group& group, std::string name, std::string unit, std::string text);
  virtual ~Stat();
  Stat(const Stat&) = delete;
  Stat& operator=(const Stat&) = delete;

  const std::string& name() const { return name_; }
  const std::string& unit() const { return unit_; }
  const std::string& text() const { return text_; }
  std::string path() const;

  virtual const char* kind() const = 0;
  // The main figure ("value") comes first.
  virtual std::vector<Figure> figures() const = 0;
  virtual std::vector<Bucket> buckets() const { return {}; }
  // Whether the main figure is computed from others. All other figures are counted integers.
  virtual bool derived() const { return false; }

  virtual void reset(Cycle now) = 0;
  virtual void finish(Cycle end);

 private:
  friend class Group;
  Group* group_;
  std::string name_;
  std::string unit_;
  std::string text_;
};

// A number of events. One integer addition per event.
class Counter final : public Stat {
 public:
  using Stat::Stat;
  Counter& operator++() { return ++value_, *this; }
  void operator++(int) { ++value_; }
  Counter& operator+=(std::uint64_t n) { return value_ += n, *this; }
  std::uint64_t value() const { return value_; }

  const char* kind() const override { return "counter"; }
  std::vector<Figure> figures() const override;
  void reset() { value_ = 0; }
  void reset(Cycle) override { reset(); }

 private:
  std::uint64_t value_ = 0;
};

// An integer that is set, once, usually at the end (a high-water mark, a size).
class Gauge final : public Stat {
 public:
  using Stat::Stat;
  void set(std::uint64_t value) { value_ = value; }
  std::uint64_t value() const { return value_; }

  const char* kind() const override { return "gauge"; }
  std::vector<Figure> figures() const override;
  void reset(Cycle) override {}

 private:
  std::uint64_t value_ = 0;
};

// A level (fill, outstanding operations) weighted with the cycles for which it held. The level is 0 from
// cycle 0 until the first set().
class Occupancy final : public Stat {
 public:
  using Stat::Stat;

  // The level is `level` from cycle `now` on. The last call of a cycle counts. Throws std::logic_error when
  // `now` lies before the previous call.
  void set(Cycle now, std::uint64_t level) {
    if (now != since_) advance(now);
    level_ = level;
  }
  // Accounts for the cycles up to `end` (exclusive); the level stays. May be called more than once.
  void finish(Cycle end) override { advance(end); }

  std::uint64_t level() const { return level_; }
  std::uint64_t max() const { return max_; }                // highest level held for one cycle or more
  std::uint64_t area() const { return area_; }              // sum of the levels of all cycles
  std::uint64_t cycles() const { return since_ - start_; }  // cycles accounted for
  double mean() const;                                      // area / cycles; NaN without cycles

  const char* kind() const override { return "occupancy"; }
  std::vector<Figure> figures() const override;
  bool derived() const override { return true; }
  // Starts anew at `now` with the level that holds.
  void reset(Cycle now) override;

 private:
  void advance(Cycle now);

  std::uint64_t level_ = 0;
  std::uint64_t max_ = 0;
  std::uint64_t area_ = 0;
  Cycle start_ = 0;
  Cycle since_ = 0;
};

// The distribution of a value (latency, burst length) in buckets 0, 1, 2-3, 4-7, 8-15, ...
class Histogram final : public Stat {
 public:
  using Stat::Stat;

  void add(std::uint64_t value, std::uint64_t count = 1);

  std::uint64_t count() const { return count_; }
  std::uint64_t sum() const { return sum_; }                    // stays at 2^64 - 1 when it overflows
  std::uint64_t min() const { return count_ == 0 ? 0 : min_; }  // 0 when empty
  std::uint64_t max() const { return max_; }                    // 0 when empty
  double mean() const;                                          // sum / count; NaN when empty

  const char* kind() const override { return "histogram"; }
  std::vector<Figure> figures() const override;
  std::vector<Bucket> buckets() const override;  // only those with a count, ascending
  bool derived() const override { return true; }
  void reset(Cycle) override;

 private:
  std::array<std::uint64_t, 65> buckets_{};  // [0] holds 0; [k] holds 2^(k-1) .. 2^k - 1
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  std::uint64_t max_ = 0;
};

// A number computed from others when the tree is written. The function must stay callable as long as the
// statistic lives. Results that are not finite (0 / 0) are written as null.
class Ratio final : public Stat {
 public:
  Ratio(Group& group, std::string name, std::string unit, std::string text, std::function<double()> formula);
  double value() const { return formula_(); }

  const char* kind() const override { return "ratio"; }
  std::vector<Figure> figures() const override;
  bool derived() const override { return true; }
  void reset(Cycle) override {}

 private:
  std::function<double()> formula_;
};

}  // namespace sim::stats
