// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/scalar.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "sim/config/number.h"
#include "sim/config/slot.h"

using namespace sim::config;

namespace {

// What reading `written` into a T gives: the value as text, or "!" and the message.
template <class T>
std::string as(const std::string& written, const Meta& meta = Meta("", ""), bool quoted = false) {
  Scalar out;
  const std::string problem = parse_scalar(written, quoted, Convert<T>::type(meta), meta, out);
  if (!problem.empty()) return "!" + problem;
  T value = Convert<T>::from(out, meta);
  return scalar_text(Convert<T>::to(value, meta));
}

TEST(Scalar, WholeNumbers) {
  EXPECT_EQ(as<unsigned>("0"), "0");
  EXPECT_EQ(as<unsigned>("+7"), "7");
  EXPECT_EQ(as<int>("-7"), "-7");
  EXPECT_EQ(as<unsigned>("-0"), "0");
  EXPECT_EQ(as<unsigned>("0x10"), "16");
  EXPECT_EQ(as<unsigned>("0XfF"), "255");
  EXPECT_EQ(as<unsigned>("1e6"), "1000000");
  EXPECT_EQ(as<unsigned>("1E+3"), "1000");
  EXPECT_EQ(as<unsigned>("1.5e3"), "1500");
  EXPECT_EQ(as<unsigned>("3.0"), "3");
  EXPECT_EQ(as<unsigned>("1200e-2"), "12");
  EXPECT_EQ(as<unsigned>("0e999999999999"), "0");
  EXPECT_EQ(as<std::uint64_t>("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(as<std::uint64_t>("0xFFFFFFFFFFFFFFFF"), "18446744073709551615");
  EXPECT_EQ(as<std::int64_t>("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(as<std::int64_t>("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(as<std::uint64_t>("9007199254740993"), "9007199254740993");  // a double would round it
}

TEST(Scalar, WholeNumbersRefused) {
  EXPECT_EQ(as<unsigned>("three"), "!cannot read 'three' as a whole number");
  EXPECT_EQ(as<unsigned>("2.5"), "!'2.5' is not a whole number");
  EXPECT_EQ(as<unsigned>("15e-1"), "!'15e-1' is not a whole number");
  EXPECT_EQ(as<unsigned>("1_000"), "!cannot read '1_000' as a whole number: write 1000");
  EXPECT_EQ(as<unsigned>("-1"), "!-1 is outside [0, 4294967295]");
  EXPECT_EQ(as<unsigned>("4294967296"), "!4294967296 is outside [0, 4294967295]");
  EXPECT_EQ(as<int>("2147483648"), "!2147483648 is outside [-2147483648, 2147483647]");
  EXPECT_EQ(as<int>("-2147483649"), "!-2147483649 is outside [-2147483648, 2147483647]");
  EXPECT_EQ(as<std::uint64_t>("18446744073709551616"),
            "!18446744073709551616 is outside [0, 18446744073709551615]");
  EXPECT_EQ(as<std::int64_t>("-9223372036854775809").substr(0, 34), "!-9223372036854775809 is outside [");
  EXPECT_EQ(as<std::uint64_t>("1e20").substr(0, 17), "!1e20 is outside ");
  EXPECT_EQ(as<std::uint64_t>("1e999999999999999999999").substr(0, 3), "!1e");
  EXPECT_EQ(as<std::uint64_t>("0x10000000000000000").substr(0, 31), "!0x10000000000000000 is outside");
  for (const char* octal : {"010", "08", "-007", "00"}) {
    EXPECT_NE(as<int>(octal).find("starts with 0"), std::string::npos) << octal;
  }
  for (const char* junk :
       {"",      "-", "+",  "0x",    "0xg",  "0o17", "0b1",  "1e",    "1e+",  "--1",     "1 2",
        "1,000", ".", "e5", "1.2.3", ".inf", "nan",  "true", "8 bit", "1e5x", "\xC2\xB2"}) {
    EXPECT_EQ(as<int>(junk).substr(0, 13), "!cannot read ") << junk;
  }
  EXPECT_EQ(as<unsigned>("8 bit", Meta("bit", "")),
            "!cannot read '8 bit' as a whole number; write the number alone, its unit (bit) is fixed");
  EXPECT_EQ(as<unsigned>("3", Meta("", ""), true),
            "!'3' is in quotes, which makes it a text: remove the quotes");
}

TEST(Scalar, Ranges) {
  const Meta bits = Meta("bit", "").range(1, 20);
  EXPECT_EQ(as<unsigned>("1", bits), "1");
  EXPECT_EQ(as<unsigned>("20", bits), "20");
  EXPECT_EQ(as<unsigned>("21", bits), "!21 is outside [1, 20] bit");
  EXPECT_EQ(as<unsigned>("0", bits), "!0 is outside [1, 20] bit");
  EXPECT_EQ(as<unsigned>("-1", bits), "!-1 is outside [1, 20] bit");
  EXPECT_EQ(as<unsigned>("99999999999999999999999", bits), "!99999999999999999999999 is outside [1, 20] bit");
  EXPECT_EQ(as<unsigned>("0", Meta("", "").at_least(1)), "!0 is outside [1, 4294967295]");
  EXPECT_EQ(as<int>("-5", Meta("", "").at_most(9)), "-5");

  const std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
  const Meta wide = Meta("", "").range(top - 1, top);
  EXPECT_EQ(as<std::uint64_t>("18446744073709551614", wide), "18446744073709551614");
  EXPECT_EQ(as<std::uint64_t>("18446744073709551613", wide).substr(0, 1), "!");  // one below: exact

  const Meta share = Meta("", "").range(0.0, 0.1);
  EXPECT_EQ(as<double>("0.1", share), "0.1");
  EXPECT_EQ(as<double>("0.10000000000000002", share), "!0.10000000000000002 is outside [0, 0.1]");
  EXPECT_EQ(as<double>("-1e-300", share), "!-1e-300 is outside [0, 0.1]");
  const Meta positive = Meta("MHz", "").above(0);
  EXPECT_EQ(as<double>("1e-300", positive), "1e-300");
  EXPECT_EQ(as<double>("0", positive), "!0 is outside (0, inf) MHz");
}

TEST(Scalar, Numbers) {
  EXPECT_EQ(as<double>("1000"), "1000");
  EXPECT_EQ(as<double>("-2.50"), "-2.5");
  EXPECT_EQ(as<double>("+.5"), "0.5");
  EXPECT_EQ(as<double>("1e-3"), "0.001");
  EXPECT_EQ(as<double>("1e300"), "1e+300");
  EXPECT_EQ(as<double>("0.1"), "0.1");
  EXPECT_EQ(as<double>("1_000.5"), "!cannot read '1_000.5' as a number: write 1000.5");
  for (const char* bad : {".nan", ".inf", "-.inf", "NaN", "inf", "-Infinity", ".INF"}) {
    EXPECT_EQ(as<double>(bad), "!'" + std::string(bad) + "' is not allowed: give a finite number");
  }
  EXPECT_EQ(as<double>("1e999"), "!'1e999' is beyond what a double can hold");
  EXPECT_EQ(as<double>("-1e999"), "!'-1e999' is beyond what a double can hold");
  for (const char* junk : {"", "x", "1,5", "0x1p3", "0x10", "1e", "-", ".", "1 GHz"}) {
    EXPECT_EQ(as<double>(junk).substr(0, 13), "!cannot read ") << junk;
  }
}

TEST(Scalar, DoublesReadBackExactly) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double value = 0;
    static_assert(sizeof value == sizeof bits);
    std::memcpy(&value, &bits, sizeof value);
    if (i % 2 == 0) value = static_cast<double>(static_cast<std::int64_t>(bits) >> (bits % 60));
    if (!(value - value == 0)) continue;  // not finite
    const Real back = parse_real(number_text(value));
    ASSERT_EQ(back.state, Real::State::ok) << number_text(value);
    ASSERT_EQ(std::memcmp(&back.value, &value, sizeof value), 0) << number_text(value);
  }
}

TEST(Scalar, IntegersReadBackExactly) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t value = random() >> (random() % 64);
    ASSERT_EQ(as<std::uint64_t>(std::to_string(value)), std::to_string(value));
    const auto negative = static_cast<std::int64_t>(value);
    ASSERT_EQ(as<std::int64_t>(std::to_string(negative)), std::to_string(negative));
  }
}

TEST(Scalar, Switches) {
  for (const char* yes : {"true", "True", "yes", "on", "ON"}) EXPECT_EQ(as<bool>(yes), "true") << yes;
  for (const char* no : {"false", "FALSE", "no", "Off"}) EXPECT_EQ(as<bool>(no), "false") << no;
  EXPECT_EQ(as<bool>("maybe"), "!cannot read 'maybe' as true or false");
  EXPECT_EQ(as<bool>("1"), "!cannot read '1' as true or false");
  EXPECT_EQ(as<bool>("true", Meta("", ""), true).substr(0, 18), "!'true' is in quot");
}

TEST(Scalar, TextIsAnything) {
  EXPECT_EQ(as<std::string>("123"), "123");
  EXPECT_EQ(as<std::string>(""), "");
  EXPECT_EQ(as<std::string>("true", Meta("", ""), true), "true");
}

TEST(Scalar, AutoWord) {
  const Meta meta = Meta("", "").range(0, 9).word("balanced");
  EXPECT_EQ(as<Auto<unsigned>>("balanced", meta), "balanced");
  EXPECT_EQ(as<Auto<unsigned>>("balanced", meta, true), "balanced");
  EXPECT_EQ(as<Auto<unsigned>>("4", meta), "4");
  EXPECT_EQ(as<Auto<unsigned>>("10", meta), "!10 is outside [0, 9]");
  EXPECT_EQ(as<Auto<unsigned>>("auto", meta), "!cannot read 'auto' as a whole number or the word 'balanced'");
  EXPECT_EQ(as<Auto<unsigned>>("blanced", meta),
            "!cannot read 'blanced' as a whole number or the word 'balanced', did you mean 'balanced'?");
}

TEST(Scalar, ShownIsShortAndClean) {
  EXPECT_EQ(shown("a\x1b[0m\n"), "'a\\x1b[0m\\x0a'");
  EXPECT_LT(shown(std::string(100000, 'a')).size(), 70u);
  std::string accents;
  for (int i = 0; i < 100; ++i) accents += "\xC3\xA9";
  EXPECT_EQ(shown("x" + accents), "'x" + accents.substr(0, 60) + "...'");  // no half character
}

TEST(Scalar, Yaml) {
  EXPECT_EQ(scalar_yaml(Scalar(std::string("traces/a-1.tct"))), "traces/a-1.tct");
  for (const char* risky :
       {"",   "true", "No",  "null", "~", "1",  "-1", "0x1",  "a b", "a: b", "a #b", "[a]",
        "*a", "&a",   "- a", "'",    "%", "@x", "!x", ".inf", "a,b", "a}",   "NaN"}) {
    EXPECT_EQ(scalar_yaml(Scalar(std::string(risky)))[0], '"') << risky;
  }
  EXPECT_EQ(yaml_quoted("a\"b\\c\n\t\x01"), "\"a\\\"b\\\\c\\n\\t\\x01\"");
}

}  // namespace
