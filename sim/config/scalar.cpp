// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/scalar.h"

#include <algorithm>
#include <limits>

#include "sim/config/number.h"
#include "sim/config/suggest.h"

namespace sim::config {
namespace {

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "integer";
    case Kind::unsigned_integer:
      return "unsigned";
    case Kind::real:
      return "number";
    case Kind::text:
      return "string";
    case Kind::word:
      return "enum";
  }
  return "";
}

std::string joined(const std::vector<std::string>& words) {
  std::string result;
  for (const std::string& word : words) result += (result.empty() ? "" : ", ") + word;
  return result;
}

bool is_numeric(const Type& type) {
  return type.kind == Kind::integer || type.kind == Kind::unsigned_integer || type.kind == Kind::real;
}

// The range to quote: what the author declared, completed with what the C++ type can hold.
std::string effective_range(const Type& type, const Meta& meta) {
  if (type.kind == Kind::real) return meta.range_text();
  Meta full = meta;
  if (!meta.lo()) full.at_least(type.smallest);
  if (!meta.hi()) full.at_most(type.largest);
  return full.range_text();
}

std::string outside(const std::string& written, const Type& type, const Meta& meta) {
  const std::string unit = meta.unit().empty() ? "" : " " + meta.unit();
  std::string number = shown(written);
  number = number.substr(1, number.size() - 2);
  return number + " is outside " + effective_range(type, meta) + unit;
}

std::string without_underscores(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
  return text;
}

std::string cannot_read(const std::string& written, const Type& type, const Meta& meta) {
  std::string message = "cannot read " + shown(written) + " as " + type.wanted();
  const std::string hint = did_you_mean(written, type.all_words());
  if (!hint.empty()) return message + hint;
  const bool begins_as_number = !written.empty() && written[0] >= '0' && written[0] <= '9';
  if (is_numeric(type) && begins_as_number && !meta.unit().empty()) {
    message += "; write the number alone, its unit (" + meta.unit() + ") is fixed";
  }
  return message;
}

std::string parse_whole(const std::string& written, const Type& type, const Meta& meta, Scalar& out) {
  const Integer n = parse_integer(written);
  switch (n.state) {
    case Integer::State::ill_formed:
      return cannot_read(written, type, meta);
    case Integer::State::leading_zero:
      return shown(written) +
             " starts with 0, which some programs read as octal: remove the leading zeros, "
             "or write 0x... for hexadecimal";
    case Integer::State::underscore:
      return "cannot read " + shown(written) + " as " + type.wanted() + ": write " +
             without_underscores(written);
    case Integer::State::not_whole:
      return shown(written) + " is not a whole number";
    case Integer::State::too_big:
      return outside(written, type, meta);
    case Integer::State::ok:
      break;
  }
  const auto smallest_magnitude = std::uint64_t{0} - static_cast<std::uint64_t>(type.smallest);
  if (n.negative ? n.magnitude > smallest_magnitude : n.magnitude > type.largest) {
    return outside(written, type, meta);
  }
  const long double value =
      n.negative ? -static_cast<long double>(n.magnitude) : static_cast<long double>(n.magnitude);
  if (!meta.allows(value)) return outside(written, type, meta);
  if (n.negative) {
    out = static_cast<std::int64_t>(std::uint64_t{0} - n.magnitude);
  } else if (n.magnitude <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    out = static_cast<std::int64_t>(n.magnitude);
  } else {
    out = n.magnitude;
  }
  return "";
}

std::string parse_number(const std::string& written, const Type& type, const Meta& meta, Scalar& out) {
  const Real x = parse_real(written);
  switch (x.state) {
    case Real::State::ill_formed:
      return cannot_read(written, type, meta);
    case Real::State::underscore:
      return "cannot read " + shown(written) + " as " + type.wanted() + ": write " +
             without_underscores(written);
    case Real::State::not_finite:
      return shown(written) + " is not allowed: give a finite number";
    case Real::State::too_big:
      return shown(written) + " is beyond what a double can hold";
    case Real::State::ok:
      break;
  }
  if (!meta.allows(static_cast<long double>(x.value))) return outside(written, type, meta);
  out = x.value;
  return "";
}

std::string parse_boolean(const std::string& written, const Type& type, const Meta& meta, Scalar& out) {
  std::string folded = written;
  for (char& c : folded) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (folded == "true" || folded == "yes" || folded == "on") {
    out = true;
  } else if (folded == "false" || folded == "no" || folded == "off") {
    out = false;
  } else {
    return cannot_read(written, type, meta);
  }
  return "";
}

}  // namespace

std::string Type::name() const {
  return (list ? "list of " : "") + std::string(kind_name(kind)) + (automatic ? " or " + auto_word : "");
}

std::vector<std::string> Type::all_words() const {
  std::vector<std::string> result = words;
  if (automatic) result.push_back(auto_word);
  return result;
}

std::string Type::wanted() const {
  std::string result;
  switch (kind) {
    case Kind::boolean:
      result = "true or false";
      break;
    case Kind::integer:
    case Kind::unsigned_integer:
      result = "a whole number";
      break;
    case Kind::real:
      result = "a number";
      break;
    case Kind::text:
      result = "a text";
      break;
    case Kind::word:
      return "one of " + joined(all_words());
  }
  return automatic ? result + " or the word '" + auto_word + "'" : result;
}

std::string parse_scalar(const std::string& written, bool quoted, const Type& type, const Meta& meta,
                         Scalar& out) {
  const auto words = type.all_words();
  if (std::find(words.begin(), words.end(), written) != words.end()) {
    out = Word{written};
    return "";
  }
  if (type.kind == Kind::text) {
    out = written;
    return "";
  }
  if (type.kind == Kind::word) return cannot_read(written, type, meta);
  Scalar ignored;
  const auto parse = type.kind == Kind::boolean ? parse_boolean
                     : type.kind == Kind::real  ? parse_number
                                                : parse_whole;
  if (quoted && parse(written, type, Meta("", ""), ignored).empty()) {
    return shown(written) + " is in quotes, which makes it a text: remove the quotes";
  }
  return parse(written, type, meta, out);
}

}  // namespace sim::config
