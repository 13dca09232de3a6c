// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/recorder.h"

#include <gmock/gmock.h>

#include "record_fixture.h"
#include "sim/config/document.h"
#include "sim/config/dump.h"
#include "sim/config/reader.h"
#include "sim/core/error.h"
#include "vcd_parser.h"

namespace sim::record {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using RecorderTest = RecordTest;

RecordConfig both() {
  RecordConfig config;
  config.perfetto = true;
  config.vcd = true;
  config.fst = false;
  return config;
}

TEST_F(RecorderTest, OffRecordsNothingAndAcceptsEverything) {
  Recorder rec;
  EXPECT_FALSE(rec.spans());
  EXPECT_FALSE(rec.waves());
  rec.set_period_ps(500);
  const TrackId track = rec.track("a");
  const SignalId signal = rec.signal("not a valid path, and nobody asks", 0);
  rec.span(track, rec.name("x"), 0, 1);
  rec.instant(track, rec.name("x"), 0);
  rec.counter(track, rec.name("x"), 0, 1);
  rec.flow_begin(track, rec.name("x"), 0, 1);
  rec.flow_end(track, rec.name("x"), 0, 1);
  rec.change(signal, 5, 1);
  rec.change(signal, 4, 1);
  rec.change_unknown(signal, 0);
  rec.finish(10);
  EXPECT_TRUE(rec.files().empty());
  EXPECT_TRUE(rec.notes().empty());
}

TEST_F(RecorderTest, HandlesThatWereNeverSetAreAccepted) {
  Recorder rec(both(), folder_, "");
  rec.span({}, rec.name("x"), 0, 1);
  rec.span(rec.track("a"), {}, 0, 1);
  rec.change({}, 0, 1);
  rec.finish(1);
  EXPECT_TRUE(events("X").empty());
}

TEST_F(RecorderTest, BothSinksAtOnceInAFolderThatIsMade) {
  const auto deep = folder_ / "x" / "y";
  Recorder rec(both(), deep, "");
  rec.span(rec.track("a"), rec.name("x"), 0, 1);
  rec.change(rec.signal("a", 1), 0, 1);
  rec.finish(2);
  EXPECT_THAT(rec.files(), ElementsAre(deep / "timeline.json", deep / "waves.vcd"));
  for (const auto& file : rec.files()) EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(RecorderTest, FinishIsFinal) {
  Recorder rec(both(), folder_, "");
  const TrackId track = rec.track("a");
  const NameId name = rec.name("x");
  const SignalId signal = rec.signal("a", 1);
  rec.finish(5);
  const std::string timeline = read_text(folder_ / "timeline.json");
  rec.span(track, name, 5, 6);
  rec.change(signal, 6, 1);
  rec.finish(9);
  EXPECT_FALSE(rec.spans());
  EXPECT_EQ(read_text(folder_ / "timeline.json"), timeline);
  EXPECT_EQ(Vcd(waves()).times.back(), 5000u);
}

TEST_F(RecorderTest, TheSameRunGivesTheSameBytes) {
  std::string files[2];
  for (std::string& text : files) {
    Recorder rec(both(), folder_, "lanes: 1");
    rec.span(rec.track("a/b"), rec.name("x"), 0, 1);
    rec.change(rec.signal("a", 1), 0, 1);
    rec.finish(2);
    text = read_text(folder_ / "timeline.json") + waves();
  }
  EXPECT_EQ(files[0], files[1]);
}

TEST_F(RecorderTest, AFileThatCannotBeOpenedStopsTheRunAtOnce) {
  std::filesystem::create_directories(folder_ / "waves.vcd");  // a folder where the file should be
  try {
    Recorder rec(both(), folder_, "");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), Exit::input);
    EXPECT_THAT(error.what(), HasSubstr("waves.vcd"));
  }
}

// /dev/full accepts open() and refuses every write() with "No space left on device".
class FullDiskTest : public RecordTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  }
};

TEST_F(FullDiskTest, IsReportedOnceWhenItHappens) {
  std::filesystem::create_symlink("/dev/full", folder_ / "timeline.json");
  Recorder rec(both(), folder_, "");
  const TrackId track = rec.track("a");
  const NameId name = rec.name("x");
  const SignalId signal = rec.signal("a", 1);
  const auto flood = [&] {
    for (Cycle c = 0; c < 100'000; ++c) rec.span(track, name, c, c + 1);
  };
  try {
    flood();
    FAIL() << "the error was lost";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), Exit::input);
    EXPECT_THAT(error.what(), HasSubstr("timeline.json: No space left on device"));
    EXPECT_THAT(error.what(), HasSubstr("record less"));
  }
  EXPECT_FALSE(rec.spans());
  EXPECT_NO_THROW(flood());
  rec.change(signal, 3, 1);  // the other sink goes on
  EXPECT_NO_THROW(rec.finish(4));
  EXPECT_EQ(Vcd(waves()).last("a"), "1");
}

TEST_F(FullDiskTest, IsReportedByFinishAndTheOtherFileIsComplete) {
  std::filesystem::create_symlink("/dev/full", folder_ / "timeline.json");
  Recorder rec(both(), folder_, "");
  rec.span(rec.track("a"), rec.name("x"), 0, 1);
  rec.change(rec.signal("a", 1), 0, 1);
  EXPECT_THROW(rec.finish(4), Error);
  EXPECT_EQ(Vcd(waves()).last("a"), "1");
}

TEST_F(FullDiskTest, OfTheWavesIsReportedAndNotConverted) {
  std::filesystem::create_symlink("/dev/full", folder_ / "waves.vcd");
  RecordConfig config = both();
  config.fst = true;
  Recorder rec(config, folder_, "");
  rec.span(rec.track("a"), rec.name("x"), 0, 1);
  rec.change(rec.signal("a", 1), 0, 1);
  EXPECT_THROW(rec.finish(4), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "waves.fst"));
  EXPECT_EQ(events("X").size(), 1u);
}

TEST_F(RecorderTest, AnEmptyWindowIsRefused) {
  RecordConfig config = both();
  config.from_cycle = 10;
  config.to_cycle = 10;
  try {
    Recorder rec(config, folder_, "");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), Exit::usage);
    EXPECT_THAT(error.what(), HasSubstr("record.to_cycle: 10"));
  }
}

TEST(RecordConfigTest, ReadsFromAConfiguration) {
  config::Diagnostics diagnostics;
  const auto document = config::Document::parse(
      "perfetto: true\nfrom_cycle: 5\nto_cycle: 9\ntracks: [a/*, b]\n", "test.yaml", diagnostics);
  RecordConfig read;
  config::read(document, read, diagnostics);
  EXPECT_TRUE(diagnostics.ok()) << diagnostics.text();
  EXPECT_TRUE(read.perfetto);
  EXPECT_FALSE(read.vcd);
  EXPECT_EQ(read.from_cycle, 5u);
  EXPECT_EQ(read.to_cycle, 9u);
  EXPECT_THAT(read.tracks, ElementsAre("a/*", "b"));
}

TEST(RecordConfigTest, AnOpenEndIsAWord) {
  RecordConfig open;
  EXPECT_THAT(config::dump(open, nullptr), HasSubstr("to_cycle: end"));
  EXPECT_EQ(open.to_cycle, kNever);
  open.to_cycle = 7;
  config::Diagnostics diagnostics;
  const auto document = config::Document::parse("to_cycle: end\n", "test.yaml", diagnostics);
  config::read(document, open, diagnostics);
  EXPECT_TRUE(diagnostics.ok()) << diagnostics.text();
  EXPECT_EQ(open.to_cycle, kNever);
}

}  // namespace
}  // namespace sim::record
