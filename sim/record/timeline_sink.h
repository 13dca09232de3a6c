// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/record/file_writer.h"
#include "sim/record/window.h"

namespace sim::record {

// Writes the Trace Event Format (JSON) that ui.perfetto.dev and chrome://tracing read:
//   {"metadata": {"schema", "period_ps", "configuration"}, "displayTimeUnit": "ns", "traceEvents": [...]}
// `ts` and `dur` are microseconds with exact decimals (cycle * period); `args` repeats them in cycles, of the
// track's own clock where it has one.
//
// Viewers want the spans of one thread to be nested or disjoint. A pipeline overlaps them, so each track has
// as many rows (threads) as it needs: a span goes to the first row that is free.
class TimelineSink {
 public:
  TimelineSink(const std::filesystem::path& file, Window window, Origin origin);

  void set_period_ps(std::uint64_t period_ps);  // before the first event
  // `period_ps`: of the track's cycles; 0: the file's. The first call for a path decides.
  std::uint32_t track(const std::string& path, std::uint64_t period_ps = 0);
  std::uint32_t name(const std::string& text);

  void span(std::uint32_t track, std::uint32_t name, Cycle begin, Cycle end, std::uint64_t id);
  void instant(std::uint32_t track, std::uint32_t name, Cycle at, std::uint64_t id);
  void counter(std::uint32_t track, std::uint32_t name, Cycle at, std::uint64_t value);
  void flow(std::uint32_t track, std::uint32_t name, Cycle at, std::uint64_t id, bool begin);
  void finish();

  // Tracks of which some spans had to be drawn over each other.
  std::vector<std::string> crowded() const;

 private:
  struct Process {
    std::string name;  // texts are kept in the form they have inside a JSON string
    bool announced = false;
  };
  struct Track {
    std::string path;    // as given
    std::string thread;  // what follows the first '/'; the whole path without one
    std::size_t process = 0;
    std::uint64_t period_ps = 0;  // 0: the file's
    std::vector<Cycle> free_at;   // per row: end of its last span
    std::size_t last_row = 0;     // where the last span went
    bool crowded = false;
  };

  std::uint64_t time_of(const Track& track, Cycle at) const;
  // Begin and end touch the window, which is in the file's cycles.
  bool within(const Track& track, Cycle begin, Cycle end) const;

  // {"ph":"<phase>","pid":..[,"tid":..],"name":"<name>"
  void open_event(char phase, const Track& track, std::size_t row, const std::string& name);
  void close_event(std::uint64_t time, Cycle at, std::uint64_t id);
  std::uint64_t thread_id(const Track& track, std::size_t row) const;
  void announce(Track& track, std::size_t row);
  void announce(Process& process);
  std::size_t row_of(Track& track, Cycle begin, Cycle end);
  void put_microseconds(std::uint64_t picoseconds);
  void put_field(const char* key, std::uint64_t value);
  void begin_event();  // what stands between two events; before the first, the head of the file

  FileWriter out_;
  Window window_;
  Origin origin_;
  bool started_ = false;
  std::vector<Track> tracks_;
  std::vector<Process> processes_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> track_ids_;
  std::unordered_map<std::string, std::size_t> process_ids_;
  std::unordered_map<std::string, std::size_t> name_ids_;
};

}  // namespace sim::record
