// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "sim/config/provenance.h"

namespace sim::config {

// One end of a range. long double holds every 64-bit integer and every double exactly on the platforms
// SystemC runs on.
struct Bound {
  long double value = 0;
  std::string text;        // as shown to the user
  bool exclusive = false;  // the bound itself is not allowed
};

std::string number_text(double value);  // shortest text that reads back to the same double

template <class T>
Bound make_bound(T value, bool exclusive = false) {
  static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>, "a bound is a number");
  if constexpr (std::is_integral_v<T>) {
    return {static_cast<long double>(value), std::to_string(value), exclusive};
  } else {
    return {static_cast<long double>(value), number_text(static_cast<double>(value)), exclusive};
  }
}

// What is known about a setting besides its value. Example:
//   v.field("w", w, Meta("bit", "width of one group").range(1, 20).paper("ALLMod, table 2"));
class Meta {
 public:
  // unit: "" when the value has none. text: one sentence, no full stop.
  Meta(std::string unit, std::string text) : unit_(std::move(unit)), text_(std::move(text)) {}

  // Limits of a number, or of every number of a list. Both ends are allowed values.
  template <class L, class H>
  Meta& range(L lo, H hi) {
    lo_ = make_bound(lo);
    hi_ = make_bound(hi);
    return *this;
  }
  template <class L>
  Meta& at_least(L lo) {
    lo_ = make_bound(lo);
    return *this;
  }
  template <class L>
  Meta& above(L lo) {  // strictly
    lo_ = make_bound(lo, true);
    return *this;
  }
  template <class H>
  Meta& at_most(H hi) {
    hi_ = make_bound(hi);
    return *this;
  }

  // Why the default is what it is. Without any of them: choice.
  Meta& choice() { return claim(Provenance::choice, ""); }
  Meta& paper(std::string source) { return claim(Provenance::paper, std::move(source)); }
  Meta& code(std::string source) { return claim(Provenance::code, std::move(source)); }
  Meta& measured(std::string source) { return claim(Provenance::measured, std::move(source)); }
  Meta& assumed(std::string why) { return claim(Provenance::assumed, std::move(why)); }

  // The word that an Auto<T> field accepts instead of a value.
  Meta& word(std::string word) {
    word_ = std::move(word);
    return *this;
  }

  // `word` is no value of this setting, but somebody will look for it here: what to tell them.
  Meta& elsewhere(std::string word, std::string remedy) {
    elsewhere_ = std::move(word);
    remedy_ = std::move(remedy);
    return *this;
  }

  const std::string& unit() const { return unit_; }
  const std::string& text() const { return text_; }
  const std::optional<Bound>& lo() const { return lo_; }
  const std::optional<Bound>& hi() const { return hi_; }
  Provenance provenance() const { return provenance_; }
  const std::string& source() const { return source_; }
  const std::string& word() const { return word_; }

  // Behind a message about `written`: "; ..." or nothing.
  std::string remedy_for(const std::string& written) const {
    return !remedy_.empty() && written == elsewhere_ ? "; " + remedy_ : std::string();
  }

  bool allows(long double value) const;
  std::string range_text() const;  // "[1, 20]", "(0, inf)"; "" when every value is allowed

 private:
  Meta& claim(Provenance provenance, std::string source) {
    provenance_ = provenance;
    source_ = std::move(source);
    return *this;
  }

  std::string unit_;
  std::string text_;
  std::optional<Bound> lo_;
  std::optional<Bound> hi_;
  Provenance provenance_ = Provenance::choice;
  std::string source_;
  std::string word_ = "auto";
  std::string elsewhere_, remedy_;
};

}  // namespace sim::config
