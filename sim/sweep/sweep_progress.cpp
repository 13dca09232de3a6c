// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/sweep_progress.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <ostream>

#include "sim/app/progress.h"
#include "sim/sweep/seconds.h"

namespace sim::sweep {
std::string sweep_progress_text(const SweepState& state) {
  const std::uint64_t ended = state.done + state.failed, total = ended + state.left;
  char share[32] = "";
  if (total != 0) {
    std::snprintf(share, sizeof share, " (%.1f %%)",
                  100 * static_cast<double>(ended) / static_cast<double>(total));
  }
  std::string text = std::to_string(ended) + " of " + std::to_string(total) + " points" + share;
  if (state.failed != 0) text += ", " + std::to_string(state.failed) + " failed";
  if (state.simulated != 0 && state.seconds > 0) {
    const double rate = static_cast<double>(state.simulated) / state.seconds;
    text += "  " + app::short_number(rate) + "/s";
    if (state.left != 0) text += "  " + app::short_time(static_cast<double>(state.left) / rate) + " left";
  }
  for (const std::string& best : state.best) text += (&best == &state.best.front() ? "  best " : ", ") + best;
  return text;
}

SweepProgress::SweepProgress(std::ostream& out, Style style, std::vector<Objective> objectives)
    : out_(out),
      style_(style),
      objectives_(std::move(objectives)),
      best_(objectives_.size(), std::numeric_limits<double>::infinity()),
      started_(seconds_now()),
      next_(started_ + (style == Style::terminal ? 0.1 : 10)) {}

SweepProgress::~SweepProgress() { clear(); }

void SweepProgress::took(const Outcome& outcome, const std::vector<double>& objectives, bool accepted,
                         bool fresh) {
  ++(outcome.status == Status::failed ? failed_ : done_);
  if (fresh) ++fresh_;
  for (std::size_t i = 0; accepted && i < objectives.size(); ++i) {
    if (objectives[i] < best_[i]) best_[i] = objectives[i];
  }
}

SweepState SweepProgress::state() const {
  SweepState state;
  state.done = done_;
  state.failed = failed_;
  state.left = expected_ > done_ + failed_ ? expected_ - done_ - failed_ : 0;
  state.simulated = fresh_;
  state.seconds = seconds_now() - started_;
  for (std::size_t i = 0; i < best_.size(); ++i) {
    if (std::isinf(best_[i])) continue;
    char number[40];
    std::snprintf(number, sizeof number, "%.5g", objectives_[i].maximised ? -best_[i] : best_[i]);
    state.best.push_back(objectives_[i].name + " " + number);
  }
  return state;
}

void SweepProgress::update() {
  if (style_ == Style::none || seconds_now() < next_) return;
  next_ = seconds_now() + (style_ == Style::terminal ? 0.1 : 10);
  if (style_ == Style::terminal) {
    out_ << "\r\033[K" << sweep_progress_text(state()) << '\r' << std::flush;
    drawn_ = true;
  } else {
    out_ << "tricycle: " << sweep_progress_text(state()) << std::endl;
  }
}

void SweepProgress::clear() {
  if (drawn_) out_ << "\r\033[K" << std::flush;
  drawn_ = false;
}

}  // namespace sim::sweep
