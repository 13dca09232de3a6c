// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <sstream>
#include <string>

namespace ring {

std::string escaped(const std::string& text);  ///< for XML
std::string fixed(double value, int digits);
/// A round number of at least value / count: 1, 2 or 5 times a power of ten.
double round_step(double value, unsigned count);

/// Collects the elements of a picture.
class Svg {
 public:
  Svg(double width, double height);
  void rect(double x, double y, double w, double h, const std::string& css, const std::string& tip = "");
  void line(double x1, double y1, double x2, double y2, const std::string& css);
  void text(double x, double y, const std::string& text, const std::string& css,
            const char* anchor = "start");
  void raw(const std::string& element) { out_ << element << "\n"; }
  std::string finish() const { return out_.str() + "</svg>\n"; }

 private:
  std::ostringstream out_;
};

}  // namespace ring
