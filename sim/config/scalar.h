// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/config/meta.h"

namespace sim::config {

// A word from a fixed set: a value of an enum, or the word of an Auto<T>.
struct Word {
  std::string text;
};

// One value, independent of the C++ type of the field. Integers that fit int64_t are stored as such;
// larger ones as uint64_t.
using Scalar = std::variant<bool, std::int64_t, std::uint64_t, double, std::string, Word>;

enum class Kind { boolean, integer, unsigned_integer, real, text, word };

// What a field accepts.
struct Type {
  Kind kind = Kind::text;
  bool list = false;
  bool automatic = false;          // Auto<T>: auto_word is accepted too
  std::string auto_word;           // only when automatic
  std::vector<std::string> words;  // of an enum
  std::int64_t smallest = 0;       // integers: what the C++ type can hold
  std::uint64_t largest = 0;

  std::string name() const;    // for tables: "unsigned or auto", "list of number"
  std::string wanted() const;  // for messages, one element: "a whole number or the word 'auto'"
  std::vector<std::string> all_words() const;  // of the enum, then the auto word
};

// Reads one scalar. Returns "" and sets `out`, or says what is wrong with it and what to do (without the
// path of the setting). `quoted`: written in quotes, so it is a text even when it looks like a number.
std::string parse_scalar(const std::string& written, bool quoted, const Type& type, const Meta& meta,
                         Scalar& out);

// Canonical text: unquoted, numbers in the form that reads back to the same value.
std::string scalar_text(const Scalar& value);

// The same, as YAML: texts that YAML would take for something else are quoted.
std::string scalar_yaml(const Scalar& value);
std::string yaml_quoted(const std::string& text);

// Something the user wrote, in quotes, shortened and without control characters, for a message.
std::string shown(const std::string& written);

}  // namespace sim::config
