// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/stats/stat.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

namespace sim::stats {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

double divide(std::uint64_t a, std::uint64_t b) {
  if (b == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(a) / static_cast<double>(b);
}

// 0 for 0, otherwise the number of significant bits.
std::size_t bucket_of(std::uint64_t value) {
  return value == 0 ? 0 : 64 - static_cast<std::size_t>(__builtin_clzll(value));
}

}  // namespace

Stat::Stat(Group& group, std::string name, std::string unit, std::string text)
    : group_(&group), name_(std::move(name)), unit_(std::move(unit)), text_(std::move(text)) {
  group.add(Group::Child{nullptr, this}, name_, std::nullopt);
}

Stat::~Stat() {
  if (group_ != nullptr) group_->remove(this, name_, std::nullopt);
}

std::string Stat::path() const {
  const std::string above = group_ == nullptr ? std::string() : group_->path();
  return (above.empty() ? above : above + ".") + name_;
}

void Stat::finish(Cycle) {}

std::vector<Figure> Counter::figures() const { return {{"value", value_}}; }

std::vector<Figure> Gauge::figures() const { return {{"value", value_}}; }

void Occupancy::advance(Cycle now) {
  if (now < since_) {
    throw std::logic_error("statistics: " + path() + " is set for cycle " + std::to_string(now) +
                           " after cycle " + std::to_string(since_));
  }
  if (now == since_) return;  // a level overwritten in its own cycle was never held
  area_ += level_ * (now - since_);
  max_ = std::max(max_, level_);
  since_ = now;
}

void Occupancy::reset(Cycle now) {
  advance(now);
  start_ = now;
  area_ = 0;
  max_ = 0;
}

double Occupancy::mean() const { return divide(area_, cycles()); }

std::vector<Figure> Occupancy::figures() const {
  return {{"value", mean()}, {"max", max_}, {"area", area_}, {"cycles", cycles()}};
}

void Histogram::add(std::uint64_t value, std::uint64_t count) {
  if (count == 0) return;
  buckets_[bucket_of(value)] += count;
  count_ += count;
  std::uint64_t part = 0;
  if (__builtin_mul_overflow(value, count, &part) || __builtin_add_overflow(sum_, part, &sum_)) sum_ = kMax;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::reset(Cycle) {
  buckets_.fill(0);
  count_ = 0;
  sum_ = 0;
  min_ = kMax;
  max_ = 0;
}

double Histogram::mean() const { return divide(sum_, count_); }

std::vector<Figure> Histogram::figures() const {
  if (count_ == 0) return {{"value", {}}, {"count", count_}, {"sum", sum_}, {"min", {}}, {"max", {}}};
  return {{"value", mean()}, {"count", count_}, {"sum", sum_}, {"min", min_}, {"max", max_}};
}

std::vector<Bucket> Histogram::buckets() const {
  std::vector<Bucket> filled;
  for (std::size_t k = 0; k < buckets_.size(); ++k) {
    if (buckets_[k] == 0) continue;
    const std::uint64_t from = k == 0 ? 0 : std::uint64_t{1} << (k - 1);
    const std::uint64_t to = k == 0 ? 0 : from + (from - 1);
    filled.push_back({from, to, buckets_[k]});
  }
  return filled;
}

Ratio::Ratio(Group& group, std::string name, std::string unit, std::string text,
             std::function<double()> formula)
    : Stat(group, std::move(name), std::move(unit), std::move(text)), formula_(std::move(formula)) {
  if (!formula_) throw std::logic_error("statistics: " + path() + " has no formula");
}

std::vector<Figure> Ratio::figures() const { return {{"value", formula_()}}; }

}  // namespace sim::stats
