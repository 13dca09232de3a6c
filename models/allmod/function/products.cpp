// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/products.h"

#include <algorithm>

#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/kernel.h"
#include "models/allmod/function/limbs.h"

namespace allmod {

Products::Products(const Datapath& datapath)
    : datapath_(datapath), operand_(datapath.x_limbs() + 2), product_(2 * datapath.x_limbs() + 4) {}

void Products::run(std::size_t to, const Tables& tables, const Limb* in, Limb* out) {
  if (datapath_.design().form == Form::barrett)
    barrett(to, tables, in, out);
  else
    montgomery(to, tables, in, out);
}

void Products::multiply(const Limb* a, std::size_t a_limbs, const std::vector<Limb>& b, unsigned bits,
                        Limb* out) {
  if (a_limbs >= b.size())
    mpn_mul(product_.data(), a, mp_size(a_limbs), b.data(), mp_size(b.size()));
  else
    mpn_mul(product_.data(), b.data(), mp_size(b.size()), a, mp_size(a_limbs));
  low_bits(out, limbs_for(bits), product_.data(), a_limbs + b.size(), bits);
}

void Products::barrett(std::size_t to, const Tables& tables, const Limb* in, Limb* out) {
  const unsigned n = datapath_.design().n;
  const std::size_t x_limbs = limbs_of(to - 1, 0), kept = limbs_for(n + 2);
  if (to == 1) {  // x mod 2^(n+2), and floor(x / 2^(n-1)) times the reciprocal
    low_bits(out, kept, in, x_limbs, n + 2);
    const std::size_t count = limbs_for(n + 1);
    shift_right(operand_.data(), count, in, x_limbs, n - 1);
    multiply(operand_.data(), count, tables.reciprocal(), 2 * n + 2, out + kept);
  } else if (to == 2) {  // the estimate of the quotient times M
    std::copy_n(in, kept, out);
    const std::size_t count = limbs_for(n + 1);
    shift_right(operand_.data(), count, in + kept, limbs_of(1, 1), n + 1);
    multiply(operand_.data(), count, tables.modulus().limbs(), n + 2, out + kept);
  } else {
    mpn_sub_n(out, in, in + kept, mp_size(kept));
    mask_bits(out, kept, n + 2);
  }
}

void Products::montgomery(std::size_t to, const Tables& tables, const Limb* in, Limb* out) {
  const unsigned n = datapath_.design().n;
  const std::size_t x_limbs = limbs_of(to - 1, 0), n_limbs = datapath_.n_limbs();
  if (to == 4) return multiply(in, x_limbs, tables.square(), 2 * n + 1, out);
  if (to == 3 || to == 7) {  // (x + p) / 2^n: the low n bits cancel
    operand_[x_limbs] =
        mpn_add(operand_.data(), in, mp_size(x_limbs), in + x_limbs, mp_size(limbs_of(to - 1, 1)));
    return shift_right(out, limbs_of(to, 0), operand_.data(), x_limbs + 1, n);
  }
  std::copy_n(in, x_limbs, out);
  if (to == 1 || to == 5) {  // (x mod 2^n) M' mod 2^n
    low_bits(operand_.data(), n_limbs, in, x_limbs, n);
    multiply(operand_.data(), n_limbs, tables.reciprocal(), n, out + x_limbs);
  } else {
    multiply(in + x_limbs, n_limbs, tables.modulus().limbs(), 2 * n, out + x_limbs);
  }
}

void run_products(Program& program, const Batch& batch, Counters& counters) {
  const Datapath& datapath = *program.path;
  Products products(datapath);
  const std::size_t room = datapath.token_limbs() + program.n_limbs + 2;
  std::vector<Limb> a(room), b(room), work(program.n_limbs + 1);
  for (std::size_t k = 0; k < batch.count; ++k) {
    std::copy_n(batch.xs + k * batch.x_stride, program.x_limbs, a.begin());
    for (std::size_t phase = 1; phase < datapath.phases().size(); ++phase) {
      products.run(phase, *program.tables, a.data(), b.data());
      std::swap(a, b);
    }
    std::fill(a.begin() + static_cast<std::ptrdiff_t>(datapath.sum_limbs()), a.end(), Limb{0});
    for (const Step& step : datapath.post()) {
      const Limb* multiple = program.shifted + step.j * (program.n_limbs + 1);  // j < 64
      if (mpn_sub_n(work.data(), a.data(), multiple, mp_size(work.size())) == 0)
        std::copy(work.begin(), work.end(), a.begin());
    }
    std::copy_n(a.begin(), program.n_limbs, batch.ys + k * batch.y_stride);
  }
  counters.reductions += batch.count;
}

void run_division(Program& program, const Batch& batch, Counters& counters) {
  program.quotient.resize(program.x_limbs - program.n_limbs + 1);
  const Limb* m = program.tables->modulus().limbs().data();
  const auto x_limbs = mp_size(program.x_limbs), n_limbs = mp_size(program.n_limbs);
  for (std::size_t k = 0; k < batch.count; ++k)
    mpn_tdiv_qr(program.quotient.data(), batch.ys + k * batch.y_stride, 0, batch.xs + k * batch.x_stride,
                x_limbs, m, n_limbs);
  counters.reductions += batch.count;
}

}  // namespace allmod
