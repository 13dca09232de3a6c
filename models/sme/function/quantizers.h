// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>

#include "models/sme/function/quantizer.h"

// The choices behind make_quantizer(), one file each.
namespace sme {

std::unique_ptr<Quantizer> make_sme_quantizer(const QuantizerSettings& settings);
std::unique_ptr<Quantizer> make_int8_quantizer(const QuantizerSettings& settings);
std::unique_ptr<Quantizer> make_apot_quantizer(const QuantizerSettings& settings);
std::unique_ptr<Quantizer> make_mixed_quantizer(const QuantizerSettings& settings);

// Numbers of `bits` bits whose ones lie in `s` consecutive places, ascending, 0 first.
std::vector<unsigned> windowed_codes(unsigned bits, unsigned s);

}  // namespace sme
