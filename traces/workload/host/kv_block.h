// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "traces/workload/host/kv_caches.h"
#include "traces/workload/host/kv_plain.h"
#include "traces/workload/host/split_attention.h"
#include "traces/workload/million/encode.h"
#include "traces/workload/numeric/fnv.h"

namespace workload {

// Some tokens of one layer, encoded: what a CodedStore takes over.
struct EncodedBlock {
  std::size_t tokens = 0;
  std::vector<million::Code> key_codes;  // pq: [token][kv head][M]; uniform: [token][kv head][head_dim]
  std::vector<million::Code> value_codes;
  std::vector<float> key_scales;  // uniform: pairs (scale, zero), fp16 values; see kv_uniform.h
  std::vector<float> value_scales;
  std::uint64_t digest = 0;  // KvAppendReport::code_digest
  std::uint64_t time_ns = 0;
};

// Keys and values as codes.
class CodedStore : public KvSource {
 public:
  // k and v [tokens][kv_heads][head_dim], fp16 values. Called from a second thread while tokens are attended.
  virtual EncodedBlock encode(std::size_t tokens, const float* k, const float* v) const = 0;
  virtual void append(unsigned layer, const EncodedBlock& block) = 0;
  virtual void clear(unsigned layer) = 0;
  virtual std::size_t tokens(unsigned layer) const = 0;
  // Of the codes and scales of a layer, or of a block, all kv heads.
  virtual std::uint64_t bytes(unsigned layer) const = 0;
  virtual std::uint64_t bytes(const EncodedBlock& block) const = 0;
  virtual double bytes_per_token() const = 0;  // one kv head
  virtual unsigned sub_vectors() const = 0;
  virtual unsigned code_bits() const = 0;
  // Floats of the table that a query head needs (0: none), and the table.
  virtual std::size_t table_size() const = 0;
  virtual void build_table(const float* q, float* table) const = 0;
};

// One thread that encodes blocks in the order in which they were handed over.
class EncodeWorker {
 public:
  EncodeWorker();
  ~EncodeWorker();
  EncodeWorker(const EncodeWorker&) = delete;
  EncodeWorker& operator=(const EncodeWorker&) = delete;
  std::future<EncodedBlock> submit(std::function<EncodedBlock()> work);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::packaged_task<EncodedBlock()>> queue_;
  bool stop_ = false;
  std::thread thread_;
};

// A cache with a residual of fp16 tokens in front of a CodedStore (see KvCacheSettings).
class BlockCache final : public KvCache {
 public:
  BlockCache(const KvShape& shape, std::unique_ptr<CodedStore> coded, const ParallelFor& parallel,
             const KvCacheSettings& settings);
  ~BlockCache() override;

  KvAppendReport append_prompt(unsigned layer, unsigned tokens, const float* k, const float* v) override;
  KvAppendReport append(unsigned layer, const float* k, const float* v) override;
  KvAttendReport attend(unsigned layer, const float* q, float* out) override;
  unsigned size(unsigned layer) const override;
  void clear() override;
  const KvShape& shape() const override { return shape_; }
  double bytes_per_token() const override { return coded_->bytes_per_token(); }

 private:
  std::function<EncodedBlock()> encode_residual(unsigned layer) const;

  KvShape shape_;
  KvCacheSettings settings_;
  ParallelFor parallel_;
  std::unique_ptr<CodedStore> coded_;
  PlainStore<Float16> residual_;
  SplitAttention attention_;
  std::vector<float> tables_;
  std::vector<std::future<EncodedBlock>> pending_;  // a layer
  std::unique_ptr<EncodeWorker> worker_;            // declared last: stops before what it reads goes
};

}  // namespace workload
