// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/numeric/float16.h"

#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace workload {
namespace {

constexpr std::uint32_t kExponentBias = 127 - 15;

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

float float_of(std::uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// bits >> shift, rounded to nearest, ties to even; shift 1 .. 31.
std::uint32_t shift_to_even(std::uint32_t bits, unsigned shift) {
  const std::uint32_t half = 1U << (shift - 1);
  const std::uint32_t odd = (bits >> shift) & 1U;
  return (bits + half - 1 + odd) >> shift;
}

#if defined(__x86_64__)
__attribute__((target("avx,f16c"))) std::size_t widen_f16c(const Float16* in, std::size_t count, float* out) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i))));
  return i;
}

__attribute__((target("avx,f16c"))) std::size_t narrow_f16c(const float* in, std::size_t count,
                                                            Float16* out) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i),
                     _mm256_cvtps_ph(_mm256_loadu_ps(in + i), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  return i;
}
#endif

}  // namespace

float to_float(Float16 bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1fU;
  const std::uint32_t fraction = bits & 0x3ffU;
  if (exponent == 31) {
    const std::uint32_t quiet = fraction != 0 ? 0x400000U : 0;
    return float_of(sign | 0x7f800000U | quiet | (fraction << 13));
  }
  if (exponent != 0) return float_of(sign | ((exponent + kExponentBias) << 23) | (fraction << 13));
  const float magnitude = static_cast<float>(fraction) * 0x1p-24F;  // subnormal or zero: exact
  return float_of(sign | bits_of(magnitude));
}

Float16 to_float16(float value) {
  const std::uint32_t bits = bits_of(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  std::uint32_t half = 0;
  if (magnitude > 0x7f800000U) {
    half = 0x7e00U | ((magnitude >> 13) & 0x3ffU);  // NaN
  } else if (magnitude >= 0x47800000U) {
    half = 0x7c00U;  // 65536 and above, infinity
  } else if (magnitude >= 0x38800000U) {
    half = shift_to_even(magnitude - (kExponentBias << 23),
                         13);  // normal; may carry into infinity, as it should
  } else if (magnitude >= 0x33000000U) {
    const unsigned exponent = magnitude >> 23;  // 102 .. 112: subnormal, or rounded up to the smallest
    half = shift_to_even((magnitude & 0x7fffffU) | 0x800000U, 126 - exponent);
  }
  return static_cast<Float16>(sign | half);
}

Float16 to_float16_saturated(float value) {
  const Float16 bits = to_float16(value);
  return (bits & 0x7fffU) == 0x7c00U ? static_cast<Float16>(bits - 1) : bits;
}

void to_float(const Float16* in, std::size_t count, float* out, SimdLevel level) {
  std::size_t done = 0;
#if defined(__x86_64__)
  if (level != SimdLevel::portable) done = widen_f16c(in, count, out);
#else
  static_cast<void>(level);
#endif
  for (std::size_t i = done; i < count; ++i) out[i] = to_float(in[i]);
}

void to_float16(const float* in, std::size_t count, Float16* out, SimdLevel level) {
  std::size_t done = 0;
#if defined(__x86_64__)
  if (level != SimdLevel::portable) done = narrow_f16c(in, count, out);
#else
  static_cast<void>(level);
#endif
  for (std::size_t i = done; i < count; ++i) out[i] = to_float16(in[i]);
}

}  // namespace workload
