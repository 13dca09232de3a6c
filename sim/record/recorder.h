// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/units.h"
#include "sim/record/record_config.h"
#include "sim/record/window.h"

namespace sim::record {

class TimelineSink;
class WaveSink;

// Handles; a default-constructed one is "not recorded" and accepted everywhere.
struct TrackId {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::uint32_t index = kNone;
};
struct NameId {
  std::uint32_t index = TrackId::kNone;
};
struct SignalId {
  std::uint32_t index = TrackId::kNone;
};

// Writes what happens during a run to files: a timeline (spans, instants, counters on tracks; for
// ui.perfetto.dev and chrome://tracing) and waveforms (VCD, FST). Files are streamed, memory is bounded.
//
// Tracks, names and signals are registered while the model is built. While a sink is off, or a handle lies
// outside the selected globs, a call costs one predictable branch.
//
// A model may be destroyed before or after the recorder; the recorder keeps no reference to it.
// Errors: sim::Error(Exit::input) when a file cannot be opened or written (once; that sink is off
// afterwards); std::logic_error for mistakes of the model.
class Recorder {
 public:
  // A recorder that records nothing.
  Recorder();

  // Opens the files in `folder` (created if missing). `configuration` is the resolved configuration, kept in
  // every file so that a recording can be understood alone.
  Recorder(const RecordConfig& config, const std::filesystem::path& folder, std::string configuration);

  // A unit's own view of `whole`, which must outlive it: for a unit with another clock, or one of several of
  // its kind. What it records stands on the timeline of `whole`, on tracks that `rename` names after the
  // unit, at the right time; its cycles (and `args` of its events) are the unit's own, `period_ps` each. No
  // waveforms.
  using Rename = std::function<std::string(const std::string& path)>;
  Recorder(Recorder& whole, std::uint64_t period_ps, Rename rename);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Length of the cycle in which all calls count time; 1000 ps unless it is set. To be called before the
  // first event (std::logic_error otherwise). Not of a view.
  void set_period_ps(std::uint64_t period_ps);

  // ---- timeline ----------------------------------------------------------------------------------------
  bool spans() const { return spans_; }

  // `path` is "unit/lane0/stage3": the part before the first / becomes a process of the viewer, the rest a
  // thread. The same path gives the same track.
  TrackId track(const std::string& path);
  NameId name(const std::string& text);

  // Something lasted from cycle `begin` to cycle `end` (exclusive). Spans of one track that overlap are
  // drawn on further rows of that track. Spans which touch the window are kept whole. `id` 0 = none.
  void span(TrackId track, NameId name, Cycle begin, Cycle end, std::uint64_t id = 0) {
    if (spans_) add_span(track, name, begin, end, id);
  }
  void instant(TrackId track, NameId name, Cycle at, std::uint64_t id = 0) {
    if (spans_) add_instant(track, name, at, id);
  }
  void counter(TrackId track, NameId name, Cycle at, std::uint64_t value) {
    if (spans_) add_counter(track, name, at, value);
  }
  // An arrow between two spans: flow_begin right after the span() it leaves, flow_end right after the span()
  // at which it arrives, each with a cycle inside its span; `id` pairs the two.
  void flow_begin(TrackId track, NameId name, Cycle at, std::uint64_t id) {
    if (spans_) add_flow(track, name, at, id, true);
  }
  void flow_end(TrackId track, NameId name, Cycle at, std::uint64_t id) {
    if (spans_) add_flow(track, name, at, id, false);
  }

  // ---- waveforms ---------------------------------------------------------------------------------------
  bool waves() const { return waves_; }

  // `path` is "lane0.out_valid"; its parts consist of letters, digits, _ and $. To be called before the first
  // change. Width in bits, 1 or more. Until the first change a signal is x.
  SignalId signal(const std::string& path, unsigned width);

  // The signal has this value from cycle `at` on. Calls come in non-decreasing order of cycles (all signals
  // together); the last one of a cycle counts. Values must fit the width.
  void change(SignalId signal, Cycle at, std::uint64_t value) {
    if (waves_) add_change(signal, at, value);
  }
  // `limbs`: ceil(width / 64) words, least significant first.
  void change_wide(SignalId signal, Cycle at, const std::uint64_t* limbs) {
    if (waves_) add_change_wide(signal, at, limbs);
  }
  void change_unknown(SignalId signal, Cycle at) {
    if (waves_) add_change_wide(signal, at, nullptr);
  }

  // ---- end ---------------------------------------------------------------------------------------------
  // Completes the files; `end` is the cycle at which the run ended. Further calls record nothing. Calling it
  // again does nothing. The destructor completes the files too, but cannot report errors.
  void finish(Cycle end);

  // The files written, complete after finish().
  const std::vector<std::filesystem::path>& files() const { return files_; }

  // Things the user should know, after finish(): globs that matched nothing, a missing or failing vcd2fst.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  void add_span(TrackId track, NameId name, Cycle begin, Cycle end, std::uint64_t id);
  void add_instant(TrackId track, NameId name, Cycle at, std::uint64_t id);
  void add_counter(TrackId track, NameId name, Cycle at, std::uint64_t value);
  void add_flow(TrackId track, NameId name, Cycle at, std::uint64_t id, bool begin);
  void add_change(SignalId signal, Cycle at, std::uint64_t value);
  void add_change_wide(SignalId signal, Cycle at, const std::uint64_t* limbs);
  void add_fst();
  void note_unused(const std::string& key, const std::string& what, const Globs& globs);
  template <class F>
  void guarded(bool& enabled, F&& write);
  TrackId track(const std::string& path, std::uint64_t period_ps);

  Recorder* whole_ = nullptr;  // of a view, with
  std::uint64_t period_ps_ = 0;
  Rename rename_;
  bool spans_ = false;
  bool waves_ = false;
  bool finished_ = false;
  bool fst_ = false;
  Cycle from_cycle_ = 0;
  Cycle last_ = 0;  // latest cycle seen: the end, when finish() is never called
  Globs tracks_;
  Globs signals_;
  std::unique_ptr<TimelineSink> timeline_;
  std::unique_ptr<WaveSink> wave_;
  std::vector<std::filesystem::path> files_;
  std::vector<std::string> notes_;
};

}  // namespace sim::record
