// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/kv_block.h"

#include <utility>

#include "sim/core/error.h"

namespace workload {

EncodeWorker::EncodeWorker() : thread_([this] { loop(); }) {}

EncodeWorker::~EncodeWorker() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::future<EncodedBlock> EncodeWorker::submit(std::function<EncodedBlock()> work) {
  std::packaged_task<EncodedBlock()> task(std::move(work));
  std::future<EncodedBlock> result = task.get_future();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(std::move(task));
  }
  wake_.notify_one();
  return result;
}

void EncodeWorker::loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (stop_) return;  // blocks that nobody waits for any more are dropped
    std::packaged_task<EncodedBlock()> task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

BlockCache::BlockCache(const KvShape& shape, std::unique_ptr<CodedStore> coded, const ParallelFor& parallel,
                       const KvCacheSettings& settings)
    : shape_(shape),
      settings_(settings),
      parallel_(parallel),
      coded_(std::move(coded)),
      residual_(shape, settings.level),
      attention_(shape, parallel),
      tables_(shape.heads * coded_->table_size()),
      pending_(shape.layers) {
  if (settings_.asynchronous) worker_ = std::make_unique<EncodeWorker>();
}

BlockCache::~BlockCache() = default;

unsigned BlockCache::size(unsigned layer) const {
  return static_cast<unsigned>(coded_->tokens(layer) + residual_.tokens(layer));
}

KvAppendReport BlockCache::append_prompt(unsigned layer, unsigned tokens, const float* k, const float* v) {
  if (size(layer) != 0)
    throw sim::Error(sim::Exit::internal, "KV cache: a prompt on a layer that is not empty");
  check_room(shape_, 0, tokens);
  check_finite(shape_, tokens, k, v);
  residual_.append(layer, tokens, k, v);  // rounds to fp16
  const EncodedBlock block = encode_residual(layer)();
  residual_.clear(layer);
  coded_->append(layer, block);
  KvAppendReport report;
  report.appended_tokens = tokens;
  report.encoded_tokens = tokens;
  report.code_bytes = coded_->bytes(block);
  report.code_digest = block.digest;
  report.time_ns = block.time_ns;
  return report;
}

KvAppendReport BlockCache::append(unsigned layer, const float* k, const float* v) {
  check_room(shape_, size(layer), 1);
  check_finite(shape_, 1, k, v);
  KvAppendReport report;
  if (residual_.tokens(layer) == kResidualTokens) {
    const EncodedBlock block = worker_ ? pending_[layer].get() : encode_residual(layer)();
    residual_.clear(layer);
    coded_->append(layer, block);
    report.encoded_tokens = kResidualTokens;
    report.code_bytes = coded_->bytes(block);
    report.code_digest = block.digest;
    report.time_ns = block.time_ns;
  }
  residual_.append(layer, 1, k, v);
  if (worker_ && residual_.tokens(layer) == kResidualTokens)
    pending_[layer] = worker_->submit(encode_residual(layer));
  report.appended_tokens = 1;
  report.residual_tokens = static_cast<unsigned>(residual_.tokens(layer));
  report.plain_bytes = residual_.bytes_per_token();
  return report;
}

// The work owns a copy of the tokens, so that it can run beside whatever happens to the residual.
std::function<EncodedBlock()> BlockCache::encode_residual(unsigned layer) const {
  const auto k = std::make_shared<const std::vector<float>>(residual_.keys(layer));
  const auto v = std::make_shared<const std::vector<float>>(residual_.values(layer));
  return [store = coded_.get(), tokens = residual_.tokens(layer), k, v] {
    const std::uint64_t start = now_ns();
    EncodedBlock block = store->encode(tokens, k->data(), v->data());
    block.time_ns = now_ns() - start;
    return block;
  };
}

KvAttendReport BlockCache::attend(unsigned layer, const float* q, float* out) {
  KvAttendReport report;
  const std::size_t coded = coded_->tokens(layer);
  report.residual_tokens = static_cast<unsigned>(residual_.tokens(layer));
  report.context_tokens = size(layer);
  report.sub_vectors = coded_->sub_vectors();
  report.code_bits = coded_->code_bits();
  report.code_bytes = coded_->bytes(layer);
  report.plain_bytes = report.residual_tokens * residual_.bytes_per_token();
  if (report.context_tokens == 0) throw sim::Error(sim::Exit::internal, "KV cache: attention over no tokens");
  const std::size_t table_size = coded_->table_size();
  if (coded > 0 && table_size > 0) {
    const std::uint64_t start = now_ns();
    parallel_(shape_.heads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t head = begin; head < end; ++head)
        coded_->build_table(q + head * shape_.head_dim, tables_.data() + head * table_size);
    });
    report.lut_ns = now_ns() - start;
  }
  attention_.run(layer,
                 {{coded_.get(), coded, settings_.max_splits}, {&residual_, report.residual_tokens, 1}}, q,
                 table_size > 0 ? tables_.data() : nullptr, table_size, out, report);
  return report;
}

void BlockCache::clear() {
  for (unsigned layer = 0; layer < shape_.layers; ++layer) {
    if (pending_[layer].valid()) pending_[layer].wait();
    pending_[layer] = {};
    residual_.clear(layer);
    coded_->clear(layer);
  }
}

}  // namespace workload
