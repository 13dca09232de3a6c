// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/config/auto.h"
#include "sim/config/scalar.h"
#include "sim/core/error.h"

namespace sim::config {

// Specialise for every enum used as a setting:
//   template <> struct EnumNames<Form> {
//     static const std::vector<std::pair<Form, std::string>>& get();
//   };
template <class E>
struct EnumNames;

// Converts between a C++ type and Scalar. type() describes what the field accepts.
template <class T, class = void>
struct Convert {
  static_assert(std::is_integral_v<T>,
                "a setting is bool, an integer, double, std::string, an enum with EnumNames, Auto<T> or a "
                "std::vector of these");
  static Type type(const Meta&) {
    Type t;
    t.kind = std::is_signed_v<T> ? Kind::integer : Kind::unsigned_integer;
    t.smallest = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    t.largest = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    return t;
  }
  static Scalar to(const T& value, const Meta&) {
    if constexpr (std::is_signed_v<T>) {
      return static_cast<std::int64_t>(value);
    } else if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return static_cast<std::int64_t>(value);
    } else {
      return static_cast<std::uint64_t>(value);
    }
  }
  static T from(const Scalar& s, const Meta&) {
    if (const auto* big = std::get_if<std::uint64_t>(&s)) return static_cast<T>(*big);
    return static_cast<T>(std::get<std::int64_t>(s));
  }
};

template <class T, Kind kKind>
struct ConvertPlain {
  static Type type(const Meta&) {
    Type t;
    t.kind = kKind;
    return t;
  }
  static Scalar to(const T& value, const Meta&) { return value; }
  static T from(const Scalar& s, const Meta&) { return std::get<T>(s); }
};
template <>
struct Convert<bool> : ConvertPlain<bool, Kind::boolean> {};
template <>
struct Convert<double> : ConvertPlain<double, Kind::real> {};
template <>
struct Convert<std::string> : ConvertPlain<std::string, Kind::text> {};

template <class E>
struct Convert<E, std::enable_if_t<std::is_enum_v<E>>> {
  static Type type(const Meta&) {
    Type t;
    t.kind = Kind::word;
    for (const auto& name : EnumNames<E>::get()) t.words.push_back(name.second);
    return t;
  }
  static Scalar to(const E& value, const Meta& meta) {
    for (const auto& name : EnumNames<E>::get()) {
      if (name.first == value) return Word{name.second};
    }
    throw Error(Exit::internal, "a value of the setting '" + meta.text() + "' has no name in EnumNames");
  }
  static E from(const Scalar& s, const Meta& meta) {
    for (const auto& name : EnumNames<E>::get()) {
      if (name.second == std::get<Word>(s).text) return name.first;
    }
    throw Error(Exit::internal, "a word of the setting '" + meta.text() + "' has no value in EnumNames");
  }
};

template <class T>
struct Convert<Auto<T>> {
  static Type type(const Meta& meta) {
    Type t = Convert<T>::type(meta);
    t.automatic = true;
    t.auto_word = meta.word();
    return t;
  }
  static Scalar to(const Auto<T>& value, const Meta& meta) {
    if (value.is_auto()) return Word{meta.word()};
    return Convert<T>::to(*value.value, meta);
  }
  static Auto<T> from(const Scalar& s, const Meta& meta) {
    Auto<T> result;
    result.word = meta.word();
    const auto* word = std::get_if<Word>(&s);
    if (word == nullptr || word->text != meta.word()) result.value = Convert<T>::from(s, meta);
    return result;
  }
};

// Access to the value of one field without knowing its C++ type.
class Slot {
 public:
  virtual ~Slot() = default;
  virtual Type type() const = 0;
  virtual std::vector<Scalar> get() const = 0;  // exactly one unless type().list
  virtual void set(const std::vector<Scalar>& values) = 0;
};

template <class T>
class TypedSlot final : public Slot {
 public:
  TypedSlot(T& value, const Meta& meta) : value_(value), meta_(meta) {}
  Type type() const override { return Convert<T>::type(meta_); }
  std::vector<Scalar> get() const override { return {Convert<T>::to(value_, meta_)}; }
  void set(const std::vector<Scalar>& values) override { value_ = Convert<T>::from(values.at(0), meta_); }

 private:
  T& value_;
  const Meta& meta_;
};

template <class T>
class TypedSlot<std::vector<T>> final : public Slot {
 public:
  TypedSlot(std::vector<T>& value, const Meta& meta) : value_(value), meta_(meta) {}
  Type type() const override {
    Type t = Convert<T>::type(meta_);
    t.list = true;
    return t;
  }
  std::vector<Scalar> get() const override {
    std::vector<Scalar> result;
    for (const T& item : value_) result.push_back(Convert<T>::to(item, meta_));
    return result;
  }
  void set(const std::vector<Scalar>& values) override {
    std::vector<T> result;
    for (const Scalar& item : values) result.push_back(Convert<T>::from(item, meta_));
    value_ = std::move(result);
  }

 private:
  std::vector<T>& value_;
  const Meta& meta_;
};

}  // namespace sim::config
