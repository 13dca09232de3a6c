// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/graph_builder.h"

#include <cmath>
#include <utility>

#include "sim/core/error.h"

namespace ring {

Ps to_ps(double seconds) {
  constexpr double kMost = 9e18;
  const double ps = seconds * 1e12;
  if (!(ps >= 0) || ps > kMost)
    throw sim::Error(sim::Exit::usage, "a time out of range: not within 0 s .. 9e6 s");
  return static_cast<Ps>(std::llround(ps));
}

GraphBuilder::GraphBuilder(const Problem& problem, unsigned gpus, const Costs& costs, Layout& layout,
                           OpGraph& graph)
    : problem_(problem),
      costs_(costs),
      layout_(layout),
      graph_(graph),
      kernel_launch_(to_ps(costs.kernel_launch_s)),
      message_launch_(to_ps(costs.message_launch_s)),
      tail_(gpus, kNoOp),
      waits_(gpus) {
  graph_.gpus = gpus;
}

Op GraphBuilder::op(OpKind kind, unsigned gpu, unsigned step) const {
  Op o;
  o.kind = kind;
  o.gpu = o.peer = gpu;
  o.step = step;
  o.pass = static_cast<std::uint16_t>(pass_);
  return o;
}

OpId GraphBuilder::add(const Op& op, const OpData& data, const OpId* deps, std::size_t count) {
  graph_.data.push_back(data);
  return graph_.add(op, deps, count);
}

OpId GraphBuilder::transfer(unsigned from, unsigned to, unsigned step, Channel channel, std::uint64_t bytes,
                            OpData data) {
  Op o = op(OpKind::transfer, from, step);
  o.peer = to;
  o.channel = channel;
  o.bytes = bytes;
  o.launch_ps = static_cast<std::uint32_t>(message_launch_);
  const OpId deps[] = {tail_[from], tail_[to]};
  const OpId id = add(o, data, deps, 2);
  waits_[from].push_back(id);
  waits_[to].push_back(id);
  return id;
}

OpId GraphBuilder::transfer_q(unsigned from, unsigned to, unsigned step, std::uint32_t set, HeadRange heads) {
  const std::uint64_t bytes = problem_.q_bytes(layout_.tokens(set), heads.count);
  return transfer(from, to, step, Channel::q, bytes,
                  {set, OpData::kNoSet, static_cast<std::uint16_t>(heads.first),
                   static_cast<std::uint16_t>(heads.count)});
}

OpId GraphBuilder::transfer_kv(unsigned from, unsigned to, unsigned step, std::uint32_t set,
                               HeadRange heads) {
  const std::uint64_t bytes = problem_.kv_bytes(layout_.tokens(set), problem_.kv_range(heads).count);
  return transfer(from, to, step, Channel::kv, bytes,
                  {OpData::kNoSet, set, static_cast<std::uint16_t>(heads.first),
                   static_cast<std::uint16_t>(heads.count)});
}

OpId GraphBuilder::transfer_out(unsigned from, unsigned to, unsigned step, BlockSets block, HeadRange heads,
                                bool with_lse) {
  const std::uint64_t tokens = layout_.tokens(block.q);
  const std::uint64_t bytes =
      problem_.out_bytes(tokens, heads.count) + (with_lse ? problem_.lse_bytes(tokens, heads.count) : 0);
  return transfer(
      from, to, step, Channel::out, bytes,
      {block.q, block.kv, static_cast<std::uint16_t>(heads.first), static_cast<std::uint16_t>(heads.count)});
}

void GraphBuilder::detach(OpId transfer) {
  const Op& o = graph_.ops[transfer];
  for (const unsigned gpu : {o.gpu, o.peer}) {
    std::vector<OpId>& waits = waits_[gpu];
    for (std::size_t i = waits.size(); i-- > 0;) {
      if (waits[i] == transfer) waits.erase(waits.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

void GraphBuilder::compute(unsigned gpu, unsigned step, BlockSets block, HeadRange heads) {
  if (block.q != last_block_.q || block.kv != last_block_.kv) {
    last_block_ = block;
    last_pairs_ = layout_.pairs(block.q, block.kv, problem_.causal);
  }
  BlockWork work;
  work.q_tokens = layout_.tokens(block.q);
  work.kv_tokens = layout_.tokens(block.kv);
  work.pairs = last_pairs_;
  work.heads = heads.count;
  work.kv_heads = problem_.kv_range(heads).count;
  Op o = op(OpKind::compute, gpu, step);
  o.duration = to_ps(costs_.block->seconds(work));
  o.launch_ps = static_cast<std::uint32_t>(kernel_launch_);
  const OpData data = {block.q, block.kv, static_cast<std::uint16_t>(heads.first),
                       static_cast<std::uint16_t>(heads.count)};
  tail_[gpu] = add(o, data, &tail_[gpu], 1);
}

void GraphBuilder::merge(unsigned gpu, unsigned step, BlockSets block, HeadRange heads, bool first) {
  Op o = op(OpKind::merge, gpu, step);
  o.bytes = problem_.merge_bytes(layout_.tokens(block.q), heads.count, first);
  if (costs_.merge_gbytes_per_s > 0) {
    o.duration = to_ps(static_cast<double>(o.bytes) / (costs_.merge_gbytes_per_s * 1e9));
    o.launch_ps = static_cast<std::uint32_t>(kernel_launch_);
  }
  std::vector<OpId>& waits = waits_[gpu];
  waits.push_back(tail_[gpu]);
  const OpData data = {block.q, block.kv, static_cast<std::uint16_t>(heads.first),
                       static_cast<std::uint16_t>(heads.count)};
  tail_[gpu] = add(o, data, waits.data(), waits.size());
  waits.clear();
}

void GraphBuilder::close(unsigned gpu, unsigned step) {
  std::vector<OpId>& waits = waits_[gpu];
  if (waits.empty()) return;
  if (tail_[gpu] != kNoOp) waits.push_back(tail_[gpu]);
  tail_[gpu] =
      waits.size() == 1 ? waits.front() : add(op(OpKind::join, gpu, step), {}, waits.data(), waits.size());
  waits.clear();
}

Shares::Shares(GraphBuilder& builder, unsigned parts, bool zigzag, unsigned width)
    : parts_(parts), zigzag_(zigzag), causal_(builder.problem().causal), whole_(builder.pass() > 0) {
  Layout& layout = builder.layout();
  const auto chunks = [&](std::vector<unsigned> wide, unsigned first_pass) {
    std::vector<std::uint32_t> list;
    for (unsigned pass = first_pass; pass <= builder.pass(); ++pass) {
      for (const unsigned c : wide) {
        for (unsigned k = 0; k < width; ++k) list.push_back(pass * layout.chunks_per_pass + c * width + k);
      }
    }
    return layout.add(std::move(list));
  };
  const unsigned now = builder.pass();
  for (unsigned i = 0; i < parts; ++i) {
    const std::vector<unsigned> own =
        zigzag ? std::vector<unsigned>{i, 2 * parts - 1 - i} : std::vector<unsigned>{i};
    q_.push_back(chunks(own, now));
    kv_.push_back(now == 0 ? q_.back() : chunks(own, 0));
    q_late_.push_back(zigzag ? chunks({2 * parts - 1 - i}, now) : q_.back());
    kv_early_.push_back(zigzag && now == 0 ? chunks({i}, 0) : kv_.back());
  }
}

BlockSets Shares::block(unsigned i, unsigned j) const {
  // Later passes see all keys of the earlier ones: the mask never leaves out a whole half.
  if (!causal_ || i == j || whole_) return {q_[i], kv_[j]};
  if (!zigzag_) return i > j ? BlockSets{q_[i], kv_[j]} : BlockSets{};
  return i > j ? BlockSets{q_[i], kv_early_[j]} : BlockSets{q_late_[i], kv_[j]};
}

}  // namespace ring
