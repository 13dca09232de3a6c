// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// How long kernels take on a GPU that nothing disturbs. One interface, one class for each source of times.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "models/ring/function/op_graph.h"
#include "models/ring/function/problem.h"

namespace ring {

/// The attention of some queries over some keys on one GPU.
struct BlockWork {
  std::uint64_t q_tokens = 0;
  std::uint64_t kv_tokens = 0;
  double pairs = 0;  ///< of query and key, one head, that are not masked
  unsigned heads = 0;
  unsigned kv_heads = 0;
};

class BlockModel {
 public:
  virtual ~BlockModel() = default;
  virtual double seconds(const BlockWork& work) const = 0;
  /// Where the times come from, for people: "block_time_s, scaled by the share of the block".
  virtual std::string source() const = 0;
};

/// One time for a whole block: S/N queries over S/N keys, all heads, nothing masked. Other blocks in
/// proportion to pairs x heads: a causal diagonal block takes half of it.
class FixedBlock final : public BlockModel {
 public:
  /// `tokens`: S/N, of one pass.
  FixedBlock(double seconds, double tokens, unsigned heads);
  double seconds(const BlockWork& work) const override;
  std::string source() const override;

 private:
  double per_pair_;
  double whole_;
};

/// Measured blocks. A block of a measured shape (queries, keys, whether half of the pairs are masked) takes
/// the mean of its measured times, in proportion to heads; others are interpolated over the work (pairs x
/// heads) between the nearest measured ones, and scaled in proportion beyond the ends.
class TableBlock final : public BlockModel {
 public:
  struct Row {
    std::uint64_t q_tokens = 0;
    std::uint64_t kv_tokens = 0;
    bool causal = false;
    double seconds = 0;
    unsigned heads = 0;  ///< of the measurement
  };
  /// `rows` must not be empty; times positive.
  TableBlock(std::vector<Row> rows, std::string source);
  double seconds(const BlockWork& work) const override;
  std::string source() const override { return source_; }

 private:
  struct Point {
    double work;
    double seconds;
  };
  using Shape = std::tuple<std::uint64_t, std::uint64_t, bool>;  // queries, keys, causal
  std::map<Shape, Point> shapes_;                                // work, time
  std::vector<Point> points_;                                    // ascending work, one for each
  std::string source_;
};

/// The larger of arithmetic and memory time.
class RooflineBlock final : public BlockModel {
 public:
  struct Gpu {
    double tflops = 0;           ///< dense fp16 with fp32 sums, as the data sheet says
    double attention_share = 0;  ///< of tflops that an attention kernel reaches
    double hbm_gbytes_per_s = 0;
  };
  RooflineBlock(const Gpu& gpu, const Problem& problem) : gpu_(gpu), problem_(problem) {}
  double seconds(const BlockWork& work) const override;
  std::string source() const override;

 private:
  Gpu gpu_;
  Problem problem_;
};

/// Everything a schedule needs to give its operations durations.
struct Costs {
  const BlockModel* block = nullptr;
  double merge_gbytes_per_s = 0;  ///< memory rate of the merge kernels; 0 = they take no time
  double kernel_launch_s = 0;     ///< of compute and merge kernels
  double message_launch_s = 0;    ///< of a message
};

}  // namespace ring
