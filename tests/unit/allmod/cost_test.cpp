// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/cost.h"

#include <limits>

#include <gtest/gtest.h>

namespace allmod {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

Design design(unsigned n, unsigned w, unsigned m, unsigned p, unsigned e, unsigned r = 1, unsigned rho = 2,
              unsigned segment = 0) {
  return {Form::pipelined, n, w, m, p, e, r, rho, segment};
}

CostOptions options(RomStyle rom = RomStyle::lut, bool elastic = false, unsigned srl_min = 3) {
  CostOptions o;
  o.rom = rom;
  o.elastic = elastic;
  o.device.srl_min = srl_min;
  return o;
}

Cost cost(const Design& d, const CostOptions& o) { return *cost_of(Datapath(d, kNoLimit), o); }

std::uint64_t register_bits(const Design& d) {
  const Datapath datapath(d, kNoLimit);
  std::uint64_t bits = 0;
  for (const RegisterView& view : datapath.registers()) bits += view.bits;
  return bits;
}

// A bill with nothing in it but what `write` puts there.
template <class F>
Area one(F write, bool elastic = false) {
  Bill bill(options(RomStyle::lut, elastic));
  write(bill);
  return bill.finish(1, 1).total();
}

TEST(Bill, AddersByHand) {
  EXPECT_EQ(one([](Bill& b) { b.adder(Part::tree, 65); }), (Area{65, 0, 0, 17, 0}));
  EXPECT_EQ(one([](Bill& b) { b.adder(Part::tree, 65, 3); }), (Area{130, 0, 0, 34, 0}));  // two in a row
  EXPECT_EQ(one([](Bill& b) { b.adder(Part::tree, 65, 1); }), Area{});
  EXPECT_EQ(one([](Bill& b) { b.conditional_subtraction(Part::pre, 65); }), (Area{130, 0, 0, 17, 0}));
}

TEST(Bill, DelaysByHand) {
  const auto hold = [](unsigned cycles, bool elastic = false) {
    return one([cycles](Bill& b) { b.hold(Part::pre, 16, cycles); }, elastic);
  };
  EXPECT_EQ(hold(1), (Area{0, 16, 0, 0, 0}));
  EXPECT_EQ(hold(2), (Area{0, 32, 0, 0, 0}));
  EXPECT_EQ(hold(3), (Area{16, 0, 0, 0, 16}));
  EXPECT_EQ(hold(32), (Area{16, 0, 0, 0, 16}));
  EXPECT_EQ(hold(33), (Area{16, 16, 0, 0, 16}));  // 32 and a flip-flop
  EXPECT_EQ(hold(40), (Area{32, 0, 0, 0, 32}));   // 32 and 8
  // Two entries and a multiplexer a bit and cycle.
  EXPECT_EQ(hold(3, true), (Area{48, 96, 0, 0, 0}));
}

TEST(Bill, AnswersOfABlockRamComeInItsOwnRegister) {
  EXPECT_EQ(one([](Bill& b) { b.hold_answer(Part::join_delay, 16, 1, true); }), Area{});
  EXPECT_EQ(one([](Bill& b) { b.hold_answer(Part::join_delay, 16, 3, true); }), (Area{0, 32, 0, 0, 0}));
  EXPECT_EQ(one([](Bill& b) { b.hold_answer(Part::join_delay, 16, 3, false); }), (Area{16, 0, 0, 0, 16}));
  EXPECT_EQ(one([](Bill& b) { b.hold_answer(Part::join_delay, 16, 1, true); }, true),
            (Area{16, 16, 0, 0, 0}));
}

TEST(Bill, PathsByHand) {
  const Bill bill(options());
  EXPECT_NEAR(bill.adder_ns(128), 1.39 + 128 * 0.0285, 1e-9);         // 5.038 ns
  EXPECT_NEAR(bill.adder_ns(128, 4), 2 * 1.39 + 128 * 0.0285, 1e-9);  // two levels, one ripple
  EXPECT_NEAR(bill.subtraction_ns(64), 3.54 + 64 * 0.0285, 1e-9);     // 5.364 ns
}

// n = 16, w = 4, m = p = e = 0: 4 tables of 16 words and R, J = bitlen(2 + 3) = 3.
// Widths: t 16; level 1: 17, 17 and R waits; level 2: 18 and R waits; level 3: 65534 * 4 + 65535 < 2^19.
TEST(CostPipelined, AllLutByHand) {
  const Cost c = cost(design(16, 4, 0, 0, 0), options());
  EXPECT_EQ(c.part(Part::tables), (Area{4 * 8, 4 * 16, 0, 0, 0}));  // 16 words: two bits a LUT
  // 17 + 17, 18, 19; CARRY4 5 each. Registers of the same widths, but for the sum's bit 0: below.
  EXPECT_EQ(c.part(Part::tree), (Area{71, 71 - 1, 0, 20, 0}));
  // The low half: from the operand register through look-up and levels 1 and 2, four registers: one SRL a
  // bit.
  EXPECT_EQ(c.part(Part::join_delay), (Area{16, 0, 0, 0, 16}));
  EXPECT_EQ(c.part(Part::input), (Area{0, 16, 0, 0, 0}));  // the high half
  // Steps j = 2, 1, 0 on 19 - 2, 18 - 1 and 17 bits, two sites and 5 CARRY4 each, leave 16 bits each. Below j
  // bits only pass: bit 0 lies in the sum's register and two more, an SRL; bit 1 in the sum's and one more.
  EXPECT_EQ(c.part(Part::post), (Area{2 * 3 * 17 + 1, 3 * 16 + 1, 0, 15, 1}));
  EXPECT_EQ(c.latency, 1u + 1 + 3 + 3);
  EXPECT_EQ(c.ii, 1u);
  EXPECT_EQ(c.part(Part::control), (Area{1, 8, 0, 0, 0}));
}

// n = 8, w = 8, m = 8, p = 9: restoring only, 9 stages. Step j = 8 - s works on 8, then 9 bits.
TEST(CostPipelined, PureIterativeByHand) {
  const Cost c = cost(design(8, 8, 8, 9, 0), options(RomStyle::lut, false, kNoSrl));
  EXPECT_EQ(c.part(Part::pre).lut_sites, 2u * (8 + 8 * 9));
  EXPECT_EQ(c.part(Part::pre).carry4, 2u + 8 * 3);
  // Registers: 16 in front, then n + j = 16, 15, ..., 8.
  EXPECT_EQ(c.total().ff - c.part(Part::control).ff, 16u + (16 + 15 + 14 + 13 + 12 + 11 + 10 + 9 + 8));
  EXPECT_EQ(c.part(Part::tables), Area{});
  EXPECT_EQ(c.part(Part::tree), Area{});
  // With shift registers: step j = b is in cycle 9 - b, until then bit b lies in as many registers. Those of
  // 3 and more are one SRL each: bits 6..0.
  EXPECT_EQ(cost(design(8, 8, 8, 9, 0), options()).total().srl, 7u);
}

TEST(CostPipelined, BlockRamByHand) {
  // n = 64, w = 9, m = 1, p = 2, e = 1: 7 tables of 512 words by 64 bits, 2 halves each.
  const Cost c = cost(design(64, 9, 1, 2, 1), options(RomStyle::bram));
  EXPECT_EQ(c.part(Part::tables), (Area{0, 0, 14, 0, 0}));
  // The seventh answer waits for a partner behind the memory's register.
  EXPECT_EQ(c.part(Part::join_delay).ff, 64u);
}

TEST(CostPipelined, FrequencyByHand) {
  // The longest path is the restoring step on n + 1 bits.
  const Cost c = cost(design(64, 6, 1, 2, 1), options());
  EXPECT_NEAR(c.critical_ns, 3.54 + 65 * 0.0285, 1e-9);
  EXPECT_NEAR(c.fmax_mhz(), 1000 / (3.54 + 65 * 0.0285), 1e-6);
  // Two in a cycle wait for each other's sign; B2 leaves 64 bits to the first.
  EXPECT_NEAR(cost(design(64, 6, 1, 2, 1, 2), options()).critical_ns, 2 * 3.54 + 130 * 0.0285, 0.0285);
  // Elastic: one LUT level more.
  EXPECT_NEAR(cost(design(64, 6, 1, 2, 1), options(RomStyle::lut, true)).critical_ns, c.critical_ns + 0.6,
              1e-9);
  // Segments of 16: 65 = 4 * 16 + 1: the choice falls behind a carry chain of one bit, the adders' paths are
  // 1.39 + 16 * 0.0285 = 1.846 ns.
  EXPECT_NEAR(cost(design(64, 6, 1, 2, 1, 1, 2, 16), options()).critical_ns, 3.54 + 16 * 0.0285, 0.5);
}

// Of two operands of an adder, in the LUT that adds them; of a conditional subtraction where M has a 0.
std::uint64_t choices_in_carry_chains(const Design& d) {
  const Datapath datapath(d);
  std::uint64_t bits = 0;
  for (const auto& level : datapath.tree())
    for (const Node& node : level) bits += node.operands.size() > 1 ? node.bits : 0;
  const auto steps = [&bits](const std::vector<Step>& list, const std::vector<StepCycle>& schedule) {
    for (const StepCycle& cycle : schedule)
      if (cycle.parts == 1) bits += list[cycle.first].subtractor_bits / 2;
  };
  steps(datapath.pre(), datapath.pre_schedule());
  steps(datapath.post(), datapath.post_schedule());
  return bits;
}

TEST(CostPipelined, FlipFlopsAreTheDatapathsRegisters) {
  for (const Design& d :
       {design(16, 4, 0, 0, 0), design(64, 6, 2, 2, 1), design(64, 6, 12, 9, 2), design(64, 8, 64, 65, 0),
        design(100, 7, 5, 0, 2, 1, 3), design(128, 8, 15, 12, 4, 3), design(128, 8, 1, 2, 1, 2, 4),
        design(64, 8, 64, 60, 0, 2), design(33, 5, 3, 4, 0), design(65, 5, 30, 31, 1),
        // Restoring steps in segments, nothing else.
        design(64, 8, 64, 65, 0, 1, 2, 16), design(64, 8, 64, 60, 0, 1, 2, 24)}) {
    const Cost global = cost(d, options(RomStyle::lut, false, kNoSrl));
    const unsigned stages = static_cast<unsigned>(Datapath(d).stages().size());
    EXPECT_EQ(global.total().ff, register_bits(d) + stages) << d.n << " " << d.m << " " << d.p << " " << d.e;
    EXPECT_EQ(global.total().srl, 0u);
    // Two-entry FIFOs: all of them twice, and a choice a bit, but where a carry chain's LUT makes it.
    const Cost elastic = cost(d, options(RomStyle::lut, true));
    EXPECT_EQ(elastic.total().ff, 2 * register_bits(d) + 2 * stages);
    EXPECT_EQ(elastic.total().lut_sites - 3 * stages,
              global.total().lut_sites - 1 + register_bits(d) - choices_in_carry_chains(d));
    // Shift registers trade flip-flops for fewer sites.
    const Cost srl = cost(d, options());
    EXPECT_LE(srl.total().ff + 3 * srl.total().srl, global.total().ff);
    EXPECT_EQ(srl.total().lut_sites - srl.total().srl, global.total().lut_sites);
  }
}

TEST(CostPipelined, SegmentsCostRegistersAndCarries) {
  const Cost whole = cost(design(128, 8, 1, 0, 0), options(RomStyle::lut, false, kNoSrl));
  const Cost cut = cost(design(128, 8, 1, 0, 0, 1, 2, 32), options(RomStyle::lut, false, kNoSrl));
  EXPECT_EQ(cut.part(Part::tree).lut_sites, whole.part(Part::tree).lut_sites);
  // The sum has 133 bits, 5 segments: 127 address bits wait four times.
  EXPECT_EQ(cut.part(Part::tables).ff, whole.part(Part::tables).ff + 4 * 127u);
  // 4 carries of each adder whose sum has 129 bits or more: all 16 of them.
  EXPECT_EQ(cut.part(Part::tree).ff, whole.part(Part::tree).ff + 16 * 4u + 4 * 32);
  // The low part's segments (4 of 32 bits and one bit) wait 0, 1, 2, 3 and 4 cycles, the sum's 4, 3, 2, 1, 0,
  // of which the first register is the tree's (above).
  EXPECT_EQ(cut.part(Part::join_delay).ff,
            whole.part(Part::join_delay).ff + 32 * (1 + 2 + 3) + 1 * 4 + 32 * (3 + 2 + 1 + 0));
  EXPECT_GT(cut.fmax_mhz(), 1.5 * whole.fmax_mhz());
}

TEST(CostTemplate, ByHand) {
  // n = 64, w = 6, m = 10: d = 9 tables of 64 words, 11 steps; core = max(1 + 9, 11) = 11 cycles.
  Design d;
  d.form = Form::template_, d.n = 64, d.w = 6, d.m = 10;
  const Cost c = cost(d, options());
  EXPECT_EQ(c.part(Part::input), (Area{0, 128, 0, 0, 0}));
  // 9 * 64; 9:1 multiplexer of 4 sites (two 8:1 halves would be 2 + ..., the rule gives 4 up to 16); overflow
  // table of 9 words: 32. Registers: 9 answers of 64, overflow answer 64.
  EXPECT_EQ(c.part(Part::tables), (Area{576 + 4 * 64 + 32, 9 * 64 + 64, 0, 0, 0}));
  // Accumulator: 9 * (2^64 - 2) has 68 bits. Fusion: 2^64 - 1 + 2^64 - 2 + 2^64 - 2 has 66 bits, two adders.
  EXPECT_EQ(c.part(Part::tree), (Area{68 + 2 * 66, 68 + 66, 0, 17 + 2 * 17, 0}));
  // Subtractor of 65 bits, 10 bits below it shift. Register 64 + 0 bits after the last step.
  EXPECT_EQ(c.part(Part::pre), (Area{2 * 65 + 10, 64, 0, 17, 0}));
  EXPECT_EQ(c.part(Part::join_delay), (Area{0, 64 + 64, 0, 0, 0}));
  EXPECT_EQ(c.part(Part::post), (Area{3 * 66 + 64, 64, 0, 3 * 17, 0}));
  EXPECT_EQ(c.part(Part::control), (Area{1 + 4, 5 + 4, 0, 0, 0}));  // counter of 11: 4 bits
  EXPECT_EQ(c.ii, 11u);
  EXPECT_EQ(c.latency, 15u);
  d.form = Form::template_literal;
  EXPECT_EQ(cost(d, options()).part(Part::post).carry4, 2u * 17);  // no x - 3M
}

TEST(Cost, TotalsAreSumsOfPartsAndLanes) {
  for (const bool elastic : {false, true}) {
    CostOptions o = options(RomStyle::automatic, elastic);
    const Cost lane = cost(design(128, 9, 1, 2, 1), o);
    Area sum;
    for (const Area& part : lane.parts) sum += part;
    EXPECT_EQ(lane.total(), sum);
    o.lanes = 3;
    const Cost lanes = cost(design(128, 9, 1, 2, 1), o);
    EXPECT_EQ(lanes.total().lut_sites, 3 * lane.total().lut_sites);
    EXPECT_EQ(lanes.total().ff, 3 * lane.total().ff);
    EXPECT_EQ(lanes.total().bram18, 3 * lane.total().bram18);
    EXPECT_DOUBLE_EQ(lanes.throughput_per_cycle(), 3);
    EXPECT_DOUBLE_EQ(lanes.area_efficiency(), lane.area_efficiency());
    EXPECT_DOUBLE_EQ(lanes.fmax_mhz(), lane.fmax_mhz());
  }
}

TEST(Cost, GrowsWithTheModulus) {
  for (const Form form : {Form::pipelined, Form::template_}) {
    for (const RomStyle rom : {RomStyle::lut, RomStyle::bram}) {
      Area before;
      double fmax = std::numeric_limits<double>::max();
      for (unsigned n = 32; n <= 512; n += 40) {
        Design d = design(n, 6, 2, 2, 1);
        d.form = form;
        const Cost c = cost(d, options(rom));
        EXPECT_GT(c.total().lut_sites, before.lut_sites);
        EXPECT_GT(c.total().ff, before.ff);
        EXPECT_GE(c.total().bram18, before.bram18);
        EXPECT_LT(c.fmax_mhz(), fmax);
        before = c.total();
        fmax = c.fmax_mhz();
      }
    }
  }
}

TEST(Cost, EfficiencyAndScalar) {
  EXPECT_DOUBLE_EQ(area_efficiency(0.5, 1000), 0.5e6);
  EXPECT_DOUBLE_EQ(area_efficiency(1, 0), 0);
  Cost c;
  c.parts[0] = {1000, 0, 3, 0, 0};
  c.ii = 4;
  EXPECT_DOUBLE_EQ(c.area_efficiency(), 0.25e6);  // block RAM is free
  EXPECT_DOUBLE_EQ(c.scalar_luts(Device{}), 1000 + 1.5 * 547);
}

}  // namespace
}  // namespace allmod
