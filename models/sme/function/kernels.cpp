// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/kernels.h"

namespace sme {

const Kernels& kernels(workload::SimdLevel level) {
  static const Kernels portable{tile_product_portable, clipped_part_portable, "portable"};
#if defined(__x86_64__)
  static const Kernels avx2{tile_product_avx2, clipped_part_avx2, "avx2"};
  static const Kernels avx512{tile_product_avx512, clipped_part_avx512, "avx512"};
  if (level == workload::SimdLevel::avx512 && __builtin_cpu_supports("avx512bitalg")) return avx512;
  if (level != workload::SimdLevel::portable) return avx2;
#endif
  static_cast<void>(level);
  return portable;
}

}  // namespace sme
