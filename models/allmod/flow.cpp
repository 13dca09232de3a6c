// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/flow.h"

#include <algorithm>

namespace allmod {
namespace {

using sim::Cycle;
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

bool any_below(const Words& v, unsigned end) {
  for (std::size_t w = 0; w * 64 < end; ++w) {
    if ((v[w] & ~from_mask(w, end)) != 0) return true;
  }
  return false;
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

// Cycles until the foremost operand behind the core stands in the last stage; kNever if there is none.
Cycle tail_distance(const Words& v, const FlowShape& shape) {
  const unsigned first = shape.core_cycles > 1 ? shape.core + 1 : 0;
  const int front = highest(v, first);
  return front < 0 ? sim::kNever : shape.stages - 1 - static_cast<unsigned>(front);
}

// Both policies skip alike: operands behind the core move, the one in it grows older, none stands before it.
Cycle quiet_cycles(const Words& v, const FlowShape& shape, Cycle core_left) {
  if (shape.core_cycles == 1) return tail_distance(v, shape);
  if (any_below(v, shape.core)) return 0;
  const bool in_core = (v[shape.core / 64] >> (shape.core % 64)) & 1;
  return std::min(tail_distance(v, shape), in_core ? core_left : sim::kNever);
}

void skip_cycles(Words& v, const FlowShape& shape, Cycle& core_left, Cycle cycles) {
  shift_up(v, shape.core_cycles > 1 ? shape.core + 1 : 0, cycles);
  core_left -= std::min(core_left, cycles);
}

}  // namespace

ElasticFlow::ElasticFlow(const FlowShape& shape)
    : shape_(shape),
      top_mask_(~std::uint64_t{0} >> ((64 - shape.stages % 64) % 64)),
      one_(words_of(shape.stages)),
      two_(words_of(shape.stages)),
      moves_(words_of(shape.stages)) {}

void ElasticFlow::reset() {
  std::fill(one_.begin(), one_.end(), 0);
  std::fill(two_.begin(), two_.end(), 0);
  core_left_ = 0;
  held_ = 0;
  doubled_ = false;
  core_busy_ = false;
}

std::uint64_t ElasticFlow::moves(std::size_t w, bool out) const {
  // An operand moves if the next stage had room at the start of the cycle; the last one moves when taken.
  const bool last = w + 1 == one_.size();
  const std::uint64_t next_full = (two_[w] >> 1) | (last ? 0 : two_[w + 1] << 63);
  std::uint64_t m = one_[w] & ~next_full;
  if (last) {
    const std::uint64_t exit = std::uint64_t{1} << ((shape_.stages - 1) % 64);
    if (!out) m &= ~exit;
  }
  if (core_left_ > 0 && w == shape_.core / 64) m &= ~(std::uint64_t{1} << (shape_.core % 64));
  return m;
}

void ElasticFlow::step(bool in, bool out) {
  const std::size_t words = one_.size();
  for (std::size_t w = 0; w < words; ++w) moves_[w] = moves(w, out);
  const bool core_moved = bit(moves_, shape_.core);
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
  if (shape_.core_cycles == 1) return;
  // The next operand's service starts in the cycle after the last one left, or after it arrived itself.
  if (core_left_ > 0) {
    --core_left_;
  } else if (bit(one_, shape_.core) && (core_moved || !core_busy_)) {
    core_left_ = shape_.core_cycles - 1;
  }
  core_busy_ = bit(one_, shape_.core);
}

bool ElasticFlow::still() const {
  if (core_left_ > 0) return false;
  for (std::size_t w = 0; w < one_.size(); ++w) {
    if (moves(w, false) != 0) return false;
  }
  return true;
}

Cycle ElasticFlow::quiet() const { return doubled_ ? 0 : quiet_cycles(one_, shape_, core_left_); }

void ElasticFlow::skip(Cycle cycles) { skip_cycles(one_, shape_, core_left_, cycles); }

GlobalFlow::GlobalFlow(const FlowShape& shape) : shape_(shape), valid_(words_of(shape.stages)) {}

void GlobalFlow::reset() {
  std::fill(valid_.begin(), valid_.end(), 0);
  core_left_ = 0;
  held_ = 0;
}

void GlobalFlow::set(unsigned i, bool v) {
  const std::uint64_t mask = std::uint64_t{1} << (i % 64);
  valid_[i / 64] = v ? valid_[i / 64] | mask : valid_[i / 64] & ~mask;
}

bool GlobalFlow::enters(unsigned i) const {
  if (shape_.core_cycles == 1) return true;
  for (; i < shape_.core; ++i) {
    if (!bit(i)) return true;
  }
  return i > shape_.core || !bit(shape_.core) || core_left_ == 0;
}

void GlobalFlow::step(bool in, bool out) {
  if (out_valid() && !out) return;  // the clock enable is off: nothing enters, moves or grows older
  held_ += (in ? 1u : 0u) - (out ? 1u : 0u);
  if (out) set(shape_.stages - 1, false);
  if (shape_.core_cycles == 1) {
    shift_up(valid_, 0, 1);
    set(0, in);
    return;
  }
  const bool leaves_core = bit(shape_.core) && core_left_ == 0;
  shift_up(valid_, shape_.core + 1, 1);
  if (core_left_ > 0) --core_left_;
  if (leaves_core) {
    set(shape_.core, false);
    set(shape_.core + 1, true);
  }
  for (unsigned i = shape_.core; i-- > 0;) {  // stages before the core, the foremost first
    if (!bit(i) || bit(i + 1)) continue;
    set(i, false);
    set(i + 1, true);
    if (i + 1 == shape_.core) core_left_ = shape_.core_cycles - 1;
  }
  if (!in) return;
  set(0, true);
  if (shape_.core == 0) core_left_ = shape_.core_cycles - 1;
}

Cycle GlobalFlow::quiet() const { return quiet_cycles(valid_, shape_, core_left_); }

void GlobalFlow::skip(Cycle cycles) { skip_cycles(valid_, shape_, core_left_, cycles); }

}  // namespace allmod
