// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/kernel.h"

#include <algorithm>

#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/width.h"

namespace allmod {

namespace {

// Bits [from, from + 64) of `value`; the limb above the one that holds `from` must exist.
inline Limb bits_from(const Limb* value, std::size_t from) {
  const std::size_t shift = from % kLimbBits;
  return (value[from / kLimbBits] >> shift) | ((value[from / kLimbBits + 1] << 1) << (63 - shift));
}

// Address of group i: w bits at i * w of the high part.
template <unsigned W>
inline std::size_t address(const Limb* high, std::size_t i, std::size_t w) {
  if constexpr (W == 8 && kLittleEndian) {
    return reinterpret_cast<const unsigned char*>(high)[i];
  } else {
    return bits_from(high, i * w) & ((Limb{1} << w) - 1);
  }
}

template <class Width, unsigned W, bool kAhead>
class Run {
 public:
  explicit Run(Program& program)
      : p_(program),
        width_(program.n_limbs, program.sum_limbs),
        block_(program.block),
        shifted_(program.shifted),
        nodes_(program.nodes.data()),
        residue_(program.residue.data()),
        work_(program.work.data()),
        groups_(program.groups),
        levels_(program.levels),
        e_(program.e) {}

  void pipelined(const Batch& batch, Counters& counters) {
    Limb* high = p_.high.data();
    Limb* next = high + p_.high_limbs + 2;
    if (kAhead && batch.count > 0) split_high(batch.xs, next);
    for (std::size_t k = 0; k < batch.count; ++k) {
      const Limb* x = batch.xs + k * batch.x_stride;
      split_low(x);
      if constexpr (kAhead) {
        std::swap(high, next);
        split_high(k + 1 < batch.count ? x + batch.x_stride : x, next);
      } else {
        split_high(x, high);
      }
      pre();
      Limb* sum = tree(high, next);
      const bool extra = post(sum, p_.post_steps);
      counters.extra_adjustments += extra;
      Limb* y = batch.ys + k * batch.y_stride;
      for (std::size_t i = 0; i < width_.n(); ++i) y[i] = sum[i];
    }
    counters.reductions += batch.count;
  }

  // Eager adders, serial and iterative cores.
  template <class Sum>
  void each(const Batch& batch, Counters& counters, Sum&& sum_of) {
    Limb* high = p_.high.data();
    for (std::size_t k = 0; k < batch.count; ++k) {
      const Limb* x = batch.xs + k * batch.x_stride;
      split_low(x);
      split_high(x, high);
      pre();
      Limb* sum = sum_of(high);
      const bool extra = post(sum, p_.post_steps);
      counters.extra_adjustments += extra;
      Limb* y = batch.ys + k * batch.y_stride;
      for (std::size_t i = 0; i < width_.n(); ++i) y[i] = sum[i];
    }
    counters.reductions += batch.count;
  }
  void eager(const Batch& batch, Counters& counters) {
    each(batch, counters, [this](const Limb* high) { return eager_tree(high); });
  }
  void serial(const Batch& batch, Counters& counters) {
    each(batch, counters, [this](const Limb* high) { return accumulate(high); });
  }

  void serial_template(const Batch& batch, Counters& counters) {
    Limb* high = p_.high.data();
    for (std::size_t k = 0; k < batch.count; ++k) {
      const Limb* x = batch.xs + k * batch.x_stride;
      split_low(x);
      split_high(x, high);
      pre();
      Limb* sum = fuse(high);
      Limb* y = batch.ys + k * batch.y_stride;
      counters.extra_adjustments +=
          p_.form == Form::template_ ? post(sum, p_.post_steps) : adjust_as_drawn(sum);
      std::copy(sum, sum + width_.n(), y);
    }
    counters.reductions += batch.count;
  }

 private:
  const Limb* entry(const Limb* high, std::size_t i) const {
    return block_ + ((i << w()) + address<W>(high, i, p_.w)) * width_.n();
  }
  std::size_t w() const { return W == 0 ? p_.w : W; }

  void fetch(const Limb* high, std::size_t i) const {
    if constexpr (kAhead) {
      const Limb* line = entry(high, i);
      for (std::size_t limb = 0; limb < width_.n(); limb += 8) prefetch(line + limb);
    }
  }

  // R = X mod 2^low_bits, with zero limbs above.
  void split_low(const Limb* x) {
    Limb* r = residue_;
    for (std::size_t i = 0; i < p_.low_limbs; ++i) r[i] = x[i];
    if (const std::size_t rest = p_.low_bits % kLimbBits; rest != 0)
      r[p_.low_limbs - 1] &= (Limb{1} << rest) - 1;
  }

  // X >> low_bits.
  void split_high(const Limb* x, Limb* high) const {
    const std::size_t from = p_.low_bits / kLimbBits, shift = p_.low_bits % kLimbBits;
    const std::size_t count = p_.high_limbs;
    if (shift == 0) {
      for (std::size_t i = 0; i < count; ++i) high[i] = x[from + i];
      return;
    }
    Limb low = count > 0 ? x[from] : 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Limb above = from + i + 1 < p_.x_limbs ? x[from + i + 1] : 0;
      high[i] = (low >> shift) | (above << (kLimbBits - shift));
      low = above;
    }
  }

  void pre() {
    for (std::size_t s = 0, j = p_.pre_first_j; s < p_.pre_steps; ++s, --j)
      width_.restore_window(residue_ + j / kLimbBits, shifted(j), work_);
  }

  // Returns whether the sum was >= 3M: whether the steps took away more than 2M.
  bool post(Limb* sum, std::size_t steps) {
    Limb above = 0, two = 0, one = 0;
    for (std::size_t j = steps; j-- > 0;) {
      Limb taken;
      if constexpr (Width::kFixed)
        taken = width_.restore_sum(sum, shifted(j), work_);
      else
        taken = width_.restore_window(sum + j / kLimbBits, shifted(j), work_);
      above |= two, two = one, one = taken;
    }
    return (above | (two & one)) != 0;
  }

  const Limb* shifted(std::size_t j) const { return shifted_ + (j % kLimbBits) * (width_.n() + 1); }

  Limb* node(std::size_t i) const { return nodes_ + i * width_.s(); }

  Limb* tree(const Limb* high, const Limb* next) {
    if (groups_ == 0) return residue_;
    std::size_t count = p_.rho == 2 ? first_level_of_pairs(high, next) : first_level(high, next);
    for (std::size_t level = 1;; ++level) {
      if (level == e_) width_.copy(node(count++), residue_);
      if (level == levels_) return node(0);
      count = p_.rho == 2 ? add_pairs(count) : add_chunks(count);
    }
  }

  // Level 1: adders fed by the tables, and by R when it joins at level 0.
  std::size_t first_level_of_pairs(const Limb* high, const Limb* next) {
    const std::size_t pairs = groups_ / 2;
    for (std::size_t i = 0; i < pairs; ++i) {
      fetch(next, 2 * i);
      fetch(next, 2 * i + 1);
      width_.add_entries(node(i), entry(high, 2 * i), entry(high, 2 * i + 1));
    }
    const Limb* r = residue_;
    if (groups_ % 2 != 0) {
      fetch(next, groups_ - 1);
      const Limb* last = entry(high, groups_ - 1);
      if (e_ == 0)
        width_.add_entry(node(pairs), r, last);
      else
        width_.widen(node(pairs), last);
      return pairs + 1;
    }
    if (e_ == 0) {
      width_.copy(node(pairs), r);
      return pairs + 1;
    }
    return pairs;
  }

  std::size_t first_level(const Limb* high, const Limb* next) {
    const std::size_t count = groups_ + (e_ == 0 ? 1 : 0);
    std::size_t out = 0;
    for (std::size_t i = 0; i < count; ++out) {
      Limb* sum = node(out);
      const std::size_t end = std::min(count, i + p_.rho);
      // R, where it is here, is the last operand; a sum may start with it, additions commute exactly.
      const bool with_r = end > groups_;
      if (with_r) {
        width_.copy(sum, residue_);
      } else {
        fetch(next, i);
        width_.widen(sum, entry(high, i++));
      }
      for (; i < end - with_r; ++i) {
        fetch(next, i);
        width_.add_entry(sum, sum, entry(high, i));
      }
      i = end;
    }
    return out;
  }

  std::size_t add_pairs(std::size_t count) {
    const std::size_t pairs = count / 2;
    for (std::size_t i = 0; i < pairs; ++i) width_.add(node(i), node(2 * i), node(2 * i + 1));
    if (count % 2 != 0) width_.copy(node(pairs), node(count - 1));
    return (count + 1) / 2;
  }

  std::size_t add_chunks(std::size_t count) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < count; i += p_.rho, ++out) {
      if (out != i) width_.copy(node(out), node(i));
      for (std::size_t k = i + 1; k < std::min(count, i + p_.rho); ++k)
        width_.add(node(out), node(out), node(k));
    }
    return out;
  }

  // One sum after the other, as the serial core's adder makes them; the low part comes first where the
  // corrector overlaps, and last otherwise.
  Limb* accumulate(const Limb* high) {
    if (groups_ == 0) return residue_;
    Limb* acc = node(0);
    const bool first = p_.overlapped;
    if (first)
      width_.add_entry(acc, residue_, entry(high, 0));
    else
      width_.widen(acc, entry(high, 0));
    for (std::size_t i = 1; i < groups_; ++i) width_.add_entry(acc, acc, entry(high, i));
    if (!first) width_.add(acc, acc, residue_);
    return acc;
  }

  // Every sum of two values below M is reduced at once.
  Limb* eager_tree(const Limb* high) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < groups_; ++i) width_.widen(node(count++), entry(high, i));
    for (std::size_t level = 0;; ++level) {
      if (level == e_) width_.copy(node(count++), residue_);
      if (level == levels_) return node(0);
      const std::size_t pairs = count / 2;
      for (std::size_t i = 0; i < pairs; ++i) {
        width_.add(node(i), node(2 * i), node(2 * i + 1));
        width_.restore_window(node(i), shifted(0), work_);
      }
      if (count % 2 != 0) width_.copy(node(pairs), node(count - 1));
      count = (count + 1) / 2;
    }
  }

  // The template's accumulator, overflow look-up and fusion adder.
  Limb* fuse(const Limb* high) {
    Limb* acc = node(0);
    std::fill(acc, acc + width_.s(), Limb{0});
    for (std::size_t i = 0; i < groups_; ++i) width_.add_entry(acc, acc, entry(high, i));
    const std::size_t at = p_.n / kLimbBits, shift = p_.n % kLimbBits;
    std::size_t v = 0;
    if (at < width_.s()) {
      v = acc[at] >> shift;
      if (shift != 0 && at + 1 < width_.s()) v |= acc[at + 1] << (kLimbBits - shift);
      acc[at] &= (Limb{1} << shift) - 1;
      for (std::size_t i = at + 1; i < width_.s(); ++i) acc[i] = 0;
    }
    width_.add_entry(acc, acc, p_.overflow + v * width_.n());
    width_.add(acc, acc, residue_);
    return acc;
  }

  // x, x - M or x - 2M; the low n bits of it. Returns whether x was >= 3M.
  bool adjust_as_drawn(Limb* x) {
    const Limb twice = width_.restore_window(x, shifted(1), work_);
    const bool wrong =
        twice != 0 && width_.restore_window(std::copy(x, x + width_.n() + 1, node(1)) - width_.n() - 1,
                                            shifted(0), work_) != 0;
    if (twice == 0) width_.restore_window(x, shifted(0), work_);
    if (const std::size_t rest = p_.n % kLimbBits; rest != 0) x[p_.n_limbs - 1] &= (Limb{1} << rest) - 1;
    return wrong;
  }

  Program& p_;
  const Width width_;
  // Copies, so that the stores of limbs are not thought to change them.
  const Limb* const block_;
  const Limb* const shifted_;
  Limb* const nodes_;
  Limb* const residue_;
  Limb* const work_;
  const std::size_t groups_, levels_, e_;
};

template <class Width, unsigned W, bool kAhead>
void run(Program& program, const Batch& batch, Counters& counters) {
  Run<Width, W, kAhead> run(program);
  if (program.form == Form::pipelined)
    run.pipelined(batch, counters);
  else
    run.serial_template(batch, counters);
}

// Forms whose speed hangs on their additions: one code for every w.
template <class Width>
void run_each(Program& program, const Batch& batch, Counters& counters) {
  Run<Width, 0, false> run(program);
  if (program.eager)
    run.eager(batch, counters);
  else
    run.serial(batch, counters);
}

template <class Width>
Kernel choose_addressing(const Program& program) {
  if (program.eager || program.form == Form::serial || program.form == Form::iterative)
    return run_each<Width>;
  if (program.w == 8) return program.ahead ? run<Width, 8, true> : run<Width, 8, false>;
  return program.ahead ? run<Width, 0, true> : run<Width, 0, false>;
}

template <std::size_t N>
Kernel choose_sum(const Program& program) {
  return program.sum_limbs == N ? choose_addressing<FixedWidth<N, N>>(program)
                                : choose_addressing<FixedWidth<N, N + 1>>(program);
}

}  // namespace

Kernel choose_kernel(Program& program, bool any_width) {
  if (has_multiplier(program.form)) return run_products;
  const bool narrow = program.sum_limbs <= program.n_limbs + 1 && program.post_steps < kLimbBits;
  if (narrow && !any_width) {
    switch (program.n_limbs) {
      case 1:
        return choose_sum<1>(program);
      case 2:
        return choose_sum<2>(program);
      case 3:
        return choose_sum<3>(program);
      case 4:
        return choose_sum<4>(program);
      case 6:
        return choose_sum<6>(program);
      case 7:
        return choose_sum<7>(program);
      case 8:
        return choose_sum<8>(program);
      case 16:
        return choose_sum<16>(program);
      default:
        break;
    }
  }
  if (program.post_steps > 0)
    program.sum_limbs =
        std::max(program.sum_limbs, (program.post_steps - 1) / kLimbBits + program.n_limbs + 1);
  return choose_addressing<AnyWidth>(program);
}

}  // namespace allmod
