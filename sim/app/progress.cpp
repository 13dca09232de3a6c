// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace sim::app {
namespace {

constexpr int kBarWidth = 24;
constexpr double kBarSeconds = 0.1;  // smoother is not readable

double share(const ProgressState& state) {
  if (state.total == 0) return 0;
  return std::min(1.0, static_cast<double>(state.done) / static_cast<double>(state.total));
}

std::string format(const char* pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

}  // namespace

std::string short_number(double value) {
  static const char* const kPrefixes[] = {"", " k", " M", " G", " T", " P", " E"};
  unsigned i = 0;
  while (value >= 999.5 && i < 6) {
    value /= 1000;
    ++i;
  }
  const bool whole = i == 0 && value == std::floor(value);
  const char* pattern = whole || value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f";
  return format(pattern, value) + kPrefixes[i];
}

std::string short_time(double seconds) {
  const auto s = static_cast<unsigned long long>(std::clamp(std::ceil(seconds), 0.0, 1e9));
  char text[64];
  if (s >= 3600) {
    std::snprintf(text, sizeof text, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
  } else {
    std::snprintf(text, sizeof text, "%llu:%02llu", s / 60, s % 60);
  }
  return text;
}

std::string progress_text(const ProgressState& state) {
  std::string text;
  if (state.total != 0) {
    text += format("%5.1f %%", 100 * share(state));
  } else {
    text += short_number(static_cast<double>(state.done)) + " " + state.unit;
  }
  const auto cycles = static_cast<double>(state.cycles);
  text += "  " + short_number(cycles) + " " + state.counted;
  if (state.seconds > 0) text += "  " + short_number(cycles / state.seconds) + " " + state.counted + "/s";
  const double part = share(state);
  if (part > 0 && state.seconds > 0) {
    text += "  " + short_time(state.seconds * (1 - part) / part) + " left";
  }
  return text;
}

Progress::Progress(std::ostream& out, Style style, double line_seconds)
    : out_(out),
      style_(line_seconds <= 0 ? Style::none : style),
      line_seconds_(line_seconds),
      next_line_(style == Style::bar ? kBarSeconds : line_seconds) {}

Progress::~Progress() { clear(); }

void Progress::update(const ProgressState& state) {
  if (style_ == Style::none || state.seconds < next_line_) return;
  const std::string text = progress_text(state);
  if (style_ == Style::lines) {
    next_line_ = state.seconds + line_seconds_;
    out_ << "tricycle: " << text << std::endl;
    return;
  }
  next_line_ = state.seconds + kBarSeconds;
  const int filled = static_cast<int>(share(state) * kBarWidth);
  // The line is erased first and the cursor left at its start, so that a log message overwrites the bar.
  out_ << "\r\033[K";
  if (state.total != 0)
    out_ << '[' << std::string(filled, '#') << std::string(kBarWidth - filled, '.') << "] ";
  out_ << text << '\r' << std::flush;
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) out_ << "\r\033[K" << std::flush;
  drawn_ = false;
}

}  // namespace sim::app
