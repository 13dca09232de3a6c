// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cstdio>
#include <sstream>

#include "models/sme/pictures.h"
#include "models/sme/tech.h"
#include "models/sme/trace_source.h"

namespace sme {
namespace {

struct Panel {
  std::string title, unit;
  std::vector<double> values;
  const char* colour;
};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

}  // namespace

std::string token_picture(const std::vector<TokenRun>& tokens, const CostTable& cost) {
  Panel panels[3] = {{"energy of a token", "uJ", {}, "#225ea8"},
                     {"decoder layers with INT4", "", {}, "#d95f0e"},
                     {"time of a token", "cycles", {}, "#41ab5d"}};
  for (const TokenRun& t : tokens) {
    panels[0].values.push_back(cost.energy_j(t.activity) * 1e6);
    panels[1].values.push_back(t.int4_layers);
    panels[2].values.push_back(static_cast<double>(t.end - t.begin));
  }
  const double left = 80, plot = 760, height = 130, gap = 56;
  std::ostringstream out;
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"880\" height=\"" << 3 * (height + gap) + 40
      << "\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" "
         "fill=\"white\"/>\n";
  double y = 30;
  for (const Panel& p : panels) {
    const double most = std::max(1e-30, *std::max_element(p.values.begin(), p.values.end()) * 1.05);
    out << "<text x=\"" << left << "\" y=\"" << y - 8 << "\" font-size=\"13\">" << p.title
        << (p.unit.empty() ? "" : ", " + p.unit) << "</text>\n<path d=\"M" << left << " " << y << "v"
        << height << "h" << plot << "\" fill=\"none\" stroke=\"#888\"/>\n";
    for (int i = 0; i <= 2; ++i) {
      const double at = y + height - height * i / 2;
      out << "<text x=\"" << left - 6 << "\" y=\"" << at + 4 << "\" text-anchor=\"end\">"
          << number(most * i / 2) << "</text>\n";
    }
    const double step = plot / static_cast<double>(std::max<std::size_t>(1, p.values.size()));
    out << "<path d=\"M" << left << " " << y + height;
    for (std::size_t i = 0; i < p.values.size(); ++i) {
      const double at = y + height - height * p.values[i] / most;
      out << "L" << left + step * static_cast<double>(i) << " " << at << "h" << step;
    }
    out << "V" << y + height << "\" fill=\"" << p.colour << "\" fill-opacity=\"0.25\" stroke=\"" << p.colour
        << "\"/>\n";
    if (!tokens.empty()) {
      out << "<text x=\"" << left << "\" y=\"" << y + height + 15 << "\">token " << tokens.front().index
          << "</text>\n<text x=\"" << left + plot << "\" y=\"" << y + height + 15 << "\" text-anchor=\"end\">"
          << tokens.back().index << "</text>\n";
    }
    y += height + gap;
  }
  out << "</svg>\n";
  return out.str();
}

}  // namespace sme
