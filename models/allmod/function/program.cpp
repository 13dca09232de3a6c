// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/kernel.h"

namespace allmod {

namespace {

constexpr std::size_t kNearCacheBytes = 512 * 1024;

}  // namespace

Program::Program(const Datapath& datapath, const Tables& contents) : path(&datapath) {
  const Design& d = datapath.design();
  form = d.form, eager = d.eager && d.form == Form::pipelined, overlapped = is_overlapped(d);
  n = d.n, w = d.w, rho = d.rho, e = d.e;
  groups = datapath.groups().size();
  levels = datapath.levels();
  pre_first_j = d.m, pre_steps = datapath.pre().size(), post_steps = datapath.post_steps();
  low_bits = d.n + d.m;
  n_limbs = datapath.n_limbs();
  // The last steps compare with M << (J - 1): room for n + J bits, also where the sum itself is shorter.
  sum_limbs = std::max(datapath.sum_limbs(), limbs_for(static_cast<unsigned>(n + post_steps)));
  if (form != Form::pipelined || eager) sum_limbs = std::max(sum_limbs, datapath.n_limbs() + 1);
  x_limbs = datapath.x_limbs();
  low_limbs = limbs_for(d.n + d.m);
  high_limbs = limbs_for(d.n - d.m);
  ahead = table_bytes(d) > kNearCacheBytes && form == Form::pipelined && !eager;

  // A step works on n_limbs + 1 limbs from limb j / 64 on.
  const std::size_t widest = std::max(sum_limbs, post_steps / kLimbBits + n_limbs + 1);
  high.assign(2 * (high_limbs + 2), 0);
  residue.assign(std::max(widest, low_limbs) + n_limbs + 2, 0);
  nodes.assign((eager ? groups + 2 : (groups + rho) / rho + 2) * widest, 0);
  work.assign(n_limbs + 1, 0);
  use(contents);
}

void Program::use(const Tables& contents) {
  tables = &contents;
  if (!contents.built()) return;
  block = contents.block();
  overflow = contents.overflow(0);
  shifted = contents.shifted_modulus(0);
}

}  // namespace allmod
