// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/progress.h"

#include <cstdio>
#include <ostream>

namespace workload {
namespace {

constexpr std::uint64_t kRedrawNs = 100'000'000;
constexpr unsigned kBar = 24;

}  // namespace

void Progress::draw(const std::string& text) {
  out_ << "\r\033[K" << text << '\r' << std::flush;
  drawn_ = true;
}

void Progress::stage(const std::string& text) {
  decode_begin_ns_ = 0;
  if (shown_) draw(text);
}

void Progress::tokens(unsigned done, unsigned total) {
  if (!shown_) return;
  const std::uint64_t now = watch_.ns();
  if (decode_begin_ns_ == 0) decode_begin_ns_ = now;
  if (now < next_ns_) return;
  next_ns_ = now + kRedrawNs;
  const double seconds = static_cast<double>(now - decode_begin_ns_) * 1e-9;
  const double rate = seconds > 0 ? done / seconds : 0;
  const unsigned filled = total == 0 ? 0 : kBar * done / total;
  char text[128];
  std::snprintf(text, sizeof text, "] %u of %u tokens  %.0f tokens/s  %.0f s left", done, total, rate,
                rate > 0 ? (total - done) / rate : 0.0);
  draw("[" + std::string(filled, '#') + std::string(kBar - filled, '.') + text);
}

void Progress::clear() {
  if (drawn_) out_ << "\r\033[K" << std::flush;
  drawn_ = false;
}

}  // namespace workload
