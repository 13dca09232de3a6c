// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/functional.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "models/ring/function/attention.h"
#include "sim/core/error.h"

namespace ring {
namespace {

using Chunk = std::uint32_t;
using Place = std::pair<Chunk, unsigned>;                    // chunk, head (of Q) or kv head
using Partial = std::tuple<Chunk, unsigned, std::uint32_t>;  // chunk, head, set of keys seen

}  // namespace

namespace functional {

struct Accumulator {
  BlockResult result;
  std::vector<Chunk> seen;  // keys merged so far, ascending
};

/// Memory of one GPU.
struct Memory {
  std::map<Place, std::vector<std::uint16_t>> q;     // binary16
  std::map<Place, std::vector<std::uint16_t>> keys;  // binary16 or codes: keys of all tokens, then values
  std::map<Partial, BlockResult> partial;
  std::map<Place, Accumulator> total;
};

}  // namespace functional

struct FunctionalCluster::State {
  using Accumulator = functional::Accumulator;
  using Memory = functional::Memory;

  State(const Plan& p, const Problem& pr, std::uint64_t seed)
      : plan(p), problem(pr), inputs(AttentionInputs::random(pr, seed)), gpus(p.graph.gpus) {}

  const Plan& plan;
  const Problem& problem;
  AttentionInputs inputs;
  std::unique_ptr<ProductQuantiser> key_quantiser, value_quantiser;
  std::vector<Memory> gpus;

  const std::vector<Chunk>& set(std::uint32_t id) const { return plan.layout.sets[id]; }
  std::uint64_t len() const { return plan.layout.chunk_len; }
  unsigned d() const { return problem.head_dim; }
  Chunk chunks() const { return plan.layout.chunks_per_pass * problem.passes(); }
  [[noreturn]] void wrong(OpId op, const std::string& what) const {
    throw sim::Error(sim::Exit::check, describe(plan.graph, op) + ": " + what);
  }

  void place();
  HeadRange heads(OpId op) const {
    const OpData& data = plan.graph.data[op];
    return {data.head, data.heads == 0 ? problem.heads : data.heads};
  }
  KeyBlock keys(OpId op, unsigned gpu, Chunk chunk, unsigned kv_head) const;
  void compute(OpId op);
  void merge(OpId op);
  void transfer(OpId op);
  std::uint64_t move_results(OpId op, Memory& from, Memory& to) const;
};

// What each GPU begins with.
void FunctionalCluster::State::place() {
  const bool pq = problem.kv == KvFormat::pq;
  if (pq) {
    key_quantiser = std::make_unique<ProductQuantiser>(problem, inputs.k);
    value_quantiser = std::make_unique<ProductQuantiser>(problem, inputs.v);
  }
  for (Chunk c = 0; c < chunks(); ++c) {
    Memory& memory = gpus[plan.layout.owner(c)];
    for (unsigned h = 0; h < problem.heads; ++h) {
      std::vector<std::uint16_t>& rows = memory.q[{c, h}];
      for (std::uint64_t t = c * len(); t < (c + 1) * len(); ++t) {
        for (unsigned i = 0; i < d(); ++i)
          rows.push_back(to_fp16(inputs.q[(t * problem.heads + h) * d() + i]));
      }
    }
    for (unsigned h = 0; h < problem.kv_heads; ++h) {
      std::vector<std::uint16_t>& rows = memory.keys[{c, h}];
      for (int values = 0; values < 2; ++values) {
        const std::vector<float>& source = values != 0 ? inputs.v : inputs.k;
        const auto& quantiser = values != 0 ? value_quantiser : key_quantiser;
        for (std::uint64_t t = c * len(); t < (c + 1) * len(); ++t) {
          const float* row = source.data() + (t * problem.kv_heads + h) * d();
          if (pq) {
            const std::vector<std::uint16_t> codes = quantiser->encode(row);
            rows.insert(rows.end(), codes.begin(), codes.end());
          } else {
            for (unsigned i = 0; i < d(); ++i) rows.push_back(to_fp16(row[i]));
          }
        }
      }
    }
  }
}

KeyBlock FunctionalCluster::State::keys(OpId op, unsigned gpu, Chunk chunk, unsigned kv_head) const {
  const auto at = gpus[gpu].keys.find({chunk, kv_head});
  if (at == gpus[gpu].keys.end()) {
    wrong(op, "keys of chunk " + std::to_string(chunk) + ", head " + std::to_string(kv_head) +
                  " are not on this GPU");
  }
  KeyBlock block;
  block.first_token = chunk * len();
  block.tokens = len();
  block.k.resize(len() * d());
  block.v.resize(len() * d());
  const bool pq = problem.kv == KvFormat::pq;
  const std::uint64_t width = pq ? problem.pq_sub_vectors : d();
  for (std::uint64_t t = 0; t < len(); ++t) {
    const std::uint16_t* key = at->second.data() + t * width;
    const std::uint16_t* value = at->second.data() + (len() + t) * width;
    if (pq) {
      key_quantiser->decode(key, &block.k[t * d()]);
      value_quantiser->decode(value, &block.v[t * d()]);
    } else {
      for (unsigned i = 0; i < d(); ++i) {
        block.k[t * d() + i] = from_fp16(key[i]);
        block.v[t * d() + i] = from_fp16(value[i]);
      }
    }
  }
  return block;
}

void FunctionalCluster::State::compute(OpId op) {
  const unsigned gpu = plan.graph.ops[op].gpu;
  const OpData& data = plan.graph.data[op];
  Memory& memory = gpus[gpu];
  const HeadRange range = heads(op);
  const HeadRange kv_range = problem.kv_range(range);
  for (unsigned kv_head = kv_range.first; kv_head < kv_range.first + kv_range.count; ++kv_head) {
    std::vector<KeyBlock> blocks;
    for (const Chunk c : set(data.kv)) blocks.push_back(keys(op, gpu, c, kv_head));
    std::vector<const KeyBlock*> pointers;
    for (const KeyBlock& block : blocks) pointers.push_back(&block);
    const unsigned first = std::max(range.first, kv_head * problem.group());
    const unsigned last = std::min(range.first + range.count, (kv_head + 1) * problem.group());
    for (unsigned head = first; head < last; ++head) {
      for (const Chunk c : set(data.q)) {
        const auto at = memory.q.find({c, head});
        if (at == memory.q.end()) wrong(op, "queries of chunk " + std::to_string(c) + " are not on this GPU");
        std::vector<float> q(at->second.size());
        std::transform(at->second.begin(), at->second.end(), q.begin(), from_fp16);
        BlockResult result = attend(problem, q.data(), c * len(), len(), pointers);
        // A kernel writes its block in fp16.
        for (float& value : result.out) value = round_fp16(value);
        if (!memory.partial.emplace(Partial{c, head, data.kv}, std::move(result)).second) {
          wrong(op, "chunk " + std::to_string(c) + " is computed twice with the same keys");
        }
      }
    }
  }
}

void FunctionalCluster::State::merge(OpId op) {
  const OpData& data = plan.graph.data[op];
  Memory& memory = gpus[plan.graph.ops[op].gpu];
  const HeadRange range = heads(op);
  for (unsigned head = range.first; head < range.first + range.count; ++head) {
    for (const Chunk c : set(data.q)) {
      const auto block = memory.partial.find({c, head, data.kv});
      if (block == memory.partial.end()) {
        wrong(op, "the result of chunk " + std::to_string(c) + " is not on this GPU");
      }
      const auto [at, is_new] = memory.total.try_emplace({c, head});
      Accumulator& total = at->second;
      for (const Chunk key : set(data.kv)) {
        if (problem.causal && key > c) continue;
        const auto before = std::lower_bound(total.seen.begin(), total.seen.end(), key);
        if (before != total.seen.end() && *before == key) {
          wrong(op,
                "chunk " + std::to_string(c) + " has seen keys of chunk " + std::to_string(key) + " twice");
        }
        total.seen.insert(before, key);
      }
      if (is_new) {
        total.result = std::move(block->second);
      } else {
        merge_into(total.result, block->second, d());
      }
      memory.partial.erase(block);
    }
  }
}

// Moves results from memory to memory; returns the bytes that were on the wire.
std::uint64_t FunctionalCluster::State::move_results(OpId op, Memory& from, Memory& to) const {
  const OpData& data = plan.graph.data[op];
  const HeadRange range = heads(op);
  std::uint64_t bytes = 0;
  for (unsigned head = range.first; head < range.first + range.count; ++head) {
    for (const Chunk c : set(data.q)) {
      bytes += problem.out_bytes(len(), 1);
      if (data.kv == OpData::kNoSet) {  // a finished output, without lse
        const auto at = from.total.find({c, head});
        if (at == from.total.end())
          wrong(op, "the output of chunk " + std::to_string(c) + " is not on the sender");
        for (float& value : at->second.result.out) value = round_fp16(value);
        to.total.insert_or_assign({c, head}, std::move(at->second));
        from.total.erase(at);
        continue;
      }
      const auto at = from.partial.find({c, head, data.kv});
      if (at == from.partial.end())
        wrong(op, "the result of chunk " + std::to_string(c) + " is not on the sender");
      bytes += problem.lse_bytes(len(), 1);
      to.partial.insert_or_assign({c, head, data.kv}, std::move(at->second));
      from.partial.erase(at);
    }
  }
  return bytes;
}

void FunctionalCluster::State::transfer(OpId op) {
  const Op& o = plan.graph.ops[op];
  const OpData& data = plan.graph.data[op];
  Memory& from = gpus[o.gpu];
  Memory& to = gpus[o.peer];
  const HeadRange range = heads(op);
  std::uint64_t bytes = 0;
  if (o.channel == Channel::out) {
    bytes = move_results(op, from, to);
  } else {
    const bool q = o.channel == Channel::q;
    const HeadRange moved = q ? range : problem.kv_range(range);
    for (const Chunk c : set(q ? data.q : data.kv)) {
      for (unsigned head = moved.first; head < moved.first + moved.count; ++head) {
        auto& source = q ? from.q : from.keys;
        const auto at = source.find({c, head});
        if (at == source.end()) {
          wrong(op,
                "chunk " + std::to_string(c) + ", head " + std::to_string(head) + " is not on the sender");
        }
        (q ? to.q : to.keys)[{c, head}] = at->second;
        bytes += q ? problem.q_bytes(len(), 1) : problem.kv_bytes(len(), 1);
      }
    }
  }
  if (bytes != o.bytes) {
    wrong(op, "carries " + std::to_string(bytes) + " bytes, but the message has " + std::to_string(o.bytes));
  }
}

FunctionalCluster::FunctionalCluster(const Plan& plan, const Problem& problem, std::uint64_t seed) {
  const std::uint64_t elements = problem.seq_len * problem.heads * problem.head_dim;
  if (elements > kMostElements || problem.seq_len > 65536) {
    throw sim::Error(sim::Exit::usage, "functional mode computes " + std::to_string(elements) +
                                           " values of Q on the host, more than " +
                                           std::to_string(kMostElements) + "; use fewer tokens or heads");
  }
  state_ = std::make_unique<State>(plan, problem, seed);
  state_->place();
}

FunctionalCluster::~FunctionalCluster() = default;

void FunctionalCluster::on_finished(OpId op, Ps) {
  switch (state_->plan.graph.ops[op].kind) {
    case OpKind::compute:
      return state_->compute(op);
    case OpKind::merge:
      return state_->merge(op);
    case OpKind::transfer:
      return state_->transfer(op);
    case OpKind::join:
      return;
  }
}

double FunctionalCluster::output_max_error() const {
  const State& s = *state_;
  std::vector<float> k = s.inputs.k, v = s.inputs.v;
  if (s.key_quantiser) {
    for (std::size_t row = 0; row < k.size(); row += s.d()) {
      s.key_quantiser->decode(s.key_quantiser->encode(&k[row]).data(), &k[row]);
      s.value_quantiser->decode(s.value_quantiser->encode(&v[row]).data(), &v[row]);
    }
  }
  const std::vector<double> expected = single_device(s.problem, s.inputs.q, k, v);
  double error = 0;
  for (Chunk c = 0; c < s.chunks(); ++c) {
    const unsigned gpu = s.plan.layout.owner(c);
    for (unsigned h = 0; h < s.problem.heads; ++h) {
      const auto at = s.gpus[gpu].total.find({c, h});
      const std::size_t wanted = s.problem.causal ? c + 1 : s.chunks();
      if (at == s.gpus[gpu].total.end() || at->second.seen.size() != wanted) {
        throw sim::Error(sim::Exit::check, "gpu " + std::to_string(gpu) +
                                               " lacks the whole output of chunk " + std::to_string(c) +
                                               ", head " + std::to_string(h));
      }
      for (std::uint64_t t = 0; t < s.len() && c * s.len() + t < s.problem.real_tokens; ++t) {
        for (unsigned i = 0; i < s.d(); ++i) {
          const double got = at->second.result.out[t * s.d() + i];
          const double want = expected[((c * s.len() + t) * s.problem.heads + h) * s.d() + i];
          const double scale = std::max(1.0, std::fabs(want));
          error = std::max(error, std::isfinite(got) ? std::fabs(got - want) / scale : INFINITY);
        }
      }
    }
  }
  return error;
}

}  // namespace ring
