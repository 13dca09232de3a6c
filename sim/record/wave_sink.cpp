// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/wave_sink.h"

#include <algorithm>
#include <stdexcept>

#include "sim/core/error.h"
#include "sim/record/vcd_header.h"

namespace sim::record {
namespace {

constexpr unsigned kLimbBits = 64;
constexpr const char* kClock = "clk";

}  // namespace

WaveSink::WaveSink(const std::filesystem::path& file, Window window, Origin origin, bool clock)
    : out_(file), window_(window), origin_(std::move(origin)), clock_(clock) {
  if (clock_) paths_.insert(kClock);
}

void WaveSink::set_period_ps(std::uint64_t period_ps) {
  if (declared_all_) throw std::logic_error("recording: the period is set after the first change");
  if (clock_ && period_ps < 2) {
    throw Error(Exit::usage,
                "record.clock: a clock of 1 ps has no falling edge between two picoseconds; "
                "set record.clock to false");
  }
  origin_.period_ps = period_ps;
}

std::uint32_t WaveSink::declare(const std::string& path, unsigned width, bool recorded) {
  const std::string what = "recording: signal '" + path + "' ";
  if (!vcd_path(path)) {
    throw std::logic_error(what + "is not made of letters, digits, _ and $ between dots");
  }
  if (width == 0) throw std::logic_error(what + "has no width");
  if (declared_all_) throw std::logic_error(what + "is declared after the first change");
  if (!paths_.insert(path).second) throw std::logic_error(what + "is declared twice");
  if (!recorded) return 0;
  Signal signal;
  signal.path = path;
  signal.code = vcd_code(signals_.size() + 1);  // 0 is the clock
  signal.width = width;
  signal.limbs = (width - 1) / kLimbBits + 1;
  signal.first = next_.size();
  next_.resize(next_.size() + signal.limbs);
  written_.resize(next_.size());
  signals_.push_back(std::move(signal));
  return static_cast<std::uint32_t>(signals_.size() - 1);
}

void WaveSink::change(std::uint32_t index, Cycle at, const std::uint64_t* limbs, std::size_t count) {
  Signal& signal = signals_.at(index);
  if (at < now_) {
    throw std::logic_error("recording: signal '" + signal.path + "' changes at cycle " + std::to_string(at) +
                           " after changes at cycle " + std::to_string(now_));
  }
  count = std::min(count, signal.limbs);
  if (limbs != nullptr) check_fits(signal, limbs, count);
  if (at < window_.to) time_ps(at, origin_.period_ps);  // throws now rather than between two lines
  declared_all_ = true;
  if (at > now_) {
    write_cycle();
    now_ = at;
  }
  if (at >= window_.to) return;
  signal.next_unknown = limbs == nullptr;
  const auto value = next_.begin() + static_cast<std::ptrdiff_t>(signal.first);
  std::fill_n(value, signal.limbs, 0);
  if (limbs != nullptr) std::copy_n(limbs, count, value);
  if (!signal.dirty) dirty_.push_back(index);
  signal.dirty = true;
}

void WaveSink::finish(Cycle end) {
  if (end > kNever / origin_.period_ps) end = now_;  // "never": there is no time stamp for it
  write_cycle();
  if (!begun_ && end > window_.from) {
    begin();
  } else if (!begun_) {
    write_header();
  }
  if (begun_) {
    const Cycle last = std::min(end, window_.to);
    clock_until(last);
    const std::uint64_t time = time_ps(last, origin_.period_ps);
    if (time > time_) write_time(time);
  }
  out_.close();
}

void WaveSink::check_fits(const Signal& signal, const std::uint64_t* limbs, std::size_t count) const {
  const unsigned used = signal.width % kLimbBits;
  if (used == 0 || count < signal.limbs || (limbs[count - 1] >> used) == 0) return;
  throw std::logic_error("recording: the value of signal '" + signal.path + "' needs more than " +
                         std::to_string(signal.width) + " bits");
}

void WaveSink::write_cycle() {
  if (dirty_.empty()) return;
  if (now_ > window_.from && !begun_) begin();
  const bool live = begun_;
  if (live) clock_until(now_);
  for (const std::uint32_t index : dirty_) {
    Signal& signal = signals_[index];
    signal.dirty = false;
    if (!accept(signal) || !live) continue;
    write_time(time_ps(now_, origin_.period_ps));
    write_value(signal);
  }
  dirty_.clear();
  // Changes at the very start of the window are its initial values.
  if (now_ == window_.from && !begun_) begin();
}

bool WaveSink::accept(Signal& signal) {
  const auto next = next_.begin() + static_cast<std::ptrdiff_t>(signal.first);
  const auto written = written_.begin() + static_cast<std::ptrdiff_t>(signal.first);
  const auto size = static_cast<std::ptrdiff_t>(signal.limbs);
  if (signal.next_unknown == signal.written_unknown && std::equal(next, next + size, written)) return false;
  std::copy(next, next + size, written);
  signal.written_unknown = signal.next_unknown;
  return true;
}

void WaveSink::begin() {
  write_header();
  begun_ = true;
  time_ = time_ps(window_.from, origin_.period_ps);
  clock_at_ = window_.from;
  out_.put('#');
  out_.put_number(time_);
  out_.put("\n$dumpvars\n");
  if (clock_) out_.put("1" + vcd_code(0) + "\n");
  for (const Signal& signal : signals_) write_value(signal);
  out_.put("$end\n");
}

void WaveSink::write_header() {
  declared_all_ = true;
  VcdHeader header(origin_);
  if (clock_) header.add(kClock, 1, vcd_code(0));
  for (const Signal& signal : signals_) header.add(signal.path, signal.width, signal.code);
  out_.put(header.text());
}

void WaveSink::write_value(const Signal& signal) {
  const std::uint64_t* limbs = written_.data() + signal.first;
  if (signal.width > 1) out_.put('b');
  if (signal.written_unknown) {
    out_.put('x');
  } else {
    unsigned bit = signal.width - 1;
    const auto value = [&] { return (limbs[bit / kLimbBits] >> (bit % kLimbBits)) & 1; };
    while (bit > 0 && value() == 0) --bit;  // readers extend with zeros
    for (;; --bit) {
      out_.put(value() != 0 ? '1' : '0');
      if (bit == 0) break;
    }
  }
  if (signal.width > 1) out_.put(' ');
  out_.put(signal.code);
  out_.put('\n');
}

void WaveSink::write_time(std::uint64_t time) {
  if (time == time_) return;
  time_ = time;
  out_.put('#');
  out_.put_number(time);
  out_.put('\n');
}

void WaveSink::clock_until(Cycle end) {
  if (!clock_) return;
  for (; clock_at_ < end; ++clock_at_) {
    const std::uint64_t rise = time_ps(clock_at_ + 1, origin_.period_ps);
    write_time(rise - (origin_.period_ps + 1) / 2);
    out_.put("0" + vcd_code(0) + "\n");
    if (clock_at_ + 1 == window_.to) continue;  // the edge that ends the window lies outside
    write_time(rise);
    out_.put("1" + vcd_code(0) + "\n");
  }
}

}  // namespace sim::record
