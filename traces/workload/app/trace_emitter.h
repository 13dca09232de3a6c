// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "traces/io/byte_buffer.h"
#include "traces/io/records.h"
#include "traces/io/writer.h"
#include "traces/workload/app/write_queue.h"
#include "traces/workload/host/observer.h"
#include "traces/workload/host/quantised_ops.h"
#include "traces/workload/model/shape.h"

namespace workload {

struct EmitSettings {
  bool times = true;
  unsigned activations = 1;       // codes of every so many tokens; 0: none
  double kv_bytes_per_token = 0;  // of one layer and kv head in the cache
};

// What a decoded token was, told when it is over.
struct TokenFacts {
  std::uint32_t index = 0;
  std::uint32_t id = 0;
  std::uint32_t input_id = 0;
  std::uint32_t position = 0;
  double pple = 0;
  double pple_smoothed = 0;
  double running_perplexity = 0;
  const std::vector<std::uint8_t>* layer_bits = nullptr;
  std::uint64_t time_ns = 0;
};

// Turns what the decoder tells into records. A Token record stands in front of the records that belong to it
// and says what is known only behind them, so a token's records are held until it is over. Some tokens are
// handed over together, so that a thread is woken for them once.
class TraceEmitter final : public RunObserver, public SumsKeeper {
 public:
  // Records are compressed and written by `queue`, which must be drained behind flush() and before the writer
  // is finished, and must end before this.
  TraceEmitter(trace::Writer& writer, WriteQueue& queue, const ModelShape& shape,
               const EmitSettings& settings);

  void on_prefill(const PrefillReport& report) override;
  void on_gemv(const GemvReport& report) override;
  void on_kv_append(unsigned layer, const KvAppendReport& report) override;
  void on_kv_attend(unsigned layer, const KvAttendReport& report) override;
  // Of the product that is reported next; sums elsewhere are copied.
  std::int32_t* room(std::size_t count) override;

  // Of the prompt, teacher-forced; before the prefill is over.
  void set_prompt_perplexity(double perplexity) { prompt_perplexity_ = perplexity; }
  // A record that belongs to the token that is being decoded (an encrypted layer).
  void add(trace::Record record) { next() = std::move(record); }
  void end_token(const TokenFacts& facts);
  // Hands over the tokens that are over; one that is not stays.
  void flush();

 private:
  // Records of some tokens.
  struct Held {
    std::vector<trace::Record> records;  // reused
    std::size_t count = 0;               // of them used
    std::size_t whole = 0;               // the first ones, of tokens that are over
    unsigned tokens = 0;                 // that are over

    trace::Record& add();
    void write(trace::Writer& writer);
  };
  // What it holds is to be overwritten: a message that is used again keeps its memory.
  trace::Record& next();
  void digest_sums();
  void hand_over();

  trace::Writer& writer_;
  WriteQueue& queue_;
  ModelShape shape_;
  EmitSettings settings_;
  double prompt_perplexity_ = 0;
  std::uint32_t token_index_ = 0;  // of the token that is being decoded
  std::shared_ptr<Held> held_;
  // Of the products of this token, hashed when it is over: while they are near, and by the thread that wrote
  // them, to which nobody has to send them.
  struct Sums {
    std::size_t record;
    std::size_t begin;
    std::size_t size;  // bytes
  };
  std::vector<Sums> sums_;
  trace::ByteBuffer sum_bytes_;
  std::int32_t* room_ = nullptr;  // that was given last
  std::mutex spare_mutex_;
  std::vector<std::shared_ptr<Held>> spare_;  // written, to be used again
};

// The weights as Tensor records, layer after layer, the head last; pieces of about a megabyte. Nested INT4
// codes follow from the INT8 codes and are left out.
void write_tensors(trace::Writer& writer, const ModelShape& shape, const QuantisedOps& ops);

// Their bit statistics instead, one TileDigest record a matrix in the same order: every `stride`-th tile of
// 128 inputs x 128 outputs.
void write_tile_digests(trace::Writer& writer, const ModelShape& shape, const QuantisedOps& ops,
                        unsigned stride);

}  // namespace workload
