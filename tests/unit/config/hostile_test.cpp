// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// Input made to break the parser: it must end soon, in bounded memory, with a message and a position.
#include <random>

#include "machine.h"

using config_test::contains;
using config_test::Folder;
using sim::config::Diagnostics;
using sim::config::Document;

namespace {

std::string errors_of(const std::string& yaml) {
  Diagnostics d;
  Document::parse(yaml, "f", d);
  return d.text();
}

std::string repeated(const std::string& part, std::size_t n) {
  std::string result;
  result.reserve(part.size() * n);
  for (std::size_t i = 0; i < n; ++i) result += part;
  return result;
}

TEST(Hostile, DeepNesting) {
  EXPECT_TRUE(contains(errors_of("a: " + repeated("[", 200) + repeated("]", 200)),
                       "f:1:67: error: nested deeper than 64 levels"));
  EXPECT_TRUE(contains(errors_of("a: " + repeated("{a: ", 200)), "nested deeper than 64 levels"));
  EXPECT_TRUE(contains(errors_of("a: " + repeated("[", 100000)), "f:1:5: error: "));
  EXPECT_TRUE(contains(errors_of(repeated("- ", 5000)), "nested deeper than 64 levels"));
  EXPECT_TRUE(contains(errors_of(repeated("? ", 1000)), "error: "));
  std::string block;
  for (std::size_t i = 0; i < 300; ++i) block += std::string(i, ' ') + "a:\n";
  EXPECT_TRUE(contains(errors_of(block), "nested deeper than 64 levels"));
  EXPECT_EQ(errors_of("a: " + repeated("[", 63) + repeated("]", 63)), "");
}

TEST(Hostile, DeepThroughAliases) {
  std::string yaml = "a0: &a0 [1]\n";
  for (int i = 1; i < 100; ++i) {
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_TRUE(contains(errors_of(yaml), "nested deeper than 64 levels"));
}

TEST(Hostile, AliasBomb) {
  std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before +
            repeated(", " + before, 9) + "]\n";
  }
  EXPECT_TRUE(contains(errors_of(yaml), "more than 1000000 values"));
}

TEST(Hostile, ManyNodes) {
  EXPECT_EQ(errors_of("a: [" + repeated("1,", 999'000) + "1]"), "");
  EXPECT_TRUE(contains(errors_of("a: [" + repeated("1,", 1'000'001) + "1]"), "more than 1000000 values"));
}

TEST(Hostile, AnchorsAtEveryLevelAreCounted) {
  std::string yaml = "a: ";
  for (int i = 0; i < 60; ++i) yaml += "&a" + std::to_string(i) + " [";
  yaml += repeated("1,", 100'000) + repeated("]", 60);
  EXPECT_TRUE(contains(errors_of(yaml), "more than 1000000 values"));
}

TEST(Hostile, HugeFiles) {
  const Folder folder;
  const auto exact = folder.write("ok.yaml", "a: \"" + std::string((16u << 20) - 5, 'x') + "\"");
  const auto large = folder.write("large.yaml", "a: \"" + std::string((16u << 20) - 4, 'x') + "\"");
  Diagnostics d;
  EXPECT_EQ(Document::load(exact, d).scalar("a").size(), (16u << 20) - 5);
  EXPECT_TRUE(d.ok()) << d.text();
  Document::load(large, d);
  EXPECT_TRUE(contains(d.text(), "large.yaml is larger than 16 MiB"));
  Diagnostics e;
  Document::parse(std::string((16u << 20) + 1, '#'), "f", e);
  EXPECT_TRUE(contains(e.text(), "f: error: is larger than 16 MiB"));
}

TEST(Hostile, Devices) {
  Diagnostics d;
  Document::load("/dev/zero", d);
  EXPECT_TRUE(contains(d.text(), "is larger than 16 MiB")) << d.text();
  Diagnostics e;
  EXPECT_TRUE(Document::load("/dev/null", e).root().is_map());
  EXPECT_TRUE(e.ok());
}

TEST(Hostile, Binary) {
  EXPECT_TRUE(contains(errors_of(std::string("\x7f"
                                             "ELF\x02\x01\x01\0\0",
                                             9)),
                       "f:1:1: error: a control character (code 127)"));
  EXPECT_TRUE(
      contains(errors_of(std::string("a: 1\nb: \0", 9)), "f:2:4: error: a control character (code 0)"));
  EXPECT_TRUE(contains(errors_of("a: 1\n\xff\xfe"), "f:2:1: error: bytes that are not UTF-8"));
  EXPECT_TRUE(contains(errors_of("a: \xC3"), "not UTF-8"));
  EXPECT_TRUE(contains(errors_of("a: \xC0\x80"), "not UTF-8"));
  EXPECT_TRUE(contains(errors_of(std::string("\xff\xfe"
                                             "a\0:\0",
                                             6)),
                       "not UTF-8"));  // UTF-16
}

TEST(Hostile, LongLinesAndWords) {
  const std::string long_key = std::string(1'000'000, 'k') + ": 1\n";
  const std::string text =
      errors_of(long_key + "\"" + std::string(1000, 'k') + "\": 1\n" + std::string(1000, 'k') + ": 1");
  EXPECT_TRUE(contains(text, "error: ")) << text;
  EXPECT_LT(text.size(), 2000u);
  const auto r = config_test::read_text("design: {w: " + std::string(1'000'000, '9') + "}");
  EXPECT_LT(r.text.size(), 500u);
}

TEST(Hostile, KeysThatAreNoWords) {
  EXPECT_TRUE(
      contains(errors_of("a: {\"\\x1b[31m\": 1}"), "1:5: error: a.?: a key must be a word, not '\\x1b[31m'"));
  EXPECT_TRUE(contains(errors_of("\"two\\nlines\": 1"), "a key must be a word"));
  EXPECT_TRUE(contains(errors_of(std::string(201, 'k') + ": 1"), "a key must be a word"));
  EXPECT_TRUE(contains(config_test::read_text("\"\": 1").text, "unknown key"));
  EXPECT_EQ(errors_of("include: \"a\\x1bb\"").find('\x1b'), std::string::npos);
}

TEST(Hostile, HugeMapsMerge) {
  const Folder folder;
  std::string keys;
  for (int i = 0; i < 100'000; ++i) keys += "k" + std::to_string(i) + ": 1\n";
  folder.write("base.yaml", keys);
  Diagnostics d;
  const auto doc = Document::load(folder.write("top.yaml", "include: base.yaml\n" + keys), d);
  EXPECT_TRUE(d.ok()) << d.text();
  EXPECT_EQ(doc.root().members.size(), 100'000u);
}

TEST(Hostile, TensOfThousandsOfUnknownKeys) {
  std::string yaml;
  for (int i = 0; i < 20'000; ++i) yaml += "key" + std::to_string(i) + ": 1\n";
  const auto r = config_test::read_text(yaml);
  EXPECT_EQ(r.diagnostics.errors(), 20'000u);
  EXPECT_LT(r.text.size(), 100'000u);
}

// Whatever the bytes: no crash, no exception other than through the diagnostics.
TEST(Hostile, RandomBytesAndMutations) {
  const std::string seed_text =
      "model: x\ndesign:\n  w: {value: 3, provenance: measured, source: \"lab\"}\n  taps: [1, -2]\n"
      "stages:\n  - name: &n a\n    latency: 2\n  - {name: *n}\ntrace: |\n  text\n  more\n? k\n: v\n# end\n";
  const std::string alphabet = "{}[]:,-?&*!|>'\"%@`# \n\t~ab01.<e=\\";
  std::mt19937_64 random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string text = round % 3 == 0 ? "" : seed_text;
    const std::size_t edits = 1 + random() % 12;
    for (std::size_t i = 0; i < edits; ++i) {
      const char c = alphabet[random() % alphabet.size()];
      const std::size_t at = text.empty() ? 0 : random() % text.size();
      switch (random() % 3) {
        case 0:
          text.insert(at, 1 + random() % 3, c);
          break;
        case 1:
          if (!text.empty()) text[at] = c;
          break;
        default:
          if (!text.empty()) text.erase(at, 1 + random() % 8);
      }
    }
    if (text.find("include") != std::string::npos) continue;
    ASSERT_NO_THROW(config_test::read_text(text)) << text;
  }
}

}  // namespace
