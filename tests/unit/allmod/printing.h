// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// How GoogleTest shows GMP integers and designs (found in the namespaces of their types).
#pragma once

#include <ostream>

#include <gmpxx.h>

#include "models/allmod/function/design.h"

inline void PrintTo(const mpz_class& value, std::ostream* out) { *out << "0x" << value.get_str(16); }

namespace allmod {

inline void PrintTo(const Design& d, std::ostream* out) {
  *out << form_word(d.form) << " n=" << d.n << " w=" << d.w << " m=" << d.m << " p=" << d.p << " e=" << d.e
       << " r=" << d.r << " rho=" << d.rho << " segment=" << d.segment << " t=" << d.t << " u=" << d.u
       << " eager=" << d.eager << " digit=" << d.multiplier.digit << " karatsuba=" << d.multiplier.karatsuba;
}

}  // namespace allmod
