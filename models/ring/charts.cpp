// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "models/ring/svg.h"

namespace ring {
namespace {

constexpr double kWidth = 1180, kLeft = 96, kRight = 20;
constexpr double kRow = 15;
constexpr unsigned kMostGpus = 8;
constexpr std::size_t kMostBars = 6000;

struct RowKind {
  Channel channel;  // none: kernels
  const char* label;
  const char* css;
};
constexpr std::array<RowKind, 5> kRows = {{{Channel::none, "kernels", "k"},
                                           {Channel::q, "send Q", "q"},
                                           {Channel::kv, "send KV", "v"},
                                           {Channel::out, "send Out", "o"},
                                           {Channel::other, "send", "d"}}};

std::string ms(Ps ps) { return fixed(static_cast<double>(ps) * 1e-9, 3) + " ms"; }

Ps end_of(const Execution& e, const OpTiming& t) { return t.done() ? t.finished : e.end; }

/// Grid and labels of a time axis in milliseconds; returns pixels a picosecond.
double time_axis(Svg& svg, Ps end, double top, double bottom) {
  const double whole = std::max(1e-9, static_cast<double>(end) * 1e-9);  // ms
  const double scale = (kWidth - kLeft - kRight) / whole;
  const double step = round_step(whole, 10);
  const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  for (double t = 0; t <= whole * 1.0001; t += step) {
    svg.line(kLeft + t * scale, top, kLeft + t * scale, bottom, "g");
    svg.text(kLeft + t * scale, bottom + 14, fixed(t, digits), "f", "middle");
  }
  svg.text(kWidth - kRight, bottom + 28, "ms", "f", "end");
  return scale * 1e-9;
}

void legend(Svg& svg, double y, const std::vector<std::pair<std::string, std::string>>& entries) {
  double x = kLeft;
  for (const auto& [css, label] : entries) {
    svg.rect(x, y - 9, 10, 10, css);
    svg.text(x + 14, y, label, "f");
    x += 30 + 6.6 * static_cast<double>(label.size());
  }
}

}  // namespace

std::string step_chart(const OpGraph& graph, const Execution& execution, const Analysis& analysis,
                       const std::string& title) {
  const unsigned gpus = std::min(graph.gpus, kMostGpus);
  std::array<bool, kRows.size()> used{};
  used[0] = true;
  for (const Op& op : graph.ops) {
    for (std::size_t i = 1; i < kRows.size(); ++i) {
      used[i] = used[i] || (op.kind == OpKind::transfer && op.channel == kRows[i].channel);
    }
  }
  std::array<double, kRows.size()> offset{};
  double height = 0;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    offset[i] = height;
    if (used[i]) height += kRow;
  }
  const double gap = 10, top = 62, bottom = top + gpus * (height + gap);
  Svg svg(kWidth, bottom + 40);
  svg.text(kLeft, 22, title, "h");
  std::vector<std::pair<std::string, std::string>> entries = {{"k", "attention kernel"},
                                                              {"m", "merge kernel"}};
  for (std::size_t i = 1; i < kRows.size(); ++i) {
    if (used[i]) entries.emplace_back(kRows[i].css, kRows[i].label);
  }
  legend(svg, 46, entries);
  const double scale = time_axis(svg, execution.end, top, bottom);
  for (unsigned gpu = 0; gpu < gpus; ++gpu) {
    const double y = top + gpu * (height + gap);
    svg.text(8, y + 11, "gpu" + std::to_string(gpu), "t");
    for (std::size_t i = 0; i < kRows.size(); ++i) {
      if (used[i]) svg.text(kLeft - 6, y + offset[i] + 11, kRows[i].label, "f", "end");
    }
    Ps boundary = 0;
    for (unsigned step = 0; step + 1 < analysis.steps && analysis.steps <= 80; ++step) {
      boundary += analysis.by_gpu_step[std::size_t{gpu} * analysis.steps + step].duration;
      const double x = kLeft + static_cast<double>(boundary) * scale;
      svg.line(x, y - 2, x, y + height + 2, "s");
    }
  }
  std::size_t bars = 0, left_out = 0;
  for (OpId id = 0; id < graph.size(); ++id) {
    const Op& op = graph.ops[id];
    const OpTiming& t = execution.ops[id];
    if (op.gpu >= gpus || op.kind == OpKind::join || t.started == OpTiming::kNever) continue;
    if (++bars > kMostBars) {
      ++left_out;
      continue;
    }
    std::size_t row = 0;
    for (std::size_t i = 1; i < kRows.size(); ++i) {
      if (op.kind == OpKind::transfer && kRows[i].channel == op.channel) row = i;
    }
    const Ps end = end_of(execution, t);
    std::string tip =
        describe(graph, id) + ": " + ms(t.started) + " to " + ms(end) + ", " + ms(end - t.started);
    if (op.kind == OpKind::transfer) {
      tip += ", " + fixed(static_cast<double>(op.bytes) * 1e-6, 3) + " MB";
      if (end > t.started) {
        tip += ", " + fixed(static_cast<double>(op.bytes) * 1e3 / static_cast<double>(end - t.started), 2) +
               " GB/s";
      }
    }
    svg.rect(kLeft + static_cast<double>(t.started) * scale, top + op.gpu * (height + gap) + offset[row],
             std::max(0.4, static_cast<double>(end - t.started) * scale), kRow - 3,
             op.kind == OpKind::merge ? "m" : kRows[row].css, tip);
  }
  std::string note = "dashed: ends of steps";
  if (graph.gpus > gpus)
    note += "; the first " + std::to_string(gpus) + " of " + std::to_string(graph.gpus) + " GPUs";
  if (left_out > 0) note += "; " + std::to_string(left_out) + " operations left out";
  svg.text(kLeft, bottom + 32, note, "f");
  return svg.finish();
}

std::string step_bars(const Analysis& analysis) {
  const unsigned steps = std::min(analysis.steps, 128u);
  const double row = steps > 40 ? 10 : 18, top = 40, bottom = top + steps * row;
  Svg svg(kWidth, bottom + 40);
  legend(svg, 22, {{"k", "kernels"}, {"e", "exposed communication"}, {"i", "waiting for other GPUs"}});
  Ps longest = 1;
  for (const StepTimes& s : analysis.slowest) longest = std::max(longest, s.duration);
  const double scale = time_axis(svg, longest, top, bottom);
  for (unsigned step = 0; step < steps; ++step) {
    const StepTimes& s = analysis.slowest[step];
    const double y = top + step * row;
    if (steps <= 40 || step % 4 == 0)
      svg.text(kLeft - 6, y + row - 5, "step " + std::to_string(step), "f", "end");
    double x = kLeft;
    for (const auto& [ps, css, label] : {std::tuple{s.kernels, "k", "kernels"},
                                         {s.exposed, "e", "exposed communication"},
                                         {s.idle, "i", "waiting for other GPUs"}}) {
      const double w = static_cast<double>(ps) * scale;
      if (w > 0) {
        svg.rect(x, y + 1, w, row - 3, css,
                 "step " + std::to_string(step) + ", gpu" + std::to_string(analysis.slowest_gpu[step]) +
                     ": " + label + " " + ms(ps));
      }
      x += w;
    }
  }
  if (analysis.steps > steps) svg.text(kLeft, bottom + 30, "the first 128 steps", "f");
  return svg.finish();
}

std::string curve_chart(const std::vector<CurvePoint>& points, unsigned gpus) {
  const double height = 340, top = 40, bottom = height - 50;
  Svg svg(kWidth, height);
  legend(svg, 22, {{"k", "kernels"}, {"q", "communication"}, {"e", "of it exposed"}, {"d", "time"}});
  if (points.empty()) return svg.finish();
  double least = 1e300, most = 0;
  for (const CurvePoint& p : points) {
    for (const double v : {p.compute_s, p.communication_s, p.exposed_s, p.time_s}) {
      if (v > 0) least = std::min(least, v);
      most = std::max(most, v);
    }
  }
  least = std::max(least, most * 1e-4);
  const double low = std::floor(std::log10(least)), high = std::max(low + 1, std::ceil(std::log10(most)));
  const auto y = [&](double v) {
    return bottom - (std::log10(std::max(v, std::pow(10, low))) - low) / (high - low) * (bottom - top);
  };
  const double x_step =
      points.size() > 1 ? (kWidth - kLeft - kRight - 60) / static_cast<double>(points.size() - 1) : 0;
  const auto x = [&](std::size_t i) { return kLeft + 30 + static_cast<double>(i) * x_step; };
  for (double decade = low; decade <= high; ++decade) {
    svg.line(kLeft, y(std::pow(10, decade)), kWidth - kRight, y(std::pow(10, decade)), "g");
    svg.text(kLeft - 6, y(std::pow(10, decade)) + 4,
             fixed(std::pow(10, decade) * 1e3, decade < -3 ? static_cast<int>(-3 - decade) : 0) + " ms", "f",
             "end");
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    svg.text(x(i), bottom + 16,
             std::to_string(points[i].gpus) + (points[i].gpus == gpus ? " GPUs (here)" : ""), "f", "middle");
  }
  const std::map<std::string, double CurvePoint::*> series = {{"k#4878a8", &CurvePoint::compute_s},
                                                              {"q#e1812c", &CurvePoint::communication_s},
                                                              {"e#d04040", &CurvePoint::exposed_s},
                                                              {"d#777", &CurvePoint::time_s}};
  for (const auto& [css, member] : series) {
    std::string path;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!(points[i].*member > 0)) continue;
      path += (path.empty() ? "M" : " L") + fixed(x(i), 1) + " " + fixed(y(points[i].*member), 1);
    }
    svg.raw("<path d=\"" + path + "\" fill=\"none\" stroke=\"" + css.substr(1) + "\" stroke-width=\"2\"/>");
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!(points[i].*member > 0)) continue;
      svg.rect(x(i) - 3, y(points[i].*member) - 3, 6, 6, css.substr(0, 1),
               std::to_string(points[i].gpus) + " GPUs: " + fixed(points[i].*member * 1e3, 4) + " ms");
    }
  }
  svg.text(kLeft, height - 10, "the same tokens on more GPUs, closed form", "f");
  return svg.finish();
}

}  // namespace ring
