// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/svg.h"

#include <cmath>
#include <cstdio>

namespace ring {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '"') {
      result += "&quot;";
    } else {
      result += c;
    }
  }
  return result;
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

double round_step(double value, unsigned count) {
  const double least = value / count;
  if (!(least > 0)) return 1;
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least) return factor * power;
  }
  return 10 * power;
}

Svg::Svg(double width, double height) {
  out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << fixed(width, 0) << " "
       << fixed(height, 0) << "\" width=\"" << fixed(width, 0) << "\" height=\"" << fixed(height, 0)
       << "\" font-family=\"sans-serif\" font-size=\"12\">\n"
       << "<style>.k{fill:#4878a8}.m{fill:#7fa8cf}.q{fill:#e1812c}.v{fill:#3a923a}.o{fill:#9372b2}.d{fill:#"
          "777}"
          ".e{fill:#d04040}.i{fill:#d9d9d9}.g{stroke:#ddd;stroke-width:1}.a{stroke:#999;stroke-width:1}"
          ".k,.m,.q,.v,.o,.d{stroke:#fff;stroke-width:.4}"
          ".s{stroke:#bbb;stroke-width:1;stroke-dasharray:3 3}.t{fill:#222}.f{fill:#666;font-size:11px}"
          ".h{fill:#222;font-size:14px;font-weight:bold}</style>\n"
       << "<rect x=\"0\" y=\"0\" width=\"" << fixed(width, 0) << "\" height=\"" << fixed(height, 0)
       << "\" fill=\"#fff\"/>\n";
}

void Svg::rect(double x, double y, double w, double h, const std::string& css, const std::string& tip) {
  out_ << "<rect class=\"" << css << "\" x=\"" << fixed(x, 2) << "\" y=\"" << fixed(y, 1) << "\" width=\""
       << fixed(w, 2) << "\" height=\"" << fixed(h, 1) << "\"";
  if (tip.empty()) {
    out_ << "/>\n";
  } else {
    out_ << "><title>" << escaped(tip) << "</title></rect>\n";
  }
}

void Svg::line(double x1, double y1, double x2, double y2, const std::string& css) {
  out_ << "<line class=\"" << css << "\" x1=\"" << fixed(x1, 2) << "\" y1=\"" << fixed(y1, 1) << "\" x2=\""
       << fixed(x2, 2) << "\" y2=\"" << fixed(y2, 1) << "\"/>\n";
}

void Svg::text(double x, double y, const std::string& text, const std::string& css, const char* anchor) {
  out_ << "<text class=\"" << css << "\" x=\"" << fixed(x, 1) << "\" y=\"" << fixed(y, 1)
       << "\" text-anchor=\"" << anchor << "\">" << escaped(text) << "</text>\n";
}

}  // namespace ring
