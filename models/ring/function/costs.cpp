// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/costs.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "sim/core/error.h"

namespace ring {
namespace {

std::string number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

FixedBlock::FixedBlock(double seconds, double tokens, unsigned heads)
    : per_pair_(seconds / (tokens * tokens * heads)), whole_(seconds) {}

double FixedBlock::seconds(const BlockWork& work) const { return per_pair_ * work.pairs * work.heads; }

std::string FixedBlock::source() const {
  return "block_time_s: " + number("%.6g", whole_ * 1e3) + " ms a block of S/N x S/N, others in proportion";
}

TableBlock::TableBlock(std::vector<Row> rows, std::string source) : source_(std::move(source)) {
  if (rows.empty()) throw sim::Error(sim::Exit::usage, "a table of block times without rows");
  std::map<Shape, std::vector<Point>> shapes;
  for (const Row& row : rows) {
    const double pairs = static_cast<double>(row.q_tokens) * static_cast<double>(row.kv_tokens);
    // Causal: the queries are the last ones of the keys.
    const double masked = row.causal ? static_cast<double>(row.q_tokens * row.q_tokens) / 2 : 0;
    points_.push_back({(pairs - masked) * row.heads, row.seconds});
    shapes[{row.q_tokens, row.kv_tokens, row.causal}].push_back(points_.back());
  }
  for (const auto& [shape, list] : shapes) {
    double sum = 0;
    for (const Point& point : list) sum += point.seconds / point.work * list.front().work;
    shapes_[shape] = {list.front().work, sum / static_cast<double>(list.size())};
  }
  std::sort(points_.begin(), points_.end(), [](const Point& a, const Point& b) { return a.work < b.work; });
  // Several measurements of one amount of work: their mean.
  std::vector<Point> merged;
  for (std::size_t i = 0; i < points_.size();) {
    std::size_t j = i;
    double sum = 0;
    for (; j < points_.size() && points_[j].work == points_[i].work; ++j) sum += points_[j].seconds;
    merged.push_back({points_[i].work, sum / static_cast<double>(j - i)});
    i = j;
  }
  points_ = std::move(merged);
}

double TableBlock::seconds(const BlockWork& work) const {
  const double wanted = work.pairs * work.heads;
  const double whole = static_cast<double>(work.q_tokens) * static_cast<double>(work.kv_tokens);
  if (work.pairs == whole || (work.pairs == whole / 2 && work.q_tokens == work.kv_tokens)) {
    const auto same = shapes_.find({work.q_tokens, work.kv_tokens, work.pairs != whole});
    if (same != shapes_.end()) return same->second.seconds * wanted / same->second.work;
  }
  if (wanted <= points_.front().work) return points_.front().seconds * wanted / points_.front().work;
  if (wanted >= points_.back().work) return points_.back().seconds * wanted / points_.back().work;
  const auto above = std::lower_bound(points_.begin(), points_.end(), wanted,
                                      [](const Point& p, double value) { return p.work < value; });
  const auto below = above - 1;
  const double share = (wanted - below->work) / (above->work - below->work);
  return below->seconds + share * (above->seconds - below->seconds);
}

double RooflineBlock::seconds(const BlockWork& work) const {
  // Two matrix products, a multiplication and an addition each.
  const double operations = 4.0 * work.pairs * problem_.head_dim * work.heads;
  const std::uint64_t bytes = 2 * problem_.q_bytes(work.q_tokens, work.heads) +
                              problem_.kv_bytes(work.kv_tokens, work.kv_heads) +
                              problem_.lse_bytes(work.q_tokens, work.heads);
  const double arithmetic = operations / (gpu_.tflops * 1e12 * gpu_.attention_share);
  const double memory = static_cast<double>(bytes) / (gpu_.hbm_gbytes_per_s * 1e9);
  return std::max(arithmetic, memory);
}

std::string RooflineBlock::source() const {
  return "roofline: " + number("%.6g", gpu_.tflops) + " TFLOP/s x " + number("%.3g", gpu_.attention_share) +
         ", " + number("%.6g", gpu_.hbm_gbytes_per_s) + " GB/s";
}

}  // namespace ring
