// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/picture.h"

#include <algorithm>
#include <sstream>
#include <vector>

namespace allmod {
namespace {

// A box: row, first cycle, length, what it says.
struct Box {
  unsigned row;
  unsigned begin;
  unsigned cycles;
  std::string text;
  bool waits = false;
};

struct Chart {
  std::vector<std::string> rows;
  std::vector<Box> boxes;
};

enum Row : unsigned { kInput, kTables, kBefore, kAfter };

// Neighbouring boxes of a row that say the same become one.
void add(Chart& chart, Box box) {
  for (auto it = chart.boxes.rbegin(); it != chart.boxes.rend(); ++it) {
    if (it->row != box.row) continue;
    if (it->begin + it->cycles == box.begin && it->waits && box.waits) {
      it->cycles += box.cycles;
      return;
    }
    break;
  }
  chart.boxes.push_back(std::move(box));
}

Chart pipelined(const Datapath& d) {
  Chart chart;
  chart.rows = {"input register", "tables and adder tree", "restoring steps before the fusion",
                "restoring steps after it"};
  unsigned cycle = 0;
  const unsigned tables = static_cast<unsigned>(d.groups().size());
  int level_before = -1;
  const unsigned first_post = d.latency() - d.post_cycles();
  for (const Stage& s : d.stages()) {
    if (cycle == 0) {
      add(chart, {kInput, 0, 1, "X"});
    } else if (s.post >= 0) {
      add(chart, {kAfter, cycle, 1, std::to_string(d.post_schedule()[s.post].count)});
    } else {
      if (tables > 0) {
        const bool works = s.level > level_before;
        const std::string text =
            s.level == 0 ? std::to_string(tables) + " look-ups" : "+ " + std::to_string(s.level);
        add(chart, {kTables, cycle, 1, works ? text : "", !works});
        level_before = std::max(level_before, s.level);
      }
      const bool joined = s.level > static_cast<int>(d.design().e);
      if (s.pre >= 0) {
        add(chart, {kBefore, cycle, 1, std::to_string(d.pre_schedule()[s.pre].count)});
      } else if (!joined && cycle < first_post) {
        add(chart, {kBefore, cycle, 1, "", true});
      }
    }
    cycle += s.cycles;
  }
  return chart;
}

Chart serial_template(const Datapath& d) {
  Chart chart;
  chart.rows = {"input register", "look-up and accumulator", "restoring steps", "fusion and adjustment"};
  const unsigned tables = static_cast<unsigned>(d.groups().size());
  const unsigned core = d.stages()[1].cycles;
  const unsigned steps = static_cast<unsigned>(d.pre().size());
  add(chart, {kInput, 0, 1, "X"});
  add(chart, {kTables, 1, 1, std::to_string(tables) + " look-ups"});
  if (tables > 0) add(chart, {kTables, 2, tables, std::to_string(tables) + " additions, one adder"});
  if (core > 1 + tables) add(chart, {kTables, 2 + tables, core - 1 - tables, "", true});
  add(chart, {kBefore, 1, steps, std::to_string(steps) + " steps, one subtractor"});
  if (core > steps) add(chart, {kBefore, 1 + steps, core - steps, "", true});
  unsigned cycle = 1 + core;
  for (std::size_t i = 2; i < d.stages().size(); ++i) {
    add(chart, {kAfter, cycle, d.stages()[i].cycles, d.stages()[i].name});
    cycle += d.stages()[i].cycles;
  }
  return chart;
}

// Units that are used over and over: one box for as long as a unit works on an operand.
Chart serial(const Datapath& d) {
  Chart chart;
  chart.rows = {"input register", "look-up and accumulator", "restoring steps", "result register"};
  const std::string unit = std::to_string(d.design().u) + " a cycle";
  const auto steps_text = [&](std::size_t count) { return std::to_string(count) + " steps, " + unit; };
  const unsigned reads = d.read_cycles(), end = d.latency() - 1;
  add(chart, {kInput, 0, 1, "X"});
  if (reads > 0)
    add(chart, {kTables, 1, reads + 1, std::to_string(d.groups().size()) + " look-ups, one adder"});
  const bool overlapped = is_overlapped(d.design());
  const unsigned before = d.pre_cycles(), after = d.post_cycles();
  if (before > 0) add(chart, {kBefore, 1, before, steps_text(d.pre().size())});
  if (!overlapped && reads > 0) {
    const unsigned fusion = end - after - 1;
    if (fusion > 1 + before) add(chart, {kBefore, 1 + before, fusion - 1 - before, "", true});
    if (fusion > 2 + reads) add(chart, {kTables, 2 + reads, fusion - 2 - reads, "", true});
    add(chart, {kTables, fusion, 1, "+"});
  }
  if (after > 0) add(chart, {kBefore, end - after, after, steps_text(d.post().size())});
  add(chart, {kAfter, end, 1, "Y"});
  return chart;
}

// One row an operation.
Chart products(const Datapath& d) {
  Chart chart;
  chart.rows = {"input register"};
  for (std::size_t k = 1; k < d.phases().size(); ++k) chart.rows.push_back(d.phases()[k].name);
  chart.rows.push_back("adjustment");
  add(chart, {kInput, 0, 1, "X"});
  unsigned cycle = 1;
  for (std::size_t i = 1; i < d.stages().size(); ++i) {
    const Stage& s = d.stages()[i];
    unsigned row = static_cast<unsigned>(d.phases().size());
    for (unsigned k = 1; k < d.phases().size(); ++k) {
      const std::string name = d.phases()[k].name;
      if (s.name == name || s.name.compare(0, name.size() + 1, name + "_") == 0) row = k;
    }
    add(chart, {row, cycle, s.cycles, s.what});
    cycle += s.cycles;
  }
  return chart;
}

std::string draw(const Chart& chart, const Datapath& d) {
  constexpr double kLeft = 250, kTop = 66, kRowHeight = 44, kRight = 24;
  const double unit = std::clamp(1000.0 / d.latency(), 1.0, 86.0);
  const double width = std::max(kLeft + unit * d.latency() + kRight, 640.0);
  const double height = kTop + kRowHeight * static_cast<double>(chart.rows.size()) + 62;
  const char* const kColours[] = {"#4c6a92", "#2f8f83", "#b4632f", "#8a4f9e"};
  std::string parameters;
  if (has_tables(d.design().form))
    parameters = ", w = " + std::to_string(d.design().w) + ", m = " + std::to_string(d.design().m);
  std::ostringstream svg;
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << ' ' << height << "\" width=\""
      << width << "\" height=\"" << height << "\" font-family=\"sans-serif\" font-size=\"13\">\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
      << "<text x=\"16\" y=\"26\" font-size=\"17\" font-weight=\"bold\">" << form_word(d.design().form)
      << ", n = " << d.design().n << parameters << "</text>\n"
      << "<text x=\"16\" y=\"46\" fill=\"#555\">latency " << d.latency() << " cycles, one operand every "
      << d.ii() << (d.ii() == 1 ? " cycle" : " cycles")
      << "; hatched: waits for the other side; numbers: steps or adder level in that cycle</text>\n"
      << "<defs><pattern id=\"wait\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
         "patternTransform=\"rotate(45)\"><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" stroke=\"#aaa\" "
         "stroke-width=\"2\"/></pattern></defs>\n";
  for (std::size_t r = 0; r < chart.rows.size(); ++r) {
    const double y = kTop + kRowHeight * static_cast<double>(r);
    svg << "<text x=\"16\" y=\"" << y + 25 << "\">" << chart.rows[r] << "</text>\n";
    svg << "<line x1=\"" << kLeft << "\" x2=\"" << kLeft + unit * d.latency() << "\" y1=\""
        << y + kRowHeight - 1 << "\" y2=\"" << y + kRowHeight - 1 << "\" stroke=\"#e4e4e4\"/>\n";
  }
  for (const Box& b : chart.boxes) {
    const double x = kLeft + unit * b.begin;
    const double y = kTop + kRowHeight * b.row + 6;
    const double w = unit * b.cycles;
    svg << "<rect x=\"" << x + 0.5 << "\" y=\"" << y << "\" width=\"" << std::max(w - 1, 0.5)
        << "\" height=\"30\" rx=\"3\" fill=\"" << (b.waits ? "url(#wait)" : kColours[b.row % 4])
        << "\"><title>cycle " << b.begin
        << (b.cycles > 1 ? " to " + std::to_string(b.begin + b.cycles - 1) : "") << ": "
        << (b.waits ? "waits" : b.text) << "</title></rect>\n";
    if (w > 7.5 * static_cast<double>(b.text.size()) && !b.text.empty()) {
      svg << "<text x=\"" << x + w / 2 << "\" y=\"" << y + 20 << "\" fill=\"#fff\" text-anchor=\"middle\">"
          << b.text << "</text>\n";
    }
  }
  const double axis = kTop + kRowHeight * static_cast<double>(chart.rows.size()) + 8;
  const unsigned tick = std::max(1u, static_cast<unsigned>((d.latency() + 19) / 20));
  for (unsigned c = 0; c <= d.latency(); c += tick) {
    svg << "<text x=\"" << kLeft + unit * c << "\" y=\"" << axis + 14
        << "\" fill=\"#555\" text-anchor=\"middle\">" << c << "</text>\n";
  }
  svg << "<text x=\"" << kLeft + unit * d.latency() / 2 << "\" y=\"" << axis + 38
      << "\" fill=\"#555\" text-anchor=\"middle\">cycles after the operand was accepted</text>\n</svg>\n";
  return svg.str();
}

}  // namespace

std::string pipeline_picture(const Datapath& datapath) {
  switch (datapath.design().form) {
    case Form::pipelined:
      return draw(pipelined(datapath), datapath);
    case Form::serial:
    case Form::iterative:
      return draw(serial(datapath), datapath);
    case Form::barrett:
    case Form::montgomery:
      return draw(products(datapath), datapath);
    case Form::template_:
    case Form::template_literal:
      break;
  }
  return draw(serial_template(datapath), datapath);
}

}  // namespace allmod
