// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

#include "sim/core/units.h"

namespace sim::app {

/// Where a run stands.
struct ProgressState {
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0 = not known
  const char* unit = "";
  Cycle cycles = 0;
  double seconds = 0;              ///< of wall time since the start
  const char* counted = "cycles";  ///< what `cycles` counts where nothing is simulated: "records"
};

/// "43.2 %  12.3 M cycles  1.25 M cycles/s  0:12 left"
std::string progress_text(const ProgressState& state);

/// "1.25 M" for 1250000: three significant digits with a prefix.
std::string short_number(double value);

/// "0:12", "3:07", "1:02:03".
std::string short_time(double seconds);

/// Draws the progress of a run: a bar on a terminal, else a line every so many seconds.
class Progress {
 public:
  enum class Style { none, bar, lines };
  Progress(std::ostream& out, Style style, double line_seconds);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(const ProgressState& state);
  /// Takes the bar away.
  void clear();

 private:
  std::ostream& out_;
  Style style_;
  double line_seconds_;
  double next_line_;
  bool drawn_ = false;
};

}  // namespace sim::app
