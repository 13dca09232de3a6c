// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Form::pipelined. Segment g of a sum lies in the registers g stages behind those of segment 0.
#include <algorithm>

#include "models/allmod/function/bounds.h"
#include "models/allmod/rtl/forms.h"
#include "models/allmod/rtl/pipe.h"
#include "models/allmod/rtl/restoring.h"
#include "models/allmod/rtl/verilog.h"

namespace allmod {

using namespace verilog;  // NOLINT: this file writes nothing else

namespace {

class Pipelined {
 public:
  Pipelined(const Datapath& datapath, const RtlOptions& options)
      : datapath_(datapath),
        design_(datapath.design()),
        options_(options),
        pipe_(options.elastic, stage_names(datapath)),
        segment_(datapath.tree_skew() > 0 ? design_.segment : datapath.design().n + 64),
        front_(std::max(1 + design_.e, datapath.pre_cycles())) {}

  RtlBody body() {
    for (unsigned s = 1; s < datapath_.stages().size(); ++s) {
      const Stage& stage = datapath_.stages()[s];
      pipe_.before(s, comment("Stage " + std::to_string(s) + ", " + stage.name + ": " + stage.what, "  "));
    }
    pipe_.before(0, comment("Stage 0, in: operand register", "  "));
    if (datapath_.groups().empty()) return without_tables();
    operand();
    leaves();
    residue();
    levels();
    post();
    return {pipe_.text(), memories_};
  }

 private:
  using Pieces = std::vector<Pipe::Id>;  // of one node, least significant first; each a stage later

  static std::vector<std::string> stage_names(const Datapath& datapath) {
    std::vector<std::string> names;
    for (const Stage& stage : datapath.stages()) names.push_back(stage.name);
    return names;
  }
  const std::string& name(unsigned stage) const { return datapath_.stages()[stage].name; }
  // Stage whose registers hold segment 0 of the nodes of a level.
  unsigned stage_of(unsigned level) const {
    return level <= design_.e ? 1 + level : front_ + level - design_.e;
  }
  unsigned pieces(unsigned bits) const { return (bits + segment_ - 1) / segment_; }
  unsigned piece_bits(unsigned bits, unsigned g) const { return std::min(segment_, bits - g * segment_); }

  RtlBody without_tables() {  // m = n: restoring steps alone
    const Pipe::Id x = pipe_.value(0, "in_r", 2 * design_.n, "in_data");
    Pipe::Id value = x;
    unsigned stage = 0;
    RestoringChain pre(pipe_, datapath_, datapath_.pre(), datapath_.pre_schedule(), value);
    for (unsigned k = 0; k < datapath_.pre_cycles(); ++k) {
      ++stage;
      pre.run(k, stage, name(stage) + "_r");
    }
    value = pre.value();
    stage = std::max(stage, front_);
    RestoringChain post(pipe_, datapath_, datapath_.post(), datapath_.post_schedule(), value);
    for (unsigned k = 0; k < datapath_.post_cycles(); ++k) {
      ++stage;
      post.run(k, stage, name(stage) + "_s");
    }
    finish(post.value(), stage);
    return {pipe_.text(), memories_};
  }

  void operand() {
    const unsigned low = design_.n + design_.m;
    residue_ = pipe_.value(0, "in_r", low, slice("in_data", 2 * design_.n, 0, low));
    for (const Group& group : datapath_.groups())
      addresses_.push_back(pipe_.value(0, "in_v" + std::to_string(group.index), group.width,
                                       slice("in_data", 2 * design_.n, group.offset, group.width)));
  }

  // Look-up. A cut table is a memory a segment, which sees the address a cycle later than the one below it.
  void leaves() {
    for (const Group& group : datapath_.groups()) {
      Pieces leaf;
      for (unsigned g = 0; g < pieces(design_.n); ++g) {
        RtlMemory memory;
        memory.name = "t" + std::to_string(group.index) + suffix(g);
        memory.depth = 1u << group.width;
        memory.address_bits = group.width;
        memory.groups = {{group.index, memory.depth}};
        memory.low = g * segment_;
        memory.bits = piece_bits(design_.n, g);
        const unsigned stage = 1 + g;
        const std::string data = memory.name + "_data";
        pipe_.before(stage, wire(data, memory.bits) +
                                memory_instance(memory, rtl_in_bram(memory.depth, memory.bits, options_),
                                                pipe_.at(addresses_[group.index], stage - 1), data));
        leaf.push_back(pipe_.value(stage, "look_up_" + memory.name, memory.bits, data));
        memories_.push_back(memory);
      }
      level_.push_back(leaf);
    }
  }

  std::string suffix(unsigned g) const { return datapath_.tree_skew() > 0 ? "_seg" + std::to_string(g) : ""; }

  void residue() {
    RestoringChain pre(pipe_, datapath_, datapath_.pre(), datapath_.pre_schedule(), residue_);
    for (unsigned k = 0; k < datapath_.pre_cycles(); ++k) pre.run(k, k + 1, name(k + 1) + "_r");
    residue_ = pre.value();
  }

  void levels() {
    const auto& tree = datapath_.tree();
    for (unsigned l = 0;; ++l) {
      if (l == design_.e) level_.push_back(joining());
      if (l + 1 == tree.size()) break;
      std::vector<Pieces> next;
      for (std::size_t i = 0; i < tree[l + 1].size(); ++i) {
        const Node& node = tree[l + 1][i];
        if (node.is_residue) continue;
        if (node.operands.size() == 1)
          next.push_back(level_[node.operands[0]]);  // waits for a partner
        else
          next.push_back(add(node, l + 1, static_cast<unsigned>(i)));
      }
      level_ = next;
    }
  }

  // The iterative result where it joins, in pieces: each waits as long as its segment of the sums does.
  Pieces joining() {
    const unsigned bits = pipe_.bits(residue_);
    if (datapath_.tree_skew() == 0) return {residue_};
    Pieces all;
    for (unsigned g = 0; g < pieces(bits); ++g)
      all.push_back(pipe_.alias(front_, "r" + suffix(g), piece_bits(bits, g),
                                slice(pipe_.at(residue_, front_), bits, g * segment_, piece_bits(bits, g))));
    return all;
  }

  // Bits [g * segment, ...) of operand i as seen by the adders whose result enters `stage`; "" beyond its
  // end.
  std::string operand_piece(unsigned i, unsigned g, unsigned stage, unsigned to) {
    if (g >= level_[i].size()) return "";
    const Pipe::Id id = level_[i][g];
    return extend(pipe_.at(id, stage - 1), pipe_.bits(id), to);
  }

  Pieces add(const Node& node, unsigned level, unsigned index) {
    Pieces sum_pieces;
    const auto operands = static_cast<unsigned>(node.operands.size());
    const unsigned carry_bits = bounds::bit_length(operands - 1);
    Pipe::Id carry = 0;
    if (design_.eager) return {add_and_reduce(node, level, index)};
    for (unsigned g = 0; g < pieces(node.bits); ++g) {
      const unsigned stage = stage_of(level) + g, width = piece_bits(node.bits, g);
      const bool last = g + 1 == pieces(node.bits);
      const unsigned to = last ? width : width + carry_bits;
      const std::string base = name_of(level) + "_n" + std::to_string(index) + suffix(g);
      std::vector<std::string> terms;
      for (const unsigned i : node.operands) {
        const std::string term = operand_piece(i, g, stage, to);
        if (!term.empty()) terms.push_back(term);
      }
      if (g > 0) terms.push_back(extend(pipe_.at(carry, stage - 1), carry_bits, to));
      if (last) {
        sum_pieces.push_back(pipe_.value(stage, base, width, sum(terms)));
        break;
      }
      pipe_.before(stage, wire(base + "_sum", to, sum(terms)));
      sum_pieces.push_back(pipe_.value(stage, base, width, slice(base + "_sum", to, 0, width)));
      carry = pipe_.value(stage, base + "_carry", carry_bits, slice(base + "_sum", to, width, carry_bits));
    }
    return sum_pieces;
  }

  std::string name_of(unsigned level) const { return "tree" + std::to_string(level); }

  // eager: both operands are below M, so one conditional subtraction is enough.
  Pipe::Id add_and_reduce(const Node& node, unsigned level, unsigned index) {
    const unsigned stage = stage_of(level), n = design_.n;
    const std::string base = name_of(level) + "_n" + std::to_string(index);
    std::vector<std::string> terms;
    for (const unsigned i : node.operands) terms.push_back(operand_piece(i, 0, stage, n + 1));
    std::string text = wire(base + "_sum", n + 1, sum(terms));
    text += wire(base + "_difference", n + 2, "{1'd0, " + base + "_sum} - {2'd0, MODULUS}");
    pipe_.before(stage, text);
    pipe_.unused(base + "_difference[" + std::to_string(n) + "]");
    const std::string bits = "[" + std::to_string(n - 1) + ":0]";
    return pipe_.value(stage, base, n,
                       base + "_difference[" + std::to_string(n + 1) + "] ? " + base + "_sum" + bits + " : " +
                           base + "_difference" + bits);
  }

  // The segments of the sum have arrived: one value again, and what is left of the restoring steps.
  void post() {
    const Pieces& pieces = level_.front();
    unsigned stage = stage_of(datapath_.levels()) + datapath_.tree_skew();
    if (datapath_.post_cycles() == 0) return finish(pieces.front(), stage);
    Pipe::Id value = pieces.front();
    if (pieces.size() > 1) {
      std::vector<std::string> parts;
      for (std::size_t g = pieces.size(); g-- > 0;) parts.push_back(pipe_.at(pieces[g], stage));
      value = pipe_.alias(stage, "sum", datapath_.tree().back().front().bits, concat(parts));
    }
    RestoringChain chain(pipe_, datapath_, datapath_.post(), datapath_.post_schedule(), value);
    for (unsigned k = 0; k < datapath_.post_cycles(); ++k) {
      ++stage;
      chain.run(k, stage, name(stage) + "_s");
    }
    finish(chain.value(), stage);
  }

  void finish(Pipe::Id y, unsigned stage) {
    pipe_.after("  assign out_data = " + extend(pipe_.at(y, stage), pipe_.bits(y), design_.n) + ";\n");
  }

  const Datapath& datapath_;
  const Design& design_;
  const RtlOptions& options_;
  Pipe pipe_;
  unsigned segment_;  // longer than every sum where adders are not cut
  unsigned front_;    // last stage in front of the join
  Pipe::Id residue_ = 0;
  std::vector<Pipe::Id> addresses_;
  std::vector<Pieces> level_;  // nodes of the present level
  std::vector<RtlMemory> memories_;
};

}  // namespace

RtlBody rtl_pipelined(const Datapath& datapath, const Modulus&, const RtlOptions& options) {
  return Pipelined(datapath, options).body();
}

}  // namespace allmod
