// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/end_points.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace allmod {
namespace {

CostOptions priced(RomStyle rom) {
  CostOptions o;
  o.rom = rom;
  o.elastic = false;
  return o;
}

const EndPoint& named(const std::vector<EndPoint>& points, const std::string& name) {
  return *std::find_if(points.begin(), points.end(), [&](const EndPoint& p) { return p.name == name; });
}

// Their areas by hand are in cost_forms_test.cpp; the cycles follow the forms' formulas.
TEST(EndPoints, TakeTheCyclesOfTheirForms) {
  const Cost folded = folded_iterative(128, 2, priced(RomStyle::lut));
  EXPECT_EQ(folded.ii, 65u);
  EXPECT_EQ(folded.latency, 65u + 2);
  const Cost lane = deep_rom_lane(64, 8, 1, priced(RomStyle::bram));
  EXPECT_EQ(lane.ii, 8u);
  EXPECT_EQ(lane.latency, 8u + 4 + 3);
  EXPECT_EQ(lane.total().bram18, 8u);
  // More steps than look-ups: the steps set the pace.
  EXPECT_EQ(deep_rom_lane(16, 16, 1, priced(RomStyle::bram)).ii, 2u);
}

TEST(EndPoints, AreTheDatapathsThemselves) {
  Design d;
  d.n = 64, d.w = 8, d.m = 3, d.p = 2, d.e = 1, d.r = 2;
  const std::vector<EndPoint> points = end_points(d, priced(RomStyle::lut));
  ASSERT_EQ(points.size(), 4u);
  Design iterative = d;
  iterative.m = 64, iterative.p = 65, iterative.e = 0;
  EXPECT_EQ(named(points, "pure iterative").cost.total(),
            cost_of(Datapath(iterative), priced(RomStyle::lut))->total());
  EXPECT_EQ(named(points, "pure iterative").cost.latency, 1u + 33);
  EXPECT_EQ(named(points, "iterative, folded").cost.ii, 33u);
  // The best table width: no other is cheaper.
  const Cost& best = named(points, "lazy all-LUT").cost;
  for (unsigned w = 4; w <= 12; ++w) {
    Design all = d;
    all.w = w, all.m = all.p = all.e = 0;
    EXPECT_LE(best.total().lut_sites, cost_of(Datapath(all), priced(RomStyle::lut))->total().lut_sites);
  }
}

TEST(EndPoints, ExistAtEverySizeAndForEveryForm) {
  for (const unsigned n : {2u, 5u, 64u, 1024u}) {
    for (const Form form : {Form::pipelined, Form::template_, Form::template_literal}) {
      Design d;
      d.form = form, d.n = n, d.w = 2, d.m = 1, d.p = 1, d.e = 0;
      for (const EndPoint& point : end_points(d, priced(RomStyle::automatic))) {
        EXPECT_GT(point.cost.total().lut_sites, 0u) << n << " " << point.name;
        EXPECT_GT(point.cost.fmax_mhz(), 0) << n << " " << point.name;
      }
      EXPECT_EQ(end_points(d, priced(RomStyle::automatic)).size(), 4u);
    }
  }
}

// The authors' curves (figure, digitised): left ends at throughput 1/m*, m* = round((n + k) / (k + 1)),
// operations a cycle and 10^9 LUTs. Which area is meant? Tables outside, in block RAM: the all-LUT tree then
// has that magnitude at every n; with tables in LUTs it is about twice too large.
TEST(EndPoints, FigureCountsLutsWithoutTables) {
  struct Point {
    unsigned n, k;
    double efficiency;
  };
  for (const Point& left : {Point{256, 6, 2356}, Point{512, 5, 259.95}, Point{1024, 4, 26.7},
                            Point{2048, 3, 2.63}, Point{4096, 2, 0.25}}) {
    const double luts = 1e9 / balanced_m(left.n, left.k) / left.efficiency;
    Design tree;
    tree.n = left.n, tree.w = 6, tree.m = tree.p = tree.e = 0;
    const Cost in_bram = *cost_of(Datapath(tree, ~std::uint64_t{0}), priced(RomStyle::bram));
    const Cost in_luts = *cost_of(Datapath(tree, ~std::uint64_t{0}), priced(RomStyle::lut));
    const double adders = static_cast<double>(in_bram.part(Part::tree).lut_sites);
    RecordProperty("n" + std::to_string(left.n), std::to_string(adders / luts));
    EXPECT_NEAR(adders / luts, 1, 0.1) << left.n;
    EXPECT_LT(static_cast<double>(in_bram.total().lut_sites) / luts, 1.4) << left.n;
    EXPECT_GT(static_cast<double>(in_luts.total().lut_sites) / luts, 1.8) << left.n;
  }
}

}  // namespace
}  // namespace allmod
