// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A CU in which every stage counts its cycles, edge by edge: what event_unit.cpp works out, stepped.
#include <array>
#include <vector>

#include "models/sme/compute_unit.h"
#include "models/sme/ring.h"

namespace sme {
namespace {

class ClockedUnit final : public ComputeUnit {
 public:
  explicit ClockedUnit(const ChipConfig& config)
      : t_(config.unit),
        arbitration_(config.bus_arbitration),
        input_free_(config.unit.input_registers),
        output_free_(config.unit.output_registers) {}

  void enqueue(const UnitJob& job, Cycle) override { waiting_.push(job); }
  Cycle input_request() const override { return input_since_; }
  Cycle result_request() const override { return result_since_; }
  const UnitJob& input_job() const override { return waiting_.front(); }
  const UnitJob& result_job() const override { return results_.front(); }

  void load(Cycle grant, Cycle ready) override {
    const UnitJob job = waiting_.front();
    waiting_.pop();
    --input_free_;
    registers_.push({job, ready - grant, job.op->squeezed ? t_.convert_inputs : 0});
    input_since_ = sim::kNever;
    raise(grant);
  }
  void unload(Cycle grant, Cycle end) override {
    results_.pop();
    leaving_.push_back(end - grant);
    result_since_ = sim::kNever;
    raise(grant);
  }

  void tick(Cycle now) override {
    // 1. Transfers over the bus.
    for (std::size_t i = 0; i < registers_.size(); ++i) {
      Register& r = registers_[i];
      if (r.arriving > 0) {
        --r.arriving;
      } else if (r.converting > 0) {
        --r.converting;
      }
    }
    for (std::size_t i = 0; i < leaving_.size();) {
      if (--leaving_[i] == 0) {
        ++output_free_;
        leaving_.erase(leaving_.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
    // 2. Behind the ADCs.
    step_stages(now);
    // 3. ADCs: whole conversions that fit into the time since the sample.
    if (to_convert_ > 0) {
      ++(last_bit_ ? converting_ : current_).adc_cycles;
      credit_ += t_.adc_khz;
      while (to_convert_ > 0 && credit_ >= t_.clock_khz) {
        credit_ -= t_.clock_khz;
        --to_convert_;
      }
      if (to_convert_ == 0 && last_bit_) converted();
    }
    // 4. Rows.
    if (reading_ > 0) --reading_;
    // 5. Sample-and-hold: when the columns have settled and the ADCs are free.
    if (bits_left_ > 0 && settled() && to_convert_ == 0) sample();
    if (bits_left_ > 0 && !driving_ && to_convert_ == 0) drive_bit();  // not pipelined: behind the conversion
    // 6. The next job.
    if (bits_left_ == 0 && !registers_.empty() && (t_.pipelined || to_convert_ == 0)) begin(now);
    raise(now);
  }
  bool idle() const override {
    return waiting_.empty() && registers_.empty() && results_.empty() && stages_.empty() &&
           leaving_.empty() && bits_left_ == 0 && to_convert_ == 0;
  }
  bool take_span(UnitSpan& span) override {
    if (spans_.empty()) return false;
    span = spans_.front();
    spans_.pop();
    return true;
  }

 private:
  struct Register {
    UnitJob job;
    Cycle arriving;
    Cycle converting;
  };
  struct Running {
    UnitJob job;
    Cycle begin = 0;
    Cycle adc_cycles = 0;
    Cycle stalled = 0;
  };
  struct Staged {
    Running running;
    std::array<Cycle, 4> left;
  };

  bool settled() const { return driving_ && reading_ == 0; }
  void drive_bit() {
    driving_ = true;
    reading_ = t_.read;
  }
  void sample() {
    to_convert_ = (current_.job.op->columns + t_.adcs_per_crossbar - 1) / t_.adcs_per_crossbar;
    credit_ = 0;
    driving_ = false;
    --bits_left_;
    last_bit_ = bits_left_ == 0;
    if (last_bit_) {
      converting_ = current_;
      ++input_free_;  // the register is not needed any more
    } else if (t_.pipelined) {
      drive_bit();
    }
  }
  void begin(Cycle now) {
    const Register& head = registers_.front();
    if (head.arriving > 0 || head.converting > 0) return;
    if (output_free_ == 0) {
      ++stalled_;
      return;
    }
    --output_free_;
    current_ = {head.job, now, 0, stalled_};
    stalled_ = 0;
    bits_left_ = head.job.op->input_cycles;
    registers_.pop();
    drive_bit();
  }
  void converted() {
    last_bit_ = false;
    stages_.push({converting_, {t_.shift, t_.accumulate, t_.shift_add, t_.output_register}});
    settle_stages();
  }
  // One cycle of the pipeline shifter -> accumulator -> shift-and-add -> output register.
  void step_stages(Cycle now) {
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      for (Cycle& left : stages_[i].left) {
        if (left == 0) continue;
        --left;
        break;
      }
    }
    now_ = now;
    settle_stages();
  }
  void settle_stages() {
    while (!stages_.empty()) {
      for (const Cycle left : stages_.front().left) {
        if (left > 0) return;
      }
      const Running& r = stages_.front().running;
      results_.push(r.job);
      spans_.push({r.job.op, r.begin, now_, r.adc_cycles, r.stalled});
      stages_.pop();
    }
  }
  void raise(Cycle now) {
    if (input_since_ == sim::kNever && !waiting_.empty() && input_free_ > 0)
      input_since_ = now + arbitration_;
    if (result_since_ == sim::kNever && !results_.empty()) result_since_ = now + arbitration_;
  }

  const UnitTiming t_;
  const Cycle arbitration_;
  Ring<UnitJob> waiting_;
  Ring<Register> registers_;  // loaded or being loaded, not driven yet
  unsigned input_free_;
  unsigned output_free_;
  Running current_{}, converting_{};
  unsigned bits_left_ = 0;  // of current_, not sampled yet
  bool driving_ = false;
  Cycle reading_ = 0;
  std::uint64_t to_convert_ = 0, credit_ = 0;
  bool last_bit_ = false;  // being converted
  Ring<Staged> stages_;
  std::vector<Cycle> leaving_;
  Ring<UnitJob> results_;
  Ring<UnitSpan> spans_;
  Cycle input_since_ = sim::kNever, result_since_ = sim::kNever;
  Cycle now_ = 0;
  Cycle stalled_ = 0;  // the next job, until it begins
};

}  // namespace

std::unique_ptr<ComputeUnit> make_clocked_unit(const ChipConfig& config) {
  return std::make_unique<ClockedUnit>(config);
}

}  // namespace sme
