// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Small pieces of Verilog text. Widths are always spelt out, since a lint-clean text mixes none.
#pragma once

#include <string>
#include <vector>

#include <gmpxx.h>

namespace allmod::verilog {

// "[7:0] ", or "" for one bit.
std::string range(unsigned bits);

// "3'd5", "128'hff..": a constant of exactly `bits` bits.
std::string constant(unsigned bits, const mpz_class& value);
std::string zeros(unsigned bits);

// The bits [low, low + bits) of a name that has `of` bits; the name itself if that is all of it.
std::string slice(const std::string& name, unsigned of, unsigned low, unsigned bits);

// An expression of `from` bits as one of `to`: zeros in front.
std::string extend(const std::string& expression, unsigned from, unsigned to);

// "{a, b, c}", most significant first; the only element itself if there is just one.
std::string concat(const std::vector<std::string>& parts);

// The expressions with " + " between them.
std::string sum(const std::vector<std::string>& terms);

// "  wire [7:0] name = expression;\n"; long ones are broken behind the equals sign.
std::string wire(const std::string& name, unsigned bits, const std::string& expression);
std::string wire(const std::string& name, unsigned bits);

// Lines of a paragraph, each with "// " in front, wrapped at about 100 columns.
std::string comment(const std::string& text, const std::string& indent = "");

// Unsigned number as lower-case hexadecimal digits, leading zeros for `bits` bits.
std::string hex(const mpz_class& value, unsigned bits);

}  // namespace allmod::verilog
