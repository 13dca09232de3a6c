// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "models/sme/function/layer_map.h"
#include "models/sme/pictures.h"

namespace sme {
namespace {

// From pale to dark; `share` 0..1.
std::string colour(double share) {
  static constexpr int kStops[5][3] = {
      {255, 255, 229}, {199, 233, 180}, {65, 182, 196}, {34, 94, 168}, {8, 29, 88}};
  const double at = std::clamp(share, 0.0, 1.0) * 4;
  const int low = std::min(3, static_cast<int>(at));
  const double part = at - low;
  char text[8];
  int rgb[3];
  for (int i = 0; i < 3; ++i) {
    rgb[i] = static_cast<int>(std::lround(kStops[low][i] + part * (kStops[low + 1][i] - kStops[low][i])));
  }
  std::snprintf(text, sizeof text, "#%02x%02x%02x", rgb[0] & 255, rgb[1] & 255, rgb[2] & 255);
  return text;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

// Crossbars of one plane (MLC: pair of planes) and one sign set of a layer.
struct Field {
  std::uint64_t held = 0, possible = 0, ones = 0, cells = 0;
};

Field field_of(const LayerMap& map, unsigned set, unsigned crossbar) {
  Field f;
  for (const TileMap& tile : map.tiles) {
    ++f.possible;
    if ((tile.sets[set].crossbars >> crossbar & 1) == 0) continue;
    ++f.held;
    f.cells += std::uint64_t{tile.rows} * tile.cols * map.crossbar.cell_bits;
    for (unsigned b = 0; b < map.crossbar.cell_bits; ++b) {
      const unsigned plane = crossbar * map.crossbar.cell_bits + b;
      if (plane < kMaxPlanes) f.ones += tile.sets[set].use[plane].ones;
    }
  }
  return f;
}

}  // namespace

std::string occupancy_picture(const std::vector<const LayerMap*>& layers) {
  unsigned columns = 1, sets = 1;
  double darkest = 0.01;
  for (const LayerMap* map : layers) {
    sets = std::max(sets, map->sign_sets);
    const unsigned n =
        map->conventional ? 1 : (map->planes + map->crossbar.cell_bits - 1) / map->crossbar.cell_bits;
    columns = std::max(columns, n);
    for (unsigned set = 0; set < map->sign_sets && !map->conventional; ++set) {
      for (unsigned c = 0; c < n; ++c) {
        const Field f = field_of(*map, set, c);
        if (f.cells > 0)
          darkest = std::max(darkest, static_cast<double>(f.ones) / static_cast<double>(f.cells));
      }
    }
  }
  const int name_width = 230, cell_w = 66, cell_h = 18, top = 74, gap = 16;
  const int width =
      name_width + static_cast<int>(sets * columns) * cell_w + static_cast<int>(sets - 1) * gap + 20;
  const int height = top + static_cast<int>(layers.size()) * cell_h + 58;
  std::ostringstream out;
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
      << "\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" "
         "fill=\"white\"/>\n"
      << "<text x=\"10\" y=\"20\" font-size=\"15\">Crossbars by layer and plane</text>\n"
      << "<text x=\"10\" y=\"37\" fill=\"#555\">colour: share of cells that are one; number: crossbars held "
         "/ possible; "
         "crossed out: all freed</text>\n";
  const auto x_of = [&](unsigned set, unsigned c) {
    return name_width + static_cast<int>(set * columns + c) * cell_w + static_cast<int>(set) * gap;
  };
  for (unsigned set = 0; set < sets; ++set) {
    if (sets > 1) {
      out << "<text x=\"" << x_of(set, 0) << "\" y=\"54\" font-weight=\"bold\">"
          << (set == 0 ? "positive" : "negative") << "</text>\n";
    }
    for (unsigned c = 0; c < columns; ++c) {
      out << "<text x=\"" << x_of(set, c) + cell_w / 2 << "\" y=\"68\" text-anchor=\"middle\">"
          << (c == 0 ? "plane 1" : std::to_string(c + 1)) << "</text>\n";
    }
  }
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const LayerMap& map = *layers[l];
    const int y = top + static_cast<int>(l) * cell_h;
    std::string shown = map.name.size() > 34 ? "..." + map.name.substr(map.name.size() - 31) : map.name;
    out << "<text x=\"" << name_width - 6 << "\" y=\"" << y + 13 << "\" text-anchor=\"end\">"
        << escaped(shown) << "<title>" << escaped(map.name) << "</title></text>\n";
    const unsigned n =
        map.conventional ? 1 : (map.planes + map.crossbar.cell_bits - 1) / map.crossbar.cell_bits;
    for (unsigned set = 0; set < map.sign_sets; ++set) {
      for (unsigned c = 0; c < n; ++c) {
        const Field f = field_of(map, set, c);
        const double share = f.cells > 0 ? static_cast<double>(f.ones) / static_cast<double>(f.cells) : 0;
        const double depth = share / darkest;
        const int x = x_of(set, c);
        out << "<rect x=\"" << x << "\" y=\"" << y << "\" width=\"" << cell_w - 1 << "\" height=\""
            << cell_h - 1 << "\" fill=\"" << (f.held == 0 ? "#eeeeee" : colour(depth)) << "\"><title>"
            << escaped(map.name) << ", plane " << c + 1 << ": " << f.ones << " ones in " << f.cells
            << " cells of " << f.held << " crossbars, " << f.possible - f.held << " freed</title></rect>\n";
        if (f.held == 0) {
          out << "<path d=\"M" << x + 4 << " " << y + cell_h / 2 << "h" << cell_w - 9
              << "\" stroke=\"#999\"/>\n";
          continue;
        }
        out << "<text x=\"" << x + cell_w / 2 << "\" y=\"" << y + 13
            << "\" text-anchor=\"middle\" font-size=\"9\" fill=\"" << (depth > 0.55 ? "white" : "#222")
            << "\">" << f.held << "/" << f.possible << "</text>\n";
      }
    }
  }
  const int legend = top + static_cast<int>(layers.size()) * cell_h + 20;
  for (int i = 0; i < 100; ++i) {
    out << "<rect x=\"" << name_width + 2 * i << "\" y=\"" << legend << "\" width=\"2\" height=\"12\" fill=\""
        << colour(i / 99.0) << "\"/>\n";
  }
  char most[32];
  std::snprintf(most, sizeof most, "%.1f %%", 100 * darkest);
  out << "<text x=\"" << name_width - 6 << "\" y=\"" << legend + 10
      << "\" text-anchor=\"end\">0 %</text>\n<text x=\"" << name_width + 206 << "\" y=\"" << legend + 10
      << "\">" << most << " of the cells are one</text>\n</svg>\n";
  return out.str();
}

}  // namespace sme
