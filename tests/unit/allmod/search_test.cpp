// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The search of designs against brute force over the same space, and its bounds against the cost model.
#include "models/allmod/search/search.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace allmod {
namespace {

// Every design of the space that can be built.
template <class F>
void each_design(const SearchSpace& s, const F& f) {
  Design d;
  d.n = s.n, d.segment = s.segment;
  const auto up_to = [](const Range& range, unsigned high) {
    return Range{range.low, std::min(range.high, high)};
  };
  const auto each = [](const Range& range, unsigned& field, const auto& next) {
    for (field = range.low; field <= range.high; ++field) next();
  };
  const auto try_it = [&] {
    if (violations(d, s.table_limit_bytes).empty()) f(d);
  };
  const auto both_adders = [&] {
    for (const bool eager : {false, true}) {
      d.eager = eager;
      if (s.eager.has(eager)) try_it();
    }
  };
  for (const Form form : s.forms) {
    d = Design{};
    d.form = form, d.n = s.n, d.segment = form == Form::pipelined ? s.segment : 0, d.m = d.p = d.e = 0;
    if (form == Form::iterative) {
      d.m = s.n;
      each(up_to(s.u, s.n + 1), d.u, try_it);
      continue;
    }
    if (has_multiplier(form)) {
      each(up_to(s.r, 2), d.r, try_it);
      continue;
    }
    each(up_to(s.w, kMaxGroupBits), d.w, [&] {
      each(up_to(s.m, s.n), d.m, [&] {
        if (is_template(form)) return try_it();
        each(up_to(s.p, d.m + 1), d.p, [&] {
          d.eager = false;
          if (form == Form::serial)
            each(up_to(s.t, s.n), d.t, [&] { each(up_to(s.u, s.n + 1), d.u, try_it); });
          else
            each(up_to(s.rho, kMaxRadix), d.rho,
                 [&] { each(up_to(s.e, 16), d.e, [&] { each(s.r, d.r, both_adders); }); });
        });
      });
    });
  }
}

std::vector<double> values(const Measures& m, const SearchGoals& goals) {
  std::vector<double> list;
  for (const Metric metric : goals.minimise) list.push_back(m.value(metric));
  return list;
}

std::set<std::vector<double>> brute_force(const SearchSpace& s, const SearchGoals& goals,
                                          const CostOptions& options, std::uint64_t* count) {
  std::set<std::vector<double>> all, front;
  *count = 0;
  each_design(s, [&](const Design& d) {
    ++*count;
    const Measures m = measures(*cost_of(Datapath(d, s.table_limit_bytes), options), options.device);
    for (const Cap& cap : goals.caps)
      if (m.value(cap.metric) > cap.most) return;
    all.insert(values(m, goals));
  });
  for (const auto& a : all) {
    bool beaten = false;
    for (const auto& b : all)
      beaten = beaten || (a != b && std::equal(b.begin(), b.end(), a.begin(), std::less_equal<>()));
    if (!beaten) front.insert(a);
  }
  return front;
}

void expect_same(const SearchSpace& space, const SearchGoals& goals, const CostOptions& options,
                 std::uint64_t at_least) {
  std::uint64_t designs = 0;
  const auto want = brute_force(space, goals, options, &designs);
  EXPECT_GE(designs, at_least);
  const SearchResult result = search(space, goals, options);
  std::set<std::vector<double>> have;
  for (const Found& found : result.front) have.insert(values(found.measures, goals));
  EXPECT_EQ(have, want);
  EXPECT_EQ(result.front.size(), want.size());
  EXPECT_TRUE(result.complete);
  if (designs >= 1000) {  // seeds are priced twice
    EXPECT_LT(result.effort.priced, designs);
  }
  testing::Test::RecordProperty("designs", static_cast<int>(designs));
  testing::Test::RecordProperty("priced", static_cast<int>(result.effort.priced));
}

const SearchGoals kLatencyAndLuts{{Metric::latency_cycles, Metric::lut_sites}, {}};

SearchSpace small(unsigned n, std::vector<Form> forms) {
  SearchSpace s;
  s.n = n, s.forms = std::move(forms);
  s.table_limit_bytes = ~std::uint64_t{0};
  return s;
}

TEST(Search, EqualsBruteForceOnTheWholeSpaceOf12Bits) {
  SearchSpace s = small(12, {Form::pipelined, Form::template_, Form::serial, Form::iterative, Form::barrett});
  s.r = {1, 3}, s.rho = {2, 4}, s.w = {1, 7};
  for (const bool elastic : {false, true})
    expect_same(s, kLatencyAndLuts, {RomStyle::automatic, elastic, 1, {}}, 20000);
}

TEST(Search, EqualsBruteForceOverThreeObjectivesAndCaps) {
  SearchSpace s = small(40, {Form::serial, Form::template_, Form::iterative});
  s.w = {3, 8}, s.m = {0, 9}, s.t = {1, 5}, s.u = {1, 5};
  const SearchGoals goals{{Metric::latency_ns, Metric::lut_sites, Metric::bram36},
                          {{Metric::critical_ns, 12}, {Metric::ff, 1500}}};
  for (const RomStyle rom : {RomStyle::bram, RomStyle::lut, RomStyle::automatic})
    expect_same(s, goals, {rom, false, 1, {}}, 5000);
}

TEST(Search, EqualsBruteForceAt128Bits) {
  SearchSpace s = small(128, {Form::pipelined, Form::template_, Form::serial, Form::iterative});
  s.w = {6, 8}, s.m = {0, 3}, s.r = {1, 2}, s.rho = {2, 3}, s.t = {1, 6}, s.u = {1, 6};
  expect_same(s, kLatencyAndLuts, {RomStyle::bram, false, 2, {}}, 2000);
  s.forms = {Form::serial, Form::iterative, Form::template_};
  s.m = {0, 128}, s.w = {8, 8}, s.p = {0, 6}, s.t = {1, 3}, s.u = {1, 3};
  expect_same(s, {{Metric::area_time, Metric::bram36}, {}}, {RomStyle::bram, true, 1, {}}, 3000);
}

// Parts of long reducers, drawn at random: deep memories that go to LUTs and to block RAM by turns as t, w
// and m change, and eager pipelines.
TEST(Search, EqualsBruteForceOnPartsOfLongReducers) {
  std::mt19937 dice(3);
  const auto draw = [&](unsigned low, unsigned high) {
    return low + static_cast<unsigned>(dice() % (high - low + 1));
  };
  for (int round = 0; round < 12; ++round) {
    const bool serial = round % 4 != 3;
    SearchSpace s =
        small(serial ? draw(200, 2048) : draw(130, 260), {serial ? Form::serial : Form::pipelined});
    const unsigned w = draw(serial ? 4 : 7, 9), m = draw(0, 3) == 0 ? 0 : draw(1, 60);
    const unsigned t = draw(1, std::max(1u, s.n / w / draw(1, 5)));
    s.w = {w, w + 1}, s.m = {m, m + 5}, s.t = {t, t + 12}, s.u = {1, draw(2, 5)};
    s.p = {m > 2 ? m - 2 : 0, m + 2}, s.r = {1, 2}, s.rho = {2, 3}, s.e = {0, 2};
    const auto rom = draw(0, 3) == 0 ? RomStyle::bram : RomStyle::automatic;
    const Metric area = draw(0, 2) == 0 ? Metric::scalar_luts : Metric::lut_sites;
    SCOPED_TRACE("round " + std::to_string(round));
    expect_same(s, {{Metric::latency_cycles, area}, {}}, {rom, draw(0, 1) == 1, 1, {}}, serial ? 20 : 5);
  }
}

TEST(Search, SegmentedAddersToo) {
  SearchSpace s = small(64, {Form::pipelined});
  s.segment = 24;
  s.w = {5, 8}, s.m = {0, 4}, s.r = {1, 2}, s.rho = {2, 3};
  expect_same(s, {{Metric::latency_ns, Metric::lut_sites}, {}}, {RomStyle::automatic, true, 1, {}}, 1000);
}

// Random boxes, and random designs in them: nothing measures less than its box's bound, and the cycles of a
// single design are exact.
TEST(Search, NoDesignMeasuresLessThanItsBox) {
  std::mt19937 dice(1);
  const auto draw = [&](unsigned low, unsigned high) {
    return low + static_cast<unsigned>(dice() % (high - low + 1));
  };
  unsigned tried = 0;
  for (int round = 0; round < 4000; ++round) {
    SearchSpace s = small(draw(2, draw(0, 3) == 0 ? 300 : 70), {});
    s.segment = draw(0, 3) == 0 ? draw(1, s.n) : 0;
    CostOptions options{static_cast<RomStyle>(draw(0, 2)), draw(0, 1) == 1, draw(1, 3), {}};
    Design d;
    d.form = std::array{Form::pipelined, Form::serial, Form::template_, Form::template_literal,
                        Form::iterative}[draw(0, 4)];
    d.n = s.n, d.w = draw(1, 12), d.m = draw(0, std::min(s.n, 30u)), d.p = draw(0, d.m + 1);
    d.rho = draw(2, 5), d.r = draw(1, 4);
    d.eager = d.form == Form::pipelined && s.segment == 0 && draw(0, 3) == 0;
    if (d.eager) d.rho = 2, d.p = d.m + 1;
    d.t = draw(1, draw(0, 1) == 0 ? 40 : 4), d.u = draw(1, std::min(5u, s.n + 1));
    if (d.form == Form::iterative) d.m = s.n;
    if (d.form == Form::pipelined) d.segment = s.segment, d.e = draw(0, tree_levels(group_count(d), d.rho));
    if (!violations(d, s.table_limit_bytes).empty()) continue;
    Box single;
    single.form = d.form, single.w = d.w, single.e = d.e, single.rho = d.rho, single.eager = d.eager;
    single.m = {d.m, d.m}, single.f = {d.m + 1 - d.p, d.m + 1 - d.p};
    single.r = {d.r, d.r}, single.t = {d.t, d.t}, single.u = {d.u, d.u};
    if (!has_parameter(d.form, "p")) single.f = {0, 0};
    Box wide = single;
    for (Range Box::*axis : {&Box::m, &Box::f, &Box::r, &Box::t, &Box::u}) {
      const unsigned below =
          std::min((wide.*axis).low - (axis == &Box::m || axis == &Box::f ? 0 : 1), draw(0, 3));
      wide.*axis = {(wide.*axis).low - below, (wide.*axis).high + draw(0, 3)};
    }
    wide.m.high = std::min(wide.m.high, d.form == Form::serial ? s.n - 1 : s.n);
    if (d.form == Form::iterative) wide.m = single.m;
    if (d.eager) wide.f = single.f;
    if (d.form == Form::serial && (d.m == 0)) wide.m = single.m, wide.f = single.f;
    if (d.form == Form::serial && d.m > 0) wide.m.low = std::max(1u, wide.m.low);
    const Measures exact = measures(*cost_of(Datapath(d, s.table_limit_bytes), options), options.device);
    const Bounds bound(s, options);
    ++tried;
    for (const Box& box : {single, wide}) {
      const Measures least = bound(box);
      for (std::size_t k = 0; k < kMetrics; ++k) {
        const auto metric = static_cast<Metric>(k);
        ASSERT_LE(least.value(metric), exact.value(metric) * (1 + 1e-12))
            << metric_word(metric) << " of " << form_word(d.form) << " n=" << d.n << " w=" << d.w
            << " m=" << d.m << " p=" << d.p << " e=" << d.e << " r=" << d.r << " rho=" << d.rho
            << " t=" << d.t << " u=" << d.u << " eager=" << d.eager << " segment=" << d.segment
            << " elastic=" << options.elastic << " rom=" << int(options.rom)
            << (box.single() ? "" : " in a wide box");
      }
    }
    if (s.segment == 0) {
      EXPECT_EQ(bound(single).latency, exact.latency) << form_word(d.form);
      EXPECT_EQ(bound(single).ii, exact.ii) << form_word(d.form);
    }
  }
  EXPECT_GT(tried, 2000u);
}

// The design notes: a lane of all-LUT with a deep memory beats the authors' template at its own interval, in
// LUT sites and in block RAM, at 64 to 256 bits.
TEST(Search, BeatsTheAuthorsTemplate) {
  for (const unsigned n : {64u, 128u, 256u}) {
    const CostOptions options{RomStyle::bram, false, 1, {}};
    Design drawing;
    drawing.form = Form::template_, drawing.n = n, drawing.w = n == 64 ? 8 : n == 128 ? 7 : 6;
    drawing.m = balanced_m(n, drawing.w);
    const Measures theirs = measures(*cost_of(Datapath(drawing), options), options.device);
    SearchSpace space = small(n, SearchSpace{}.forms);
    const SearchResult result =
        search(space, {{Metric::lut_sites, Metric::bram36}, {{Metric::ii_cycles, theirs.ii}}}, options);
    double best = 0;
    for (const Found& f : result.front)
      if (f.measures.bram36 <= theirs.bram36) best = std::max(best, theirs.lut_sites / f.measures.lut_sites);
    EXPECT_GT(best, 1.9) << n;
  }
}

TEST(Search, CanBeStopped) {
  SearchSpace s = small(256, SearchSpace{}.forms);
  const SearchResult result = search(s, kLatencyAndLuts, {}, [](const SearchEffort&) { return false; });
  EXPECT_FALSE(result.complete);
  EXPECT_FALSE(result.front.empty());
}

}  // namespace
}  // namespace allmod
