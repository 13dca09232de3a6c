// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/run_folder.h"

#include <fstream>
#include <iterator>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sim/core/error.h"

namespace sim::app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RunFolderTest : public testing::Test {
 protected:
  RunFolderTest() {
    char name[] = "/tmp/run_folder_XXXXXX";
    root_ = ::mkdtemp(name);
  }
  ~RunFolderTest() override { fs::remove_all(root_); }

  /// A complete run.
  void make(const fs::path& name, const char* content) {
    RunFolder folder = RunFolder::exactly(name, true);
    folder.write("manifest.json", content);
    folder.publish();
  }
  static std::string read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string refusal(const fs::path& name, bool overwrite, Exit code = Exit::usage) {
    try {
      RunFolder::exactly(name, overwrite);
    } catch (const Error& e) {
      EXPECT_EQ(e.exit_code(), code);
      return e.what();
    }
    return "";
  }

  fs::path root_;
};

TEST_F(RunFolderTest, HasItsNameOnlyWhenPublished) {
  std::optional<RunFolder> folder(RunFolder::exactly(root_ / "deep" / "run", false));
  folder->write("a.txt", "text");
  EXPECT_FALSE(fs::exists(root_ / "deep" / "run"));
  EXPECT_EQ(read(root_ / "deep" / "run.partial" / "a.txt"), "text");
  folder->publish();
  EXPECT_EQ(read(root_ / "deep" / "run" / "a.txt"), "text");
  EXPECT_FALSE(fs::exists(root_ / "deep" / "run.partial"));
}

TEST_F(RunFolderTest, NextFreeCountsOverRunsAndRemains) {
  make(root_ / "x", "1");
  fs::create_directory(root_ / "x-2.partial");
  RunFolder third = RunFolder::next_free(root_ / "x");
  EXPECT_EQ(third.name(), root_ / "x-3");
  EXPECT_EQ(RunFolder::next_free(root_ / "x").name(), root_ / "x-4");
}

TEST_F(RunFolderTest, RefusesAFolderThatHoldsAnything) {
  make(root_ / "x", "1");
  EXPECT_THAT(refusal(root_ / "x", false), HasSubstr("is not empty"));
  EXPECT_THAT(refusal(root_ / "x/", false), HasSubstr("is not empty"));
  EXPECT_FALSE(fs::exists(root_ / "x.partial"));
}

TEST_F(RunFolderTest, TakesAnEmptyFolder) {
  fs::create_directory(root_ / "x");
  make(root_ / "x", "1");
  EXPECT_EQ(read(root_ / "x" / "manifest.json"), "1");
}

TEST_F(RunFolderTest, OverwriteReplacesARunWhenTheNewOneIsComplete) {
  make(root_ / "x", "old");
  RunFolder folder = RunFolder::exactly(root_ / "x", true);
  folder.write("manifest.json", "new");
  EXPECT_EQ(read(root_ / "x" / "manifest.json"), "old");
  folder.publish();
  EXPECT_EQ(read(root_ / "x" / "manifest.json"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), fs::directory_iterator()), 1);
}

TEST_F(RunFolderTest, OverwriteSparesWhatNoRunWrote) {
  fs::create_directory(root_ / "home");
  std::ofstream(root_ / "home" / "thesis.tex") << "years of work";
  EXPECT_THAT(refusal(root_ / "home", true), HasSubstr("no run wrote it"));
  EXPECT_TRUE(fs::exists(root_ / "home" / "thesis.tex"));
}

TEST_F(RunFolderTest, RefusesAFile) {
  std::ofstream(root_ / "file") << "x";
  EXPECT_THAT(refusal(root_ / "file", true), HasSubstr("is a file"));
  EXPECT_THAT(refusal(root_ / "file" / "run", true, Exit::input), HasSubstr("cannot create"));
}

TEST_F(RunFolderTest, TwoRunsCannotShareAFolder) {
  const RunFolder first = RunFolder::exactly(root_ / "x", false);
  EXPECT_THAT(refusal(root_ / "x", true), HasSubstr("another run is writing"));
}

TEST_F(RunFolderTest, RemainsOfAKilledRunAreKeptUnlessOverwritten) {
  { RunFolder::exactly(root_ / "x", false).write("a.txt", "1"); }
  EXPECT_THAT(refusal(root_ / "x", false), HasSubstr("left from a run that did not end"));
  const RunFolder folder = RunFolder::exactly(root_ / "x", true);
  EXPECT_TRUE(fs::is_empty(folder.partial()));
}

TEST_F(RunFolderTest, DiscardLeavesNothing) {
  RunFolder folder = RunFolder::exactly(root_ / "x", false);
  folder.write("a.txt", "1");
  folder.discard();
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(RunFolderTest, AFullDiskIsReported) {
  try {
    write_file("/dev/full", "text");
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_EQ(e.exit_code(), Exit::input);
    EXPECT_THAT(e.what(), HasSubstr("No space left on device"));
  }
}

}  // namespace
}  // namespace sim::app
