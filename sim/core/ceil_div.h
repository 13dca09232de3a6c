// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <type_traits>

namespace sim {

/// The least integer not below a / b, of unsigned numbers; b is not 0. No intermediate value overflows.
template <class A, class B>
constexpr std::common_type_t<A, B> ceil_div(A a, B b) {
  return a / b + (a % b != 0);
}

}  // namespace sim
