// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/visitor.h"

#include "machine.h"
#include "sim/core/error.h"

using namespace sim::config;

namespace {

struct Keyed {
  std::vector<std::string> keys;
  unsigned x = 0;
  void fields(Visitor& v) {
    for (const auto& key : keys) v.field(key, x, Meta("", "x"));
  }
};

std::string problem(std::vector<std::string> keys) {
  Keyed keyed{std::move(keys)};
  try {
    dump(keyed);
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::internal);
    return e.what();
  }
  return "";
}

TEST(Visitor, RefusesBadKeys) {
  EXPECT_EQ(problem({"a", "b_2", "_c"}), "");
  EXPECT_EQ(problem({"a", "a"}), "the setting 'a' is declared twice");
  EXPECT_EQ(problem({"include"}), "the setting 'include' uses a reserved key");
  for (const char* key : {"", "a.b", "a b", "1a", "a[0]", "<<"}) EXPECT_NE(problem({key}), "") << key;
}

// A struct whose fields() is a template works as well; later settings may depend on earlier ones.
struct Switched {
  bool big = false;
  unsigned size = 1;
  template <class V>
  void fields(V& v) {
    v.field("big", big, Meta("", "has a size"));
    if (big) v.field("size", size, Meta("", "the size"));
  }
};

TEST(Visitor, FieldsMayDependOnEarlierOnes) {
  for (const bool big : {true, false}) {
    Diagnostics d;
    Switched s;
    const auto document = Document::parse(big ? "size: 7\nbig: true" : "size: 7\nbig: false", "f", d);
    const auto resolved = read(document, s, d);
    EXPECT_EQ(d.ok(), big) << d.text();
    EXPECT_EQ(s.size, big ? 7u : 1u);
    EXPECT_EQ(resolved.entries().size(), big ? 2u : 1u);
  }
}

struct Unnamed {
  config_test::Form form = static_cast<config_test::Form>(77);
  void fields(Visitor& v) { v.field("form", form, Meta("", "which circuit")); }
};

TEST(Visitor, EnumValueWithoutNameIsADefect) {
  Unnamed unnamed;
  EXPECT_THROW(dump(unnamed), sim::Error);
}

TEST(Auto, WordFollowsMeta) {
  const auto r = config_test::read_text("");
  EXPECT_TRUE(r.machine.design.m.is_auto());
  EXPECT_EQ(r.machine.design.m.word, "balanced");
  EXPECT_EQ(r.machine.design.m.value_or(5), 5u);
  const auto given = config_test::read_text("design: {m: 3}");
  EXPECT_EQ(given.machine.design.m, Auto<unsigned>(3));
  EXPECT_EQ(given.machine.design.m.word, "balanced");
  const auto back = config_test::read_text("ratio: auto");
  EXPECT_TRUE(back.machine.ratio.is_auto());
}

}  // namespace
