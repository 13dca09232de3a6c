// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/product_time.h"

#include <algorithm>
#include <queue>
#include <vector>

namespace sme {
namespace {

// Something that serves whoever asks first.
class FirstComeBus {
 public:
  // Asked for since `since`; returns the grant.
  Cycle grant(Cycle since, Cycle beats) {
    const Cycle at = std::max(since, free_);
    free_ = at + beats;
    return at;
  }

 private:
  Cycle free_ = 0;
};

// The controller's transfers, one behind the other. Returns the arrivals.
template <class List, class Bytes>
std::vector<Cycle> send_all(const List& list, Bytes&& bytes, FirstComeBus& bus, const ChipConfig& c) {
  std::vector<Cycle> arrivals;
  Cycle since = c.issue - 1 + c.chip_bus_arbitration;
  for (const auto& item : list) {
    const Cycle beats = ChipConfig::beats(bytes(item), c.chip_bus_bytes);
    const Cycle at = bus.grant(since, beats);
    arrivals.push_back(at + beats);
    since = at + c.chip_bus_arbitration;
  }
  return arrivals;
}

// One CU of a bank with its jobs, in their order.
struct UnitSchedule {
  std::vector<const TileOp*> jobs;
  std::size_t loaded = 0, begun = 0, unloaded = 0;
  std::vector<Cycle> ready, sampled, done, taken;  // by job
  Cycle input_grant = 0, result_grant = 0, array_free = 0, adc_free = 0;
};

// What a bank does with the inputs of one product. The CU's rules are those of compute_unit.h.
class BankSchedule {
 public:
  BankSchedule(const BankWork& work, const ChipConfig& config)
      : work_(work), c_(config), units_(config.units) {
    for (const TileOp& op : work.ops) units_[op.unit].jobs.push_back(&op);
  }

  // Inputs are in the buffer at `arrival`. Returns by block when the last sum of this bank's own is there.
  std::vector<Cycle> run(Cycle arrival) {
    std::vector<Cycle> sums(work_.blocks.size(), 0);
    for (unsigned u = 0; u < units_.size(); ++u) ask_inputs(u, arrival);
    FirstComeBus bus;
    while (!requests_.empty()) {
      const Request r = requests_.top();
      requests_.pop();
      UnitSchedule& unit = units_[r.unit];
      if (!r.result) {
        const Cycle beats = ChipConfig::beats(unit.jobs[unit.loaded]->rows, c_.bus_bytes);
        const Cycle at = bus.grant(r.since, beats);
        unit.input_grant = at;
        unit.ready.push_back(at + c_.edram_read + beats);
        ++unit.loaded;
        begin(r.unit);
        ask_inputs(r.unit, arrival);
      } else {
        const TileOp& op = *unit.jobs[unit.unloaded];
        const Cycle beats = ChipConfig::beats(std::uint64_t{op.sums} * c_.sum_bytes, c_.bus_bytes);
        const Cycle at = bus.grant(r.since, beats);
        unit.result_grant = at;
        unit.taken.push_back(at + beats);
        ++unit.unloaded;
        sums[op.block] = std::max(sums[op.block], at + beats + c_.partial_add);
        asking_result_[r.unit] = false;
        begin(r.unit);
        ask_inputs(r.unit, arrival);
      }
    }
    return sums;
  }

 private:
  struct Request {
    Cycle since;
    unsigned unit;
    bool result;
    bool operator>(const Request& o) const {
      if (since != o.since) return since > o.since;
      return unit != o.unit ? unit > o.unit : result && !o.result;
    }
  };

  void ask_inputs(unsigned u, Cycle arrival) {
    UnitSchedule& unit = units_[u];
    if (asking_inputs_[u] == unit.loaded + 1 || unit.loaded == unit.jobs.size()) return;
    if (unit.loaded + 1 > unit.begun + c_.unit.input_registers) return;
    // The register that the job will have is free when the job that has it now has sampled its last bit.
    Cycle free = 0;
    if (unit.loaded >= c_.unit.input_registers) free = unit.sampled[unit.loaded - c_.unit.input_registers];
    asking_inputs_[u] = unit.loaded + 1;
    requests_.push({std::max({arrival, free, unit.input_grant}) + c_.bus_arbitration, u, false});
  }

  void ask_result(unsigned u) {
    UnitSchedule& unit = units_[u];
    if (asking_result_[u] || unit.unloaded >= unit.done.size()) return;
    asking_result_[u] = true;
    requests_.push({std::max(unit.done[unit.unloaded], unit.result_grant) + c_.bus_arbitration, u, true});
  }

  void begin(unsigned u) {
    const UnitTiming& t = c_.unit;
    UnitSchedule& unit = units_[u];
    while (unit.begun < unit.loaded && unit.begun < unit.unloaded + t.output_registers) {
      const TileOp& op = *unit.jobs[unit.begun];
      Cycle drive = std::max(unit.ready[unit.begun] + (op.squeezed ? t.convert_inputs : 0), unit.array_free);
      if (unit.begun >= t.output_registers) {
        drive = std::max(drive, unit.taken[unit.begun - t.output_registers]);
      }
      const Cycle first = std::max(drive + t.read, unit.adc_free);
      const Cycle last = first + (op.input_cycles - 1) * t.interval(op.columns);
      unit.adc_free = last + t.conversion(op.columns);
      unit.array_free = t.pipelined ? last : unit.adc_free;
      unit.sampled.push_back(last);
      unit.done.push_back(unit.adc_free + t.after_conversion());
      ++unit.begun;
    }
    ask_result(u);
  }

  const BankWork& work_;
  const ChipConfig& c_;
  std::vector<UnitSchedule> units_;
  std::vector<std::size_t> asking_inputs_ = std::vector<std::size_t>(units_.size(), 0);
  std::vector<char> asking_result_ = std::vector<char>(units_.size(), 0);
  std::priority_queue<Request, std::vector<Request>, std::greater<>> requests_;
};

struct PartialSums {  // of a block, on its way to its home
  Cycle since;
  std::size_t bank, block;  // of the sender
};

}  // namespace

Cycle product_cycles(const LayerWork& work, const ChipConfig& c) {
  if (work.banks.empty()) return 1;
  FirstComeBus chip_bus;
  const std::vector<Cycle> arrivals = send_all(
      work.banks, [](const BankWork& b) { return b.input_bytes; }, chip_bus, c);
  // 1. Every bank's own sums. Those of a block that is at home elsewhere go over the chip's bus.
  std::vector<std::vector<Cycle>> sums;
  std::vector<std::size_t> index;  // by number of the bank
  std::vector<PartialSums> partials;
  for (std::size_t b = 0; b < work.banks.size(); ++b) {
    const BankWork& bank = work.banks[b];
    if (index.size() <= bank.bank) index.resize(bank.bank + 1);
    index[bank.bank] = b;
    sums.push_back(BankSchedule(bank, c).run(arrivals[b]));
    for (std::size_t i = 0; i < bank.blocks.size(); ++i) {
      if (!bank.blocks[i].home) partials.push_back({sums[b][i] + c.chip_bus_arbitration, b, i});
    }
  }
  std::stable_sort(partials.begin(), partials.end(),
                   [](const PartialSums& x, const PartialSums& y) { return x.since < y.since; });
  std::vector<Cycle> sent(work.banks.size(), 0);  // a bank asks for one transfer at a time
  for (const PartialSums& p : partials) {
    const BlockWork& block = work.banks[p.bank].blocks[p.block];
    const Cycle beats = ChipConfig::beats(std::uint64_t{block.outputs} * c.sum_bytes, c.chip_bus_bytes);
    const Cycle at = chip_bus.grant(std::max(p.since, sent[p.bank]), beats);
    sent[p.bank] = at + c.chip_bus_arbitration;
    Cycle& whole = sums[index[block.home_bank]][block.home_block];
    whole = std::max(whole, at + beats + c.partial_add);
  }
  // 2. The activation of each block at home.
  Cycle end = 0;
  for (std::size_t b = 0; b < work.banks.size(); ++b) {
    std::vector<std::pair<Cycle, std::size_t>> whole;
    for (std::size_t i = 0; i < sums[b].size(); ++i) {
      if (work.banks[b].blocks[i].home) whole.emplace_back(sums[b][i], i);
    }
    std::sort(whole.begin(), whole.end());
    FirstComeBus activation;
    for (const auto& [at, i] : whole) {
      const Cycle beats = ChipConfig::beats(work.banks[b].blocks[i].outputs, c.activation_lanes);
      const Cycle begin = activation.grant(at, beats);
      end = std::max(end, begin + beats + c.activation_latency + c.pooling_latency);
    }
  }
  return end + 1;
}

Cycle program_cycles(const ProgramWork& program, const ChipConfig& c) {
  FirstComeBus chip_bus;
  const std::vector<Cycle> arrivals = send_all(
      program.banks, [](const ProgramWork::Bank& b) { return b.bytes; }, chip_bus, c);
  Cycle end = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i)
    end = std::max(end, arrivals[i] + program.banks[i].cycles);
  return end + 1;
}

}  // namespace sme
