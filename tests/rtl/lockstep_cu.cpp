// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The compute unit. Compared in every cycle, with the unit at both levels of detail: requests for the bank's
// bus for inputs and for results, the cycle in which a product's rows are driven first and that in which its
// result stands in the output register, with the cycles its ADCs converted. Compared when a result is
// fetched: every sum and the number of clipped conversions, with the function library. Bus grants, jobs and
// operands are random.
//
// Parameters: rows cols planes adc_bits adc_num adc_den read beat, cycles seed.
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "models/sme/compute_unit.h"
#include "models/sme/function/layer.h"
#include "models/sme/function/squeeze.h"
#include "tests/rtl/lockstep_units.h"

namespace rtl_test {
namespace {

using sim::Cycle;
constexpr Cycle kEdramRead = 2;
constexpr unsigned kInputBits[2] = {8, 5};

class CuBench {
 public:
  CuBench(allmod::test::RtlDesign& design, const Parameters& p)
      : design_(design),
        rows_(number(p, "rows")),
        cols_(number(p, "cols")),
        planes_(number(p, "planes")),
        adc_bits_(number(p, "adc_bits")),
        beat_(number(p, "beat")),
        cycles_(p.get("cycles")),
        random_(p.get("seed")),
        in_((64 + 8 * beat_ + cols_ + 2 * rows_) / 32 + 2),
        out_((40 + 32 * cols_) / 32 + 2) {
    config_.unit.clock_khz = 1000 * p.get("adc_den");
    config_.unit.adc_khz = 1000 * p.get("adc_num");
    config_.unit.read = p.get("read");
    config_.bus_arbitration = 1;
  }

  Lockstep run() {
    while (result_.cycles < cycles_ && result_.difference.empty()) {
      program();
      const Cycle end = 3000 + random_() % 3000;
      for (now_ = 0; now_ < end && result_.cycles < cycles_ && result_.difference.empty(); ++now_) cycle();
    }
    return result_;
  }

 private:
  struct Job {
    std::unique_ptr<sme::TileOp> op;
    std::vector<std::uint8_t> inputs;
    unsigned planes = 0;
    bool is_signed = false;
    sme::GemvResult expected;
  };
  struct Load {
    const Job* job;
    Cycle ready;
  };

  static unsigned number(const Parameters& p, const char* name) { return static_cast<unsigned>(p.get(name)); }
  unsigned below(std::uint64_t n) { return static_cast<unsigned>(random_() % n); }
  void in(unsigned at, unsigned width, std::uint64_t value) { put_bits(in_.data(), at, width, value); }
  std::uint64_t out(unsigned at, unsigned width) const { return get_bits(out_.data(), at, width); }
  void step(bool rst) {
    design_.inputs(rst, false, in_.data(), false);
    design_.eval(false);
    design_.eval(true);
    std::fill(in_.begin(), in_.end(), 0);
  }

  // Another tile in the crossbars, after a reset that comes whatever is under way.
  void program() {
    std::fill(in_.begin(), in_.end(), 0);
    step(true);
    ++result_.resets;
    columns_ = 1 + below(cols_);
    sme::CodedMatrix matrix;
    matrix.inputs = rows_;
    matrix.outputs = columns_;
    matrix.planes = planes_;
    matrix.scales = {1.0F};
    const unsigned density = below(4), small = below(3);
    for (unsigned r = 0; r < rows_; ++r) {
      const unsigned bits = small == 0 ? planes_ : 1 + below(planes_);
      for (unsigned c = 0; c < columns_; ++c) {
        unsigned code = below(1U << bits);
        if (density < 2) code &= below(1U << planes_);
        if (density == 3) code |= below(1U << planes_);  // more ones than an ADC may have codes
        if (density == 0 && below(3) != 0) code = 0;
        matrix.codes.push_back(static_cast<std::int16_t>(code));
      }
    }
    sme::LayerSettings settings;
    settings.mapping.crossbar = {rows_, cols_, 1};
    settings.mapping.sign = sme::SignMode::magnitude;
    settings.mapping.squeeze_degree = below(sme::kMaxSqueeze + 1);
    settings.adc_bits = adc_bits_;
    for (unsigned i = 0; i < 2; ++i) {
      settings.input_bits = kInputBits[i];
      layers_[i] = std::make_unique<sme::Layer>(matrix, settings);
    }
    write_cells(matrix, settings.mapping.squeeze_degree);
    event_ = sme::make_event_unit(config_);
    clocked_ = sme::make_clocked_unit(config_);
    jobs_.clear();
    loads_.clear();
    spans_.clear();
    waiting_ = loaded_ = taken_ = begun_ = finished_ = 0;
    bus_free_ = result_end_ = 0;
  }
  // Squeezing, from the codes: a row whose first one is in plane l moves by row_shift(l, D).
  void write_cells(const sme::CodedMatrix& matrix, unsigned degree) {
    degree_ = 0;
    std::vector<unsigned> shift(rows_);
    for (unsigned r = 0; r < rows_; ++r) {
      unsigned all = 0;
      for (unsigned c = 0; c < columns_; ++c) all |= static_cast<unsigned>(matrix.codes[r * columns_ + c]);
      for (unsigned l = 1; all != 0 && l <= planes_ && shift[r] == 0; ++l) {
        if ((all >> (planes_ - l) & 1) == 0) continue;
        shift[r] = sme::row_shift(l, degree);
        break;
      }
      degree_ = std::max(degree_, shift[r]);
    }
    const unsigned cells = 64 + 8 * beat_;
    for (unsigned p = 0; p < planes_; ++p)
      for (unsigned r = 0; r < rows_; ++r) {
        in(0, 1, 1);
        in(16, 8, p);
        in(24, 8, r);
        for (unsigned c = 0; c < columns_; ++c) {
          const unsigned stored = static_cast<unsigned>(matrix.codes[r * columns_ + c]) >> shift[r];
          in(cells + c, 1, stored >> (planes_ - 1 - p) & 1);
        }
        step(false);
      }
    in(1, 1, 1);
    for (unsigned r = 0; r < rows_; ++r) in(cells + cols_ + 2 * r, 2, shift[r]);
    step(false);
    design_.inputs(false, false, in_.data(), false);
    design_.eval(false);
  }

  void cycle() {
    design_.eval(true);
    bool asks_input = false, asks_result = false;
    design_.outputs(asks_input, asks_result, out_.data());
    ++result_.cycles;
    std::fill(in_.begin(), in_.end(), 0);
    const unsigned phase = static_cast<unsigned>(now_ / 800 % 4);
    if (jobs_.size() < waiting_ + 4 && (phase != 3 || below(40) == 0)) add_job();
    clocked_->tick(now_);
    check(asks_input, asks_result);
    check_spans();
    give_bus(asks_input, asks_result, phase);
    deliver();
    const bool job = waiting_ < jobs_.size();
    in(3, 1, job);
    design_.inputs(false, false, in_.data(), false);
    design_.eval(false);
  }

  void add_job() {
    Job job;
    const unsigned which = below(2), bits = kInputBits[which];
    job.planes = 1 + below(planes_);
    job.is_signed = below(2) == 0;
    const bool dense = below(3) == 0;
    for (unsigned r = 0; r < rows_; ++r) {
      unsigned drawn = below(1U << bits);
      if (dense) drawn |= below(1U << bits) | below(1U << bits);
      const int value = static_cast<int>(!dense && below(4) == 0 ? drawn >> below(bits) : drawn);
      job.inputs.push_back(
          static_cast<std::uint8_t>(job.is_signed && value >> (bits - 1) != 0 ? value - (1 << bits) : value));
    }
    sme::GemvOptions options;
    options.signed_inputs = job.is_signed;
    options.planes_driven = job.planes;
    options.compare = false;
    layers_[which]->gemv(job.inputs.data(), 1, options, job.expected);
    job.op = std::make_unique<sme::TileOp>();
    job.op->rows = static_cast<std::uint16_t>(rows_);
    job.op->columns = static_cast<std::uint16_t>(columns_);
    job.op->input_cycles = static_cast<std::uint16_t>(bits + degree_);
    job.op->squeezed = degree_ > 0;
    for (sme::ComputeUnit* unit : {event_.get(), clocked_.get()})
      unit->enqueue({job.op.get(), nullptr, 0}, now_);
    jobs_.push_back(std::move(job));
  }

  void check(bool input, bool result) {
    const auto compare = [&](const char* what, const char* unit, bool asks, Cycle since) {
      if (asks != (since <= now_)) {
        differs(std::string(what) + " request: RTL " + (asks ? "yes" : "no") + ", " + unit + " unit " +
                (since <= now_ ? "yes" : "no"));
      }
    };
    compare("input", "event", input, event_->input_request());
    compare("input", "clocked", input, clocked_->input_request());
    compare("result", "event", result, event_->result_request());
    compare("result", "clocked", result, clocked_->result_request());
  }
  void check_spans() {
    sme::UnitSpan span;
    while (event_->take_span(span)) spans_.push_back(span);
    const bool begins = begun_ < spans_.size() && spans_[begun_].begin == now_;
    const bool ends = finished_ < spans_.size() && spans_[finished_].end == now_;
    if ((out(0, 1) != 0) != begins) differs("first rows driven");
    if ((out(1, 1) != 0) != ends) differs("result complete");
    if (ends && out(4, 16) != spans_[finished_].adc_cycles) differs("cycles of the ADCs");
    const bool told = clocked_->take_span(span);
    if (told != ends || (told && (span.begin != spans_[finished_].begin ||
                                  span.adc_cycles != spans_[finished_].adc_cycles))) {
      differs("event and clocked unit");
    }
    if (ends && spans_[finished_].stalled > 0) result_.stalls += spans_[finished_].stalled;
    begun_ += begins ? 1 : 0;
    finished_ += ends ? 1 : 0;
    result_.events += (begins ? 1 : 0) + (ends ? 1 : 0);
  }

  void give_bus(bool asks_input, bool asks_result, unsigned phase) {
    const bool take = bus_free_ <= now_ && (asks_input || asks_result) && below(8) < (phase == 1 ? 1U : 6U);
    if (take && asks_result && !(asks_input && below(2) == 0)) {
      check_result();
      const Cycle beats = 1 + below(phase == 2 ? 200 : 8);
      bus_free_ = result_end_ = now_ + beats;
      for (sme::ComputeUnit* unit : {event_.get(), clocked_.get()}) unit->unload(now_, result_end_);
      in(9, 1, 1);
      ++taken_;
      ++result_.events;
    } else if (take && asks_input) {
      const Job& job = jobs_[waiting_];
      const Cycle beats = rows_ / beat_;
      bus_free_ = now_ + beats;
      const Cycle ready = now_ + kEdramRead + beats;
      for (sme::ComputeUnit* unit : {event_.get(), clocked_.get()}) unit->load(now_, ready);
      loads_.push_back({&job, ready});
      in(6, 1, 1);
      in(4, 1, jobs_.size() > waiting_ + 1 ? 1 : 0);
      in(5, 1, job.is_signed ? 1 : 0);
      in(40, 4, job.planes);
      in(44, 4, job.op->input_cycles);
      ++waiting_;
      ++result_.events;
    }
    in(2, 1, degree_ > 0 ? 1 : 0);
    in(32, 8, columns_);
    if (result_end_ == now_ + 1) in(10, 1, 1);
  }
  // Beats of inputs on their way; ready is the cycle behind the last one.
  void deliver() {
    if (loads_.empty()) return;
    const Load load = loads_.front();
    const Cycle beats = rows_ / beat_;
    if (now_ + beats < load.ready) return;
    const unsigned number = static_cast<unsigned>(now_ + beats - load.ready);
    in(7, 1, 1);
    in(48, 8, number);
    for (unsigned i = 0; i < beat_; ++i) in(64 + 8 * i, 8, load.job->inputs[number * beat_ + i]);
    if (number + 1 == beats) {
      in(8, 1, 1);
      loads_.pop_front();
    }
  }
  void check_result() {
    const Job& job = jobs_[taken_];
    for (unsigned c = 0; c < columns_; ++c) {
      const auto got = static_cast<std::int32_t>(out(40 + 32 * c, 32));
      if (got != job.expected.y[c]) {
        differs("sum of column " + std::to_string(c) + ": RTL " + std::to_string(got) + ", function " +
                std::to_string(job.expected.y[c]));
        return;
      }
    }
    if (out(20, 16) != job.expected.clips) differs("clipped conversions");
    result_.clips += job.expected.clips;
  }
  void differs(const std::string& what) {
    if (result_.difference.empty())
      result_.difference = what + ", in cycle " + std::to_string(result_.cycles - 1);
  }

  allmod::test::RtlDesign& design_;
  const unsigned rows_, cols_, planes_, adc_bits_, beat_;
  const std::uint64_t cycles_;
  std::mt19937_64 random_;
  std::vector<std::uint32_t> in_, out_;
  sme::ChipConfig config_;
  unsigned columns_ = 0, degree_ = 0;
  std::unique_ptr<sme::Layer> layers_[2];
  std::unique_ptr<sme::ComputeUnit> event_, clocked_;
  std::deque<Job> jobs_;                                                         // of this tile, all
  std::deque<Load> loads_;                                                       // on the bus
  std::deque<sme::UnitSpan> spans_;                                              // all
  std::size_t waiting_ = 0, loaded_ = 0, taken_ = 0, begun_ = 0, finished_ = 0;  // jobs so far
  Cycle now_ = 0, bus_free_ = 0, result_end_ = 0;
  Lockstep result_;
};

}  // namespace

Lockstep run_cu(allmod::test::RtlDesign& design, const Parameters& parameters) {
  return CuBench(design, parameters).run();
}

}  // namespace rtl_test
