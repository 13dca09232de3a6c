// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>

namespace workload {

// e^x in f32 with plain multiplications and additions in a fixed order, so that every machine and every
// compiler gives the same bits (the C library's expf is not the same everywhere). Within 2 units in the last
// place for x in [-87, 88]; 0 below -87.33 and at -infinity; not for NaN or x above 88.
float exp_f32(float x);

// out[i] = exp_f32(in[i]); may be in place.
void exp_f32(const float* in, std::size_t count, float* out);

}  // namespace workload
