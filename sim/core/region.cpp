// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/region.h"

#include <algorithm>

#include "sim/config/meta.h"
#include "sim/config/visitor.h"
#include "sim/core/error.h"

namespace sim {
namespace {

std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) {
  return a + b < a ? ~std::uint64_t{0} : a + b;
}

}  // namespace

void RegionConfig::fields(config::Visitor& v) {
  using config::Meta;
  v.field("skip", skip, Meta("op", "operations at the beginning that are not simulated"));
  v.field("warmup", warmup, Meta("op", "operations of each window that are simulated but not measured"));
  v.field("measure", measure, Meta("op", "operations of each window that are measured; 0: all to its end"));
  v.field("every", every, Meta("op", "distance from one window to the next; 0: a single window"));
}

std::string RegionConfig::problem(std::string* key) const {
  if (every == 0) return {};
  if (warmup >= every) {
    if (key != nullptr) *key = "warmup";
    return "warmup of " + std::to_string(warmup) +
           " op leaves nothing to measure in windows that begin every " + std::to_string(every) +
           " op; reduce warmup or raise every";
  }
  if (measure > every - warmup) {
    if (key != nullptr) *key = "measure";
    return "warmup + measure (" + std::to_string(warmup) + " + " + std::to_string(measure) +
           " op) do not fit into windows that begin every " + std::to_string(every) +
           " op; reduce measure or raise every";
  }
  return {};
}

Region::Region(const RegionConfig& config, std::uint64_t total_ops) : total_(total_ops) {
  const std::string problem = config.problem();
  if (!problem.empty()) throw Error(Exit::usage, "region: " + problem);
  begin_ = std::min(config.skip, total_);
  every_ = config.every != 0 ? config.every : std::max<std::uint64_t>(total_ - begin_, 1);
  warmup_ = config.warmup;
  live_ = config.measure == 0 ? every_ : std::min(saturated_sum(warmup_, config.measure), every_);
  if (windows() == 0) {
    throw Error(Exit::usage, "region: skip = " + std::to_string(config.skip) + " and warmup = " +
                                 std::to_string(config.warmup) + " leave nothing to measure of the " +
                                 std::to_string(total_) + " op of this workload; reduce them");
  }
}

Region::Phase Region::phase(std::uint64_t op) const {
  if (op < begin_ || op >= total_) return Phase::skip;
  const std::uint64_t offset = (op - begin_) % every_;
  if (offset >= live_) return Phase::skip;
  return offset < warmup_ ? Phase::warmup : Phase::measure;
}

std::uint64_t Region::next_simulated(std::uint64_t op) const {
  op = std::max(op, begin_);
  if (op >= total_) return total_;
  const std::uint64_t offset = (op - begin_) % every_;
  if (offset < live_) return op;
  return std::min(total_, saturated_sum(op, every_ - offset));
}

std::optional<std::uint64_t> Region::window_of(std::uint64_t op) const {
  if (!simulated(op)) return std::nullopt;
  return (op - begin_) / every_;
}

std::uint64_t Region::windows() const {
  const std::uint64_t length = total_ - begin_;
  return length <= warmup_ ? 0 : (length - warmup_ - 1) / every_ + 1;
}

std::uint64_t Region::count(std::uint64_t length) const {
  const std::uint64_t all = total_ - begin_;
  return all / every_ * length + std::min(all % every_, length);
}

std::uint64_t Region::simulated_count() const { return count(live_); }

std::uint64_t Region::measured_count() const { return count(live_) - count(warmup_); }

double Region::share() const { return static_cast<double>(measured_count()) / static_cast<double>(total_); }

}  // namespace sim
