// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Serial, iterative, eager and multiplying forms: what they take, counted by hand.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/allmod/function/cost.h"
#include "models/allmod/function/end_points.h"
#include "tests/support/latency_table.h"

namespace allmod {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

CostOptions priced_options(RomStyle rom = RomStyle::lut, bool elastic = false) {
  CostOptions o;
  o.rom = rom;
  o.elastic = elastic;
  o.device.srl_min = kNoSrl;
  return o;
}

Cost cost(const Design& d, const CostOptions& o = priced_options()) {
  return *cost_of(Datapath(d, kNoLimit), o);
}

Design serial(unsigned n, unsigned w, unsigned m, unsigned p, unsigned t, unsigned u) {
  Design d;
  d.form = Form::serial, d.n = n, d.w = w, d.m = m, d.p = p, d.t = t, d.u = u;
  return d;
}

Design iterative(unsigned n, unsigned u) {
  Design d;
  d.form = Form::iterative, d.n = d.m = n, d.u = u;
  return d;
}

Design eager(unsigned n, unsigned w, unsigned m, unsigned e) {
  Design d;
  d.n = n, d.w = w, d.m = m, d.p = m + 1, d.e = e, d.eager = true;
  return d;
}

Design multiplying(Form form, unsigned n, Multiplier multiplier = {}, unsigned r = 1) {
  Design d;
  d.form = form, d.n = n, d.multiplier = multiplier, d.r = r;
  return d;
}

double subtraction_ns(unsigned bits) { return 3.54 + 0.0285 * bits; }
double adder_ns(unsigned bits, unsigned levels = 1) { return 1.39 * levels + 0.0285 * bits; }

// n = 64, w = 8: 8 tables in one memory of 2,048 words, 18 bits a RAMB36: 3 of them hold 54 bits, two halves
// the other 10. Sum below 9 * 2^64: 68 bits. J = bitlen(2 + 7) = 4 steps, each on 65 bits.
TEST(CostSerial, DeepTableByHand) {
  const Cost c = cost(serial(64, 8, 0, 0, 1, 1), priced_options(RomStyle::bram));
  EXPECT_EQ(c.part(Part::input), (Area{48, 128 + 128 + 48, 0, 0, 0}));  // look-up stage; 6 addresses shift
  EXPECT_EQ(c.part(Part::tables), (Area{3 * 8, 0, 8, 0, 0}));           // an address from four places
  EXPECT_EQ(c.part(Part::join_delay), Area{});
  EXPECT_EQ(c.part(Part::tree), (Area{68 + 64, 68, 0, 17, 0}));  // starts with the low half
  // After the first step 67 bits, of which 3 only shift; the choice of the first step's operand; the result.
  EXPECT_EQ(c.part(Part::post), (Area{2 * 65 + 3 + 32, 67 + 64, 0, 17, 0}));
  EXPECT_EQ(c.part(Part::pre), Area{});
  // Counters of 8 and 4 states, five stages.
  EXPECT_EQ(c.part(Part::control), (Area{3 + 2 + 1, 3 + 2 + 5, 0, 0, 0}));
  EXPECT_EQ(c.latency, 8u + 4 + 3);
  EXPECT_EQ(c.ii, 8u);
  // Accumulator behind the memory: 1.39 + 68 * 0.0285 + 2.0 = 5.328 ns; the step: 5.3925 ns.
  EXPECT_NEAR(c.critical_ns, subtraction_ns(65), 1e-9);
  EXPECT_EQ(deep_rom_lane(64, 8, 1, priced_options(RomStyle::bram)).total(), c.total());
  EXPECT_EQ(deep_rom_lane(64, 8, 1, priced_options(RomStyle::bram)).latency, c.latency);
}

// The same with three memories: tables 0, 3, 6 and 1, 4, 7 (768 words) and 2, 5 (512 words).
TEST(CostSerial, LanesOfTablesByHand) {
  const Cost c = cost(serial(64, 8, 0, 0, 3, 3));
  EXPECT_EQ(c.part(Part::input), (Area{16, 128 + 128 + 16, 0, 0, 0}));  // tables 6 and 7
  // A bit: 768 / 64 and a multiplexer of three 256-word blocks, 512 / 64 and one of two; three addresses.
  EXPECT_EQ(c.part(Part::tables), (Area{64 * (2 * (12 + 1) + (8 + 1)) + 3 * 3 * 8, 3 * 64, 0, 0, 0}));
  EXPECT_EQ(c.part(Part::tree), (Area{3 * 68 + 64, 68, 0, 3 * 17, 0}));
  // Four steps on three subtractors: one, then three. After the first one 67 bits.
  EXPECT_EQ(c.part(Part::post), (Area{3 * 130 + 3 + 32, 67 + 64, 0, 3 * 17, 0}));
  EXPECT_EQ(c.part(Part::control), (Area{2 + 1 + 1, 2 + 1 + 5, 0, 0, 0}));  // 3 and 2 cycles
  EXPECT_EQ(c.latency, 3u + 2 + 3);
  EXPECT_EQ(c.ii, 3u);
  EXPECT_NEAR(c.critical_ns, 3 * subtraction_ns(65), 1e-9);
}

// n = 16, w = 4, m = 4, p = 3, t = u = 2: 3 tables in 2 cycles, f = 2, J = bitlen(4 + 2) = 3.
// Largest sums: of the tables 3 * 65534 = 196602, 18 bits; R 4 * 65535 - 1 = 262139; both 458741, 19 bits.
TEST(CostSerial, HybridByHand) {
  const Cost c = cost(serial(16, 4, 4, 3, 2, 2));
  EXPECT_EQ(c.part(Part::input), (Area{4, 32 + 4, 0, 0, 0}));
  // Memories of 32 and of 16 words, two bits a LUT; two addresses of 4 bits; two answers.
  EXPECT_EQ(c.part(Part::tables), (Area{8 + 8 + 2 * 4, 2 * 16, 0, 0, 0}));
  // Two adders of 19 bits; R (18 bits after three steps) in place of an answer; sum of the tables.
  EXPECT_EQ(c.part(Part::tree), (Area{2 * 19 + 18, 18, 0, 2 * 5, 0}));
  // Subtractors of 17 bits. R has 20 bits after its first step (j = 4, alone in its cycle), 4 of them shift.
  EXPECT_EQ(c.part(Part::pre), (Area{2 * 34 + 4, 20, 0, 2 * 5, 0}));
  EXPECT_EQ(c.part(Part::post), (Area{19, 16, 0, 0, 0}));  // load of the fused sum; result register
  EXPECT_EQ(c.part(Part::join_delay), Area{});
  // 2 cycles of reading, 6 of the core (max(2 + 1, 2) + 1 + 2), three stages.
  EXPECT_EQ(c.part(Part::control), (Area{1 + 3 + 1, 1 + 3 + 3, 0, 0, 0}));
  EXPECT_EQ(c.latency, 8u);
  EXPECT_EQ(c.ii, 6u);
  EXPECT_NEAR(c.critical_ns, 2 * subtraction_ns(17), 1e-9);
}

// The subtractors belong to the steps after the fusion where there are none before it. R waits in their
// register: 20 bits; f = 5, J = bitlen(32 + 2) = 6, R + tables: 1048575 + 196602 = 1245177, 21 bits.
TEST(CostSerial, NothingBeforeTheFusion) {
  const Cost c = cost(serial(16, 4, 4, 0, 2, 2));
  EXPECT_EQ(c.part(Part::pre), Area{});
  // First step j = 5 on max(21, 21) - 5 = 16 bits beside j = 4 on 17; 21 - 16 bits shift; load; result.
  EXPECT_EQ(c.part(Part::post), (Area{2 * 34 + 5 + 21, 21 + 16, 0, 2 * 5, 0}));
  EXPECT_EQ(c.part(Part::tree).lut_sites, 2u * 21 + 20);
}

// 128 bits, two steps a cycle: 65 cycles, the first of which has one step (j = 128). Then 256 bits, of which
// 128 shift; the first step takes the operand as it comes.
TEST(CostIterative, ByHand) {
  const Cost c = cost(iterative(128, 2));
  EXPECT_EQ(c.part(Part::input), (Area{0, 256, 0, 0, 0}));
  EXPECT_EQ(c.part(Part::pre), (Area{2 * 2 * 129 + 128 + 64, 256, 0, 2 * 33, 0}));
  EXPECT_EQ(c.part(Part::post), (Area{0, 128, 0, 0, 0}));
  EXPECT_EQ(c.part(Part::control), (Area{7 + 1, 7 + 3, 0, 0, 0}));
  EXPECT_EQ(c.ii, 65u);
  EXPECT_EQ(c.latency, 67u);
  EXPECT_NEAR(c.critical_ns, 2 * subtraction_ns(129), 1e-9);
  EXPECT_EQ(folded_iterative(128, 2, priced_options()).total(), c.total());
}

// n = 16, w = 4, m = 0: 4 tables and R below M. Adders with subtractors: 2, 1 and 1, each of 17 bits.
TEST(CostEager, ByHand) {
  const Cost c = cost(eager(16, 4, 0, 0));
  EXPECT_EQ(c.part(Part::input), (Area{0, 32, 0, 0, 0}));
  EXPECT_EQ(c.part(Part::tables), (Area{4 * 8, 4 * 16, 0, 0, 0}));
  EXPECT_EQ(c.part(Part::pre), (Area{2 * 16, 16, 0, 4, 0}));
  EXPECT_EQ(c.part(Part::join_delay), (Area{0, 2 * 16, 0, 0, 0}));  // R, two levels
  EXPECT_EQ(c.part(Part::tree), (Area{4 * (17 + 34), 4 * 16, 0, 4 * 2 * 5, 0}));
  EXPECT_EQ(c.part(Part::post), Area{});
  EXPECT_EQ(c.latency, 5u);
  EXPECT_NEAR(c.critical_ns, 1.39 + subtraction_ns(17), 1e-9);
}

// n = 16: multipliers of 18 by 18 bits. Rows added as a tree, k of them in
//   2: 19; 3: 19 + 19 = 38; 4: 20 + 2 * 19 = 58; 5: 20 + 38 + 19 = 77; 9: 22 + 77 + 58 = 157;
//   18: 27 + 2 * 157 = 341 sites, and 5, 10, 15, 20, 41, 89 CARRY4.
TEST(CostProducts, BarrettByHand) {
  const Cost c = cost(multiplying(Form::barrett, 16));
  EXPECT_EQ(c.part(Part::input), (Area{0, 32, 0, 0, 0}));
  EXPECT_EQ(c.part(Part::multiplier), (Area{2 * 341, 34 + 18, 0, 2 * 89, 0}));
  EXPECT_EQ(c.part(Part::join_delay), (Area{0, 2 * 18, 0, 0, 0}));
  EXPECT_EQ(c.part(Part::tree), (Area{18, 18, 0, 5, 0}));
  // x - 2M and x - M on 17 bits each; registers of 17 and 16 bits.
  EXPECT_EQ(c.part(Part::post), (Area{2 * 34, 17 + 16, 0, 2 * 5, 0}));
  EXPECT_EQ(c.part(Part::control), (Area{1, 6, 0, 0, 0}));
  EXPECT_EQ(c.part(Part::tables), Area{});
  EXPECT_EQ(c.latency, 6u);
  EXPECT_NEAR(c.critical_ns, adder_ns(36, 5), 1e-9);  // 18 operands: five levels
}

// n = 15, operands of 16 bits; one split: 8, 8 and 9 bits, 3 rows a cycle, 3 cycles, two registers behind.
TEST(CostProducts, MontgomeryWithKaratsubaAndDigitsByHand) {
  const Cost c = cost(multiplying(Form::montgomery, 15, {3, 1, 2}));
  // Split: 8. Of 8 bits, twice: rows 9 + 9, accumulator 8 + 3, operand 8. Of 9 bits: 10 + 10, 12, 9.
  // Recombination: two of 18 bits, one of 32 - 8.
  const std::uint64_t sites = 8 + 2 * (18 + 11 + 8) + (20 + 12 + 9) + (2 * 18 + 24);
  const std::uint64_t carries = 2 + 2 * (2 * 3 + 3) + (2 * 3 + 3) + (2 * 5 + 6);
  // The split's third operand, products of 2 * 25 bits, then what is wanted three times: 15, 30, 31, 15, 30.
  EXPECT_EQ(c.part(Part::multiplier),
            (Area{5 * sites, 5 * (9 + 50) + 3 * (15 + 30 + 31 + 15 + 30), 0, 5 * carries, 0}));
  // During the splits X, X and m, t, x, x and m; beside the products X, X, -, x, x, for four stages.
  EXPECT_EQ(c.part(Part::join_delay), (Area{0, (30 + 45 + 16 + 31 + 46) + 4 * (30 + 30 + 31 + 31), 0, 0, 0}));
  // Sums of 31 and 32 bits, of which 15 are 0 and go.
  EXPECT_EQ(c.part(Part::tree), (Area{31 + 32, 16 + 17, 0, 8 + 8, 0}));
  EXPECT_EQ(c.part(Part::post), (Area{2 * 32, 16 + 15, 0, 2 * 4, 0}));
  EXPECT_EQ(c.part(Part::control), (Area{5 * 2 + 1, 5 * 2 + 30, 0, 0, 0}));
  EXPECT_EQ(c.latency, 1u + 5 * 7 + 2 + 2);
  EXPECT_EQ(c.ii, 3u);
}

TEST(CostForms, FlipFlopsAreTheDatapathsRegisters) {
  for (const Design& d :
       {eager(16, 4, 0, 0), eager(64, 6, 3, 2), eager(100, 7, 12, 1), multiplying(Form::barrett, 33),
        multiplying(Form::barrett, 64, {0, 0, 3}, 2), multiplying(Form::montgomery, 48, {0, 0, 1})}) {
    const Datapath datapath(d, kNoLimit);
    std::uint64_t bits = 0;
    for (const RegisterView& view : datapath.registers()) bits += view.bits;
    const std::uint64_t stages = datapath.stages().size();
    EXPECT_EQ(cost(d).total().ff, bits + stages) << form_word(d.form) << " " << d.n;
    EXPECT_EQ(cost(d, priced_options(RomStyle::lut, true)).total().ff, 2 * bits + 2 * stages);
  }
}

std::vector<Design> one_of_each(unsigned n) {
  return {serial(n, 6, 0, 0, 1, 1),
          serial(n, 6, 0, 0, 2, 3),
          serial(n, 6, 5, 4, 2, 2),
          iterative(n, 3),
          eager(n, 6, 2, 1),
          multiplying(Form::barrett, n, {8, 1, 1}),
          multiplying(Form::montgomery, n)};
}

TEST(CostForms, EveryPartHasItsWord) {
  EXPECT_STREQ(part_word(Part::input), "input");
  EXPECT_STREQ(part_word(Part::multiplier), "multiplier");
  EXPECT_STREQ(part_word(Part::control), "control");
}

TEST(CostForms, KeepTheDatapathsCycles) {
  for (const Design& d : one_of_each(64)) {
    const Datapath datapath(d, kNoLimit);
    EXPECT_EQ(cost(d).latency, datapath.latency()) << form_word(d.form);
    EXPECT_EQ(cost(d).ii, datapath.ii()) << form_word(d.form);
  }
}

TEST(CostForms, TotalsAreSumsOfPartsAndLanes) {
  for (const Design& d : one_of_each(64)) {
    CostOptions o = priced_options(RomStyle::automatic, true);
    const Cost lane = cost(d, o);
    Area sum;
    for (const Area& part : lane.parts) sum += part;
    EXPECT_EQ(lane.total(), sum);
    o.lanes = 3;
    EXPECT_EQ(cost(d, o).total().lut_sites, 3 * lane.total().lut_sites);
    // Two entries a register cost flip-flops and LUTs, and a level on every path.
    const Cost global = cost(d, priced_options(RomStyle::automatic, false));
    EXPECT_GT(lane.total().ff, global.total().ff) << form_word(d.form);
    EXPECT_GT(lane.total().lut_sites, global.total().lut_sites) << form_word(d.form);
    EXPECT_NEAR(lane.critical_ns, global.critical_ns + 0.6, 1e-9) << form_word(d.form);
  }
}

TEST(CostForms, GrowWithTheModulus) {
  for (std::size_t form = 0; form < one_of_each(64).size(); ++form) {
    Area before;
    double fmax = std::numeric_limits<double>::max();
    for (unsigned n = 32; n <= 512; n += 40) {
      const Cost c = cost(one_of_each(n)[form]);
      EXPECT_GT(c.total().lut_sites, before.lut_sites) << form << " " << n;
      EXPECT_GT(c.total().ff, before.ff) << form << " " << n;
      EXPECT_LE(c.fmax_mhz(), fmax) << form << " " << n;
      before = c.total();
      fmax = c.fmax_mhz();
    }
  }
}

Design from_words(const std::map<std::string, std::string>& words) {
  Design d;
  const std::map<std::string, unsigned*> numbers = {{"n", &d.n},
                                                    {"w", &d.w},
                                                    {"m", &d.m},
                                                    {"p", &d.p},
                                                    {"e", &d.e},
                                                    {"r", &d.r},
                                                    {"t", &d.t},
                                                    {"u", &d.u},
                                                    {"digit", &d.multiplier.digit},
                                                    {"karatsuba", &d.multiplier.karatsuba},
                                                    {"registers", &d.multiplier.registers}};
  for (const auto& [key, value] : words) {
    if (key == "form") {
      const std::string& form = value;
      d.form = *std::find_if(forms().begin(), forms().end(), [&](Form f) { return form == form_word(f); });
    } else if (key == "eager") {
      d.eager = value == "1";
    } else {
      *numbers.at(key) = static_cast<unsigned>(std::stoul(value));
    }
  }
  return d;
}

TEST(CostForms, TheModelsPageSaysTheSame) {
  for (const auto& row : ::test::read_table(TRICYCLE_SOURCE_DIR "/models/allmod/README.md", "area")) {
    CostOptions o = priced_options(RomStyle::automatic);
    o.device = Device();
    const Cost c = cost(from_words(row.settings("design")), o);
    const std::string& design = row.cells.at("design");
    EXPECT_EQ(c.total().lut_sites, row.number("LUT sites")) << design;
    EXPECT_EQ(c.total().ff, row.number("FF")) << design;
    EXPECT_EQ(c.total().bram18, row.number("RAMB18")) << design;
    EXPECT_EQ(c.ii, row.number("interval")) << design;
    EXPECT_EQ(static_cast<unsigned>(std::lround(c.fmax_mhz())), row.number("f_max, MHz")) << design;
  }
}

// Karatsuba pays for long operands and not for short ones; digits take time for area.
TEST(CostProducts, SplitsAndDigitsTradeAsExpected) {
  const auto sites = [](unsigned n, Multiplier multiplier) {
    return cost(multiplying(Form::barrett, n, multiplier)).part(Part::multiplier).lut_sites;
  };
  EXPECT_GT(sites(16, {0, 1, 0}), sites(16, {}));
  EXPECT_LT(sites(1024, {0, 1, 0}), sites(1024, {}));
  EXPECT_LT(sites(1024, {0, 3, 0}), sites(1024, {0, 2, 0}));
  EXPECT_LT(10 * sites(256, {16, 0, 0}), sites(256, {}));
}

// Eager adders cost what the sum's few steps behind a lazy tree do not.
TEST(CostEager, IsDearerAndSlowerThanLazy) {
  Design lazy = eager(128, 8, 0, 0);
  lazy.eager = false;
  EXPECT_GT(cost(eager(128, 8, 0, 0)).part(Part::tree).lut_sites,
            2 * cost(lazy).part(Part::tree).lut_sites + cost(lazy).part(Part::post).lut_sites);
  EXPECT_LT(cost(eager(128, 8, 0, 0)).fmax_mhz(), cost(lazy).fmax_mhz());
}

TEST(EndPointsOfForms, StandBesideEveryForm) {
  for (const unsigned n : {32u, 64u, 1024u}) {
    for (const Design& d : one_of_each(n)) {
      const std::vector<EndPoint> points = end_points(d, priced_options(RomStyle::automatic));
      const bool hybrid = d.form == Form::serial && !is_overlapped(d);
      ASSERT_EQ(points.size(), hybrid ? 5u : 4u) << form_word(d.form);
      for (const EndPoint& point : points) EXPECT_GT(point.cost.total().lut_sites, 0u) << point.name;
      if (hybrid) {
        EXPECT_EQ(points.back().cost.total(),
                  cost(serial(n, d.w, 0, 0, d.t, d.u), priced_options(RomStyle::automatic)).total());
      }
      const unsigned u = has_parameter(d.form, "u") ? d.u : d.r;
      EXPECT_EQ(points[2].cost.ii, (n + u) / u) << form_word(d.form);
    }
  }
}

}  // namespace
}  // namespace allmod
