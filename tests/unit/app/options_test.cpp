// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim::app {
namespace {

namespace po = boost::program_options;
using testing::HasSubstr;

VerbSpec spec() {
  VerbSpec verb{"run", "CONFIG.yaml", "Runs.", "More.", 1, 1, po::options_description()};
  verb.options.add_options()                                                                        //
      ("set", po::value<std::vector<std::string>>()->composing(), "sets")("overwrite", "replaces")  //
      ("output,o", po::value<std::string>(), "where");
  return verb;
}

std::string message(const std::vector<std::string>& words) {
  VerbSpec verb = spec();
  try {
    parse(verb, words);
  } catch (const Error& e) {
    EXPECT_EQ(e.exit_code(), Exit::usage);
    return e.what();
  }
  return "";
}

TEST(Options, ReadsOptionsAndArguments) {
  VerbSpec verb = spec();
  const Parsed parsed = parse(verb, {"--set", "a=-1", "x.yaml", "--set=b=2", "-o", "out"});
  EXPECT_EQ(parsed.arguments, std::vector<std::string>{"x.yaml"});
  EXPECT_EQ(parsed.options["set"].as<std::vector<std::string>>(), (std::vector<std::string>{"a=-1", "b=2"}));
  EXPECT_EQ(parsed.options["output"].as<std::string>(), "out");
  EXPECT_EQ(parsed.options.count("overwrite"), 0u);
}

TEST(Options, AMisspeltOptionIsNamedWithTheNearestOne) {
  EXPECT_THAT(message({"x.yaml", "--overwirte"}),
              HasSubstr("no option '--overwirte', did you mean '--overwrite'?"));
  EXPECT_THAT(message({"x.yaml", "--zzz"}), HasSubstr("no option '--zzz'\n"));
}

TEST(Options, AbbreviationsAreErrors) {
  EXPECT_THAT(message({"x.yaml", "--over"}), HasSubstr("no option '--over'"));
}

TEST(Options, CountsArguments) {
  EXPECT_THAT(message({}), HasSubstr("CONFIG.yaml is missing"));
  EXPECT_THAT(message({"a", "b"}), HasSubstr("'b' is one argument too many"));
}

TEST(Options, MissingAndRepeatedValues) {
  EXPECT_THAT(message({"a", "--set"}), HasSubstr("--set"));
  EXPECT_THAT(message({"a", "-o", "b", "-o", "c"}), HasSubstr("more than once"));
}

TEST(Options, HelpComesBeforeEverythingElse) {
  VerbSpec verb = spec();
  EXPECT_TRUE(parse(verb, {"--nonsense", "--help"}).help);
  const std::string text = help_text(verb);
  for (const char* part :
       {"usage: tricycle run CONFIG.yaml", "Runs.", "--set", "-o [ --output ]", "--help", "More."}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(Options, Listed) {
  EXPECT_EQ(listed({}), "none");
  EXPECT_EQ(listed({"a", "b"}), "a, b");
}

}  // namespace
}  // namespace sim::app
