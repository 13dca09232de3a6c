// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/flow.h"

#include <algorithm>

namespace allmod {
namespace {

using sim::Cycle;
using sim::kNever;
using Words = std::vector<std::uint64_t>;

std::size_t words_of(unsigned bits) { return (bits + 63) / 64; }

// The bits of word w that lie at or above position `first`.
std::uint64_t from_mask(std::size_t w, unsigned first) {
  if (w < first / 64) return 0;
  return w > first / 64 ? ~std::uint64_t{0} : ~std::uint64_t{0} << (first % 64);
}

// Highest set bit at or above `first`, or -1.
int highest(const Words& v, unsigned first) {
  for (std::size_t w = v.size(); w-- > first / 64;) {
    const std::uint64_t bits = v[w] & from_mask(w, first);
    if (bits != 0) return static_cast<int>(w * 64 + 63) - __builtin_clzll(bits);
  }
  return -1;
}

// Moves the bits at or above `first` up by k; those below stay. The caller knows that none falls off the end.
void shift_up(Words& v, unsigned first, Cycle k) {
  const std::size_t word_shift = static_cast<std::size_t>(k / 64);
  const unsigned bit_shift = static_cast<unsigned>(k % 64);
  for (std::size_t w = v.size(); w-- > first / 64;) {
    std::uint64_t moved = 0;
    if (w >= word_shift) {
      const std::size_t src = w - word_shift;
      moved = (v[src] & from_mask(src, first)) << bit_shift;
      if (bit_shift != 0 && src > 0) moved |= (v[src - 1] & from_mask(src - 1, first)) >> (64 - bit_shift);
    }
    v[w] = (v[w] & ~from_mask(w, first)) | moved;
  }
}

std::vector<FlowCore> cores_of(const FlowShape& shape) {
  std::vector<FlowCore> cores;
  for (const SlowStage& slow : shape.slow) cores.push_back({slow.index, slow.cycles});
  return cores;
}

// The first stage behind the last slow one: from there on, every operand moves in every cycle if it can.
unsigned tail_of(const std::vector<FlowCore>& cores) { return cores.empty() ? 0 : cores.back().index + 1; }

// Both policies skip alike: operands of the tail move, those in slow stages grow older, nothing else moves.
Cycle quiet_cycles(const Words& v, unsigned stages, const std::vector<FlowCore>& cores) {
  Cycle quiet = kNever;
  for (const FlowCore& core : cores) {
    if (core.left > 0) quiet = std::min(quiet, core.left);
  }
  // Until the foremost operand of the tail stands in the last stage.
  const int front = highest(v, tail_of(cores));
  return front < 0 ? quiet : std::min<Cycle>(quiet, stages - 1 - static_cast<unsigned>(front));
}

void skip_cycles(Words& v, std::vector<FlowCore>& cores, Cycle cycles) {
  shift_up(v, tail_of(cores), cycles);
  for (FlowCore& core : cores) core.left -= std::min(core.left, cycles);
}

}  // namespace

ElasticFlow::ElasticFlow(const FlowShape& shape)
    : stages_(shape.stages),
      cores_(cores_of(shape)),
      top_mask_(~std::uint64_t{0} >> ((64 - shape.stages % 64) % 64)),
      one_(words_of(shape.stages)),
      two_(words_of(shape.stages)),
      moves_(words_of(shape.stages)) {}

void ElasticFlow::reset() {
  std::fill(one_.begin(), one_.end(), 0);
  std::fill(two_.begin(), two_.end(), 0);
  for (FlowCore& core : cores_) core.left = 0, core.busy = false;
  held_ = 0;
  doubled_ = false;
}

std::uint64_t ElasticFlow::moves(std::size_t w, bool out) const {
  // An operand moves if the next stage had room at the start of the cycle; the last one moves when taken.
  const bool last = w + 1 == one_.size();
  const std::uint64_t next_full = (two_[w] >> 1) | (last ? 0 : two_[w + 1] << 63);
  std::uint64_t m = one_[w] & ~next_full;
  if (last) {
    const std::uint64_t exit = std::uint64_t{1} << ((stages_ - 1) % 64);
    if (!out) m &= ~exit;
  }
  for (const FlowCore& core : cores_) {
    if (core.left > 0 && w == core.index / 64) m &= ~(std::uint64_t{1} << (core.index % 64));
  }
  return m;
}

void ElasticFlow::step(bool in, bool out) {
  const std::size_t words = one_.size();
  for (std::size_t w = 0; w < words; ++w) moves_[w] = moves(w, out);
  std::uint64_t carry = in ? 1 : 0;
  std::uint64_t any_two = 0;
  for (std::size_t w = 0; w < words; ++w) {
    const std::uint64_t pop = moves_[w];
    std::uint64_t push = (pop << 1) | carry;
    if (w + 1 == words) push &= top_mask_;
    carry = pop >> 63;
    const std::uint64_t pop_only = pop & ~push;
    const std::uint64_t push_only = push & ~pop;
    const std::uint64_t one = one_[w];
    const std::uint64_t two = two_[w];
    one_[w] = (one & ~(pop_only & ~two)) | push_only;
    two_[w] = (two & ~pop_only) | (push_only & one);
    any_two |= two_[w];
  }
  held_ += (in ? 1u : 0u) - (out ? 1u : 0u);
  doubled_ = any_two != 0;
  // The next operand's service starts in the cycle after the last one left, or after it arrived itself.
  for (FlowCore& core : cores_) {
    if (core.left > 0) {
      --core.left;
    } else if (bit(one_, core.index) && (bit(moves_, core.index) || !core.busy)) {
      core.left = core.cycles - 1;
    }
    core.busy = bit(one_, core.index);
  }
}

bool ElasticFlow::still() const {
  for (const FlowCore& core : cores_) {
    if (core.left > 0) return false;
  }
  for (std::size_t w = 0; w < one_.size(); ++w) {
    if (moves(w, false) != 0) return false;
  }
  return true;
}

Cycle ElasticFlow::quiet() const {
  const unsigned tail = tail_of(cores_);
  if (doubled_ && highest(two_, tail) >= 0) return 0;
  for (std::size_t w = 0; w * 64 < tail; ++w) {
    if ((moves(w, false) & ~from_mask(w, tail)) != 0) return 0;
  }
  return quiet_cycles(one_, stages_, cores_);
}

void ElasticFlow::skip(Cycle cycles) { skip_cycles(one_, cores_, cycles); }

GlobalFlow::GlobalFlow(const FlowShape& shape)
    : stages_(shape.stages), cores_(cores_of(shape)), valid_(words_of(shape.stages)) {}

void GlobalFlow::reset() {
  std::fill(valid_.begin(), valid_.end(), 0);
  for (FlowCore& core : cores_) core.left = 0;
  held_ = 0;
}

void GlobalFlow::set(unsigned i, bool v) {
  const std::uint64_t mask = std::uint64_t{1} << (i % 64);
  valid_[i / 64] = v ? valid_[i / 64] | mask : valid_[i / 64] & ~mask;
}

bool GlobalFlow::enters(unsigned i) const {
  for (const FlowCore& core : cores_) {
    for (; i <= core.index; ++i) {
      if (!bit(i)) return true;
      if (i == core.index && core.left > 0) return false;
    }
  }
  return true;
}

void GlobalFlow::step(bool in, bool out) {
  if (out_valid() && !out) return;  // the clock enable is off: nothing enters, moves or grows older
  held_ += (in ? 1u : 0u) - (out ? 1u : 0u);
  if (out) set(stages_ - 1, false);
  const unsigned tail = tail_of(cores_);
  shift_up(valid_, tail, 1);
  std::size_t next_core = cores_.size();  // of the stage behind the present one
  std::size_t here = cores_.size();
  for (unsigned i = tail; i-- > 0;) {  // the foremost first
    next_core = here;
    here = cores_.size();
    for (std::size_t k = 0; k < cores_.size(); ++k) {
      if (cores_[k].index == i) here = k;
    }
    if (!bit(i)) continue;
    if (here < cores_.size() && cores_[here].left > 0) {
      --cores_[here].left;
    } else if (!bit(i + 1)) {
      set(i, false);
      set(i + 1, true);
      if (next_core < cores_.size()) cores_[next_core].left = cores_[next_core].cycles - 1;
    }
  }
  if (!in) return;
  set(0, true);
  if (here < cores_.size()) cores_[here].left = cores_[here].cycles - 1;
}

Cycle GlobalFlow::quiet() const {
  unsigned i = 0;
  for (const FlowCore& core : cores_) {
    for (; i <= core.index; ++i) {
      const bool serving = i == core.index && core.left > 0;
      if (bit(i) && !serving && (i == cores_.back().index || !bit(i + 1))) return 0;
    }
  }
  return quiet_cycles(valid_, stages_, cores_);
}

void GlobalFlow::skip(Cycle cycles) { skip_cycles(valid_, cores_, cycles); }

}  // namespace allmod
