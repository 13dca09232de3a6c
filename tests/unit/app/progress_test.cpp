// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/progress.h"

#include <sstream>

#include <gtest/gtest.h>

namespace sim::app {
namespace {

ProgressState state(std::uint64_t done, double seconds) {
  return {done, 1000, "operations", done * 4000, seconds};
}

TEST(ShortNumber, ThreeDigitsAndAPrefix) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(7), "7");
  EXPECT_EQ(short_number(999), "999");
  EXPECT_EQ(short_number(999.7), "1.00 k");
  EXPECT_EQ(short_number(1000), "1.00 k");
  EXPECT_EQ(short_number(12345), "12.3 k");
  EXPECT_EQ(short_number(999'999), "1.00 M");
  EXPECT_EQ(short_number(1.25e6), "1.25 M");
  EXPECT_EQ(short_number(1.25e19), "12.5 E");
}

TEST(ShortTime, MinutesAndHours) {
  EXPECT_EQ(short_time(0), "0:00");
  EXPECT_EQ(short_time(11.2), "0:12");
  EXPECT_EQ(short_time(187), "3:07");
  EXPECT_EQ(short_time(3723), "1:02:03");
}

TEST(ProgressText, ShareCyclesSpeedAndTimeLeft) {
  EXPECT_EQ(progress_text(state(250, 10)), " 25.0 %  1.00 M cycles  100 k cycles/s  0:30 left");
}

TEST(ProgressText, WithoutATotalItCounts) {
  EXPECT_EQ(progress_text({1234, 0, "operations", 5000, 2}),
            "1.23 k operations  5.00 k cycles  2.50 k cycles/s");
}

TEST(ProgressText, OtherThingsThanCyclesCanBeCounted) {
  EXPECT_EQ(progress_text({250, 1000, "bytes", 4000, 10, "records"}),
            " 25.0 %  4.00 k records  400 records/s  0:30 left");
}

TEST(ProgressText, NothingDoneYetGivesNoTimeLeft) {
  EXPECT_EQ(progress_text(state(0, 1)), "  0.0 %  0 cycles  0 cycles/s");
}

TEST(Progress, LinesComeAtTheirInterval) {
  std::ostringstream out;
  Progress progress(out, Progress::Style::lines, 10);
  progress.update(state(100, 9.9));
  EXPECT_EQ(out.str(), "");
  progress.update(state(200, 10));
  progress.update(state(300, 19.9));
  progress.update(state(400, 20.5));
  EXPECT_EQ(out.str(),
            "tricycle:  20.0 %  800 k cycles  80.0 k cycles/s  0:40 left\n"
            "tricycle:  40.0 %  1.60 M cycles  78.0 k cycles/s  0:31 left\n");
}

TEST(Progress, TheBarIsRedrawnInPlaceAndTakenAway) {
  std::ostringstream out;
  {
    Progress progress(out, Progress::Style::bar, 10);
    progress.update(state(500, 1));
    EXPECT_EQ(out.str(),
              "\r\033[K[############............]  50.0 %  2.00 M cycles  2.00 M cycles/s  0:01 left\r");
  }
  EXPECT_EQ(out.str().substr(out.str().size() - 4), "\r\033[K");
}

TEST(Progress, QuietDrawsNothing) {
  std::ostringstream out;
  {
    Progress quiet(out, Progress::Style::none, 10), zero(out, Progress::Style::bar, 0);
    quiet.update(state(500, 100));
    zero.update(state(500, 100));
  }
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace sim::app
