// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/suggest.h"

#include <algorithm>

namespace sim::config {
namespace {

constexpr std::size_t kLongest = 64;  // longer words are not typing errors of a key

std::string folded(std::string word) {
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return word;
}

}  // namespace

std::size_t edit_distance(const std::string& a, const std::string& b) {
  const std::string x = folded(a);
  const std::string y = folded(b);
  std::vector<std::vector<std::size_t>> d(x.size() + 1, std::vector<std::size_t>(y.size() + 1));
  for (std::size_t i = 0; i <= x.size(); ++i) {
    for (std::size_t j = 0; j <= y.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const std::size_t change = d[i - 1][j - 1] + (x[i - 1] == y[j - 1] ? 0 : 1);
      d[i][j] = std::min({change, d[i - 1][j] + 1, d[i][j - 1] + 1});
      if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[x.size()][y.size()];
}

std::string closest(const std::string& written, const std::vector<std::string>& candidates) {
  if (written.empty() || written.size() > kLongest) return "";
  std::string best;
  // A third of the letters may be wrong; of one or two letters none (any short key would do).
  std::size_t limit = written.size() < 3 ? 0 : std::max<std::size_t>(1, written.size() / 3);
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    const std::size_t distance = edit_distance(written, candidate);
    if (distance > limit || (!best.empty() && distance == limit)) continue;
    best = candidate;
    limit = distance;
  }
  return best;
}

std::string did_you_mean(const std::string& written, const std::vector<std::string>& candidates) {
  const std::string best = closest(written, candidates);
  return best.empty() ? "" : ", did you mean '" + best + "'?";
}

}  // namespace sim::config
