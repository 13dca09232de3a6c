// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A CU whose times are worked out as soon as what they depend on is known.
#include <algorithm>

#include "models/sme/compute_unit.h"
#include "models/sme/ring.h"

namespace sme {
namespace {

class EventUnit final : public ComputeUnit {
 public:
  explicit EventUnit(const ChipConfig& config) : t_(config.unit), arbitration_(config.bus_arbitration) {}

  void enqueue(const UnitJob& job, Cycle arrival) override { waiting_.push({job, arrival}); }

  Cycle input_request() const override {
    if (waiting_.empty() || loaded_ + 1 > begun_ + t_.input_registers) return sim::kNever;
    // Registers in use by jobs that have begun are free when their last bit is sampled.
    Cycle free = 0;
    const std::uint64_t busy = loaded_ + 1 - begun_;  // registers wanted by jobs that have not begun
    if (busy + driving_.size() > t_.input_registers) {
      free = driving_[busy + driving_.size() - t_.input_registers - 1];
    }
    return std::max({waiting_.front().at, free, input_grant_}) + arbitration_;
  }
  Cycle result_request() const override {
    if (results_.empty()) return sim::kNever;
    return std::max(results_.front().at, result_grant_) + arbitration_;
  }
  const UnitJob& input_job() const override { return waiting_.front().job; }
  const UnitJob& result_job() const override { return results_.front().job; }

  void load(Cycle grant, Cycle ready) override {
    input_grant_ = grant;
    ready_.push({waiting_.front().job, ready});
    waiting_.pop();
    ++loaded_;
    begin();
  }
  void unload(Cycle grant, Cycle end) override {
    result_grant_ = grant;
    results_.pop();
    taken_.push(end);
    ++unloaded_;
    begin();
  }
  void tick(Cycle) override {}
  bool idle() const override { return waiting_.empty() && ready_.empty() && results_.empty(); }
  bool take_span(UnitSpan& span) override {
    if (spans_.empty()) return false;
    span = spans_.front();
    spans_.pop();
    return true;
  }

 private:
  struct Timed {
    UnitJob job;
    Cycle at;
  };

  // Begins jobs whose output register's fate is known.
  void begin() {
    while (!ready_.empty() && begun_ < unloaded_ + t_.output_registers) {
      const UnitJob job = ready_.front().job;
      const TileOp& op = *job.op;
      const Cycle can = std::max(ready_.front().at + (op.squeezed ? t_.convert_inputs : 0), array_free_);
      Cycle drive = can;
      if (begun_ >= t_.output_registers) {
        // taken_ holds the ends of the newest unloads; the register of this job was freed by the oldest kept.
        while (unloaded_ - taken_base_ > 0 && taken_base_ < begun_ - t_.output_registers) {
          taken_.pop();
          ++taken_base_;
        }
        drive = std::max(can, taken_.front());
      }
      const Cycle conversion = t_.conversion(op.columns);
      const Cycle first = std::max(drive + t_.read, adc_free_);
      const Cycle last = first + (op.input_cycles - 1) * t_.interval(op.columns);
      adc_free_ = last + conversion;
      array_free_ = t_.pipelined ? last : adc_free_;
      const Cycle done = adc_free_ + t_.after_conversion();
      driving_.push(last);
      if (driving_.size() > t_.input_registers) driving_.pop();
      ready_.pop();
      results_.push({job, done});
      spans_.push({job.op, drive, done, op.input_cycles * conversion, drive - can});
      ++begun_;
    }
  }

  const UnitTiming t_;
  const Cycle arbitration_;
  Ring<Timed> waiting_;  // at: inputs in the buffer
  Ring<Timed> ready_;    // at: inputs in the register
  Ring<Timed> results_;  // at: in the output register
  Ring<Cycle> driving_;  // last samples of the newest jobs, oldest first
  Ring<Cycle> taken_;    // ends of unloads, from number taken_base_ on
  Ring<UnitSpan> spans_;
  std::uint64_t loaded_ = 0, begun_ = 0, unloaded_ = 0, taken_base_ = 0;
  Cycle input_grant_ = 0, result_grant_ = 0;
  Cycle array_free_ = 0, adc_free_ = 0;
};

}  // namespace

std::unique_ptr<ComputeUnit> make_event_unit(const ChipConfig& config) {
  return std::make_unique<EventUnit>(config);
}

}  // namespace sme
