// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/recorder.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "sim/core/error.h"
#include "sim/record/fst.h"
#include "sim/record/timeline_sink.h"
#include "sim/record/wave_sink.h"

namespace sim::record {

Recorder::Recorder() : Recorder(RecordConfig{}, {}, {}) {}

Recorder::Recorder(const RecordConfig& config, const std::filesystem::path& folder, std::string configuration)
    : spans_(config.perfetto),
      waves_(config.vcd),
      fst_(config.fst),
      from_cycle_(config.from_cycle),
      tracks_(config.tracks),
      signals_(config.signals) {
  if (!spans_ && !waves_) return;
  if (config.from_cycle >= config.to_cycle) {
    throw Error(Exit::usage, "record.to_cycle: " + std::to_string(config.to_cycle) +
                                 " is not after record.from_cycle (" + std::to_string(config.from_cycle) +
                                 "); nothing would be recorded");
  }
  std::error_code ignored;  // a folder that is missing afterwards is reported by whoever opens a file in it
  std::filesystem::create_directories(folder, ignored);
  const Window window{config.from_cycle, config.to_cycle};
  const Origin origin{1000, std::move(configuration)};
  if (spans_) {
    files_.push_back(folder / "timeline.json");
    timeline_ = std::make_unique<TimelineSink>(files_.back(), window, origin);
  }
  if (waves_) {
    files_.push_back(folder / "waves.vcd");
    wave_ = std::make_unique<WaveSink>(files_.back(), window, origin, config.clock);
  }
}

Recorder::Recorder(Recorder& whole, std::uint64_t period_ps, Rename rename) : Recorder() {
  if (period_ps == 0) throw std::logic_error("recording: a clock period of 0 ps");
  whole_ = &whole;
  period_ps_ = period_ps;
  rename_ = std::move(rename);
  spans_ = whole.spans_;
}

Recorder::~Recorder() {
  try {
    finish(last_);
  } catch (...) {  // NOLINT(bugprone-empty-catch): a destructor has nobody to tell
  }
}

void Recorder::set_period_ps(std::uint64_t period_ps) {
  if (period_ps == 0) throw std::logic_error("recording: a clock period of 0 ps");
  if (whole_ != nullptr) throw std::logic_error("recording: a view has its period from the beginning");
  if (spans_) timeline_->set_period_ps(period_ps);
  if (waves_) wave_->set_period_ps(period_ps);
}

TrackId Recorder::track(const std::string& path) {
  return whole_ != nullptr ? whole_->track(rename_(path), period_ps_) : track(path, 0);
}

TrackId Recorder::track(const std::string& path, std::uint64_t period_ps) {
  if (!spans_ || !tracks_.match(path)) return {};
  return {timeline_->track(path, period_ps)};
}

NameId Recorder::name(const std::string& text) {
  if (whole_ != nullptr) return whole_->name(text);
  if (!spans_) return {};
  return {timeline_->name(text)};
}

SignalId Recorder::signal(const std::string& path, unsigned width) {
  if (!waves_) return {};
  const bool recorded = signals_.match(path);
  const std::uint32_t index = wave_->declare(path, width, recorded);
  return recorded ? SignalId{index} : SignalId{};
}

// After an error the sink takes nothing more: the error has been reported, the run may go on.
template <class F>
void Recorder::guarded(bool& enabled, F&& write) {
  try {
    write();
  } catch (const Error&) {
    enabled = false;
    throw;
  }
}

void Recorder::add_span(TrackId track, NameId name, Cycle begin, Cycle end, std::uint64_t id) {
  if (track.index == TrackId::kNone || name.index == TrackId::kNone) return;
  if (whole_ != nullptr) return whole_->span(track, name, begin, end, id);
  last_ = std::max(last_, end);
  guarded(spans_, [&] { timeline_->span(track.index, name.index, begin, end, id); });
}

void Recorder::add_instant(TrackId track, NameId name, Cycle at, std::uint64_t id) {
  if (track.index == TrackId::kNone || name.index == TrackId::kNone) return;
  if (whole_ != nullptr) return whole_->instant(track, name, at, id);
  last_ = std::max(last_, at);
  guarded(spans_, [&] { timeline_->instant(track.index, name.index, at, id); });
}

void Recorder::add_counter(TrackId track, NameId name, Cycle at, std::uint64_t value) {
  if (track.index == TrackId::kNone || name.index == TrackId::kNone) return;
  if (whole_ != nullptr) return whole_->counter(track, name, at, value);
  last_ = std::max(last_, at);
  guarded(spans_, [&] { timeline_->counter(track.index, name.index, at, value); });
}

void Recorder::add_flow(TrackId track, NameId name, Cycle at, std::uint64_t id, bool begin) {
  if (track.index == TrackId::kNone || name.index == TrackId::kNone) return;
  if (whole_ != nullptr)
    return begin ? whole_->flow_begin(track, name, at, id) : whole_->flow_end(track, name, at, id);
  last_ = std::max(last_, at);
  guarded(spans_, [&] { timeline_->flow(track.index, name.index, at, id, begin); });
}

void Recorder::add_change(SignalId signal, Cycle at, std::uint64_t value) {
  if (signal.index == TrackId::kNone) return;
  last_ = std::max(last_, at);
  guarded(waves_, [&] { wave_->change(signal.index, at, &value, 1); });
}

void Recorder::add_change_wide(SignalId signal, Cycle at, const std::uint64_t* limbs) {
  if (signal.index == TrackId::kNone) return;
  last_ = std::max(last_, at);
  guarded(waves_, [&] { wave_->change(signal.index, at, limbs, WaveSink::kAllLimbs); });
}

void Recorder::finish(Cycle end) {
  if (finished_) return;
  finished_ = true;
  spans_ = false;
  const bool waves_intact = std::exchange(waves_, false);
  std::exception_ptr first;
  const auto attempt = [&first](auto&& complete) {
    try {
      complete();
      return true;
    } catch (const Error&) {
      if (!first) first = std::current_exception();
      return false;
    }
  };
  if (timeline_) {
    attempt([&] { timeline_->finish(); });
    for (const std::string& path : timeline_->crowded()) {
      notes_.push_back("timeline.json: " + path +
                       " has more spans at once than rows; some are drawn over others");
    }
    note_unused("record.tracks", "track", tracks_);
  }
  if (wave_) {
    const bool complete = attempt([&] { wave_->finish(end); });
    note_unused("record.signals", "signal", signals_);
    if (complete && waves_intact && fst_) add_fst();
  }
  if ((timeline_ || wave_) && end <= from_cycle_ && from_cycle_ > 0) {
    notes_.push_back("record.from_cycle: the run ended at cycle " + std::to_string(end) + ", before cycle " +
                     std::to_string(from_cycle_) + "; the recording is empty");
  }
  if (first) std::rethrow_exception(first);
}

void Recorder::add_fst() {
  const std::filesystem::path vcd = files_.back();
  std::filesystem::path fst = vcd;
  fst.replace_extension(".fst");
  const std::string problem = convert_to_fst(vcd, fst);
  if (problem.empty()) {
    files_.push_back(fst);
  } else {
    notes_.push_back(problem);
  }
}

void Recorder::note_unused(const std::string& key, const std::string& what, const Globs& globs) {
  for (const std::string& pattern : globs.unused()) {
    notes_.push_back(key + ": '" + pattern + "' matches no " + what + " of the model");
  }
}

}  // namespace sim::record
