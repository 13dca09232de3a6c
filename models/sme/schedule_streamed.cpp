// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>

#include "models/sme/layer_schedule.h"

namespace sme {
namespace {

// Output p of a layer needs the share p / positions of the layer before it, and as many further products as
// three rows of a square picture have: what a 3 x 3 kernel looks ahead.
class Streamed final : public LayerSchedule {
 public:
  explicit Streamed(unsigned in_flight) : in_flight_(in_flight) {}
  unsigned layers_in_flight() const override { return in_flight_; }
  std::uint64_t released(std::uint64_t positions, std::uint64_t previous, std::uint64_t done) const override {
    if (done == previous) return positions;
    const auto ahead = static_cast<std::uint64_t>(3 * std::ceil(std::sqrt(static_cast<double>(previous))));
    if (done <= ahead || previous == 0) return 0;
    return std::min(positions, (done - ahead) * positions / previous);
  }

 private:
  unsigned in_flight_;
};

}  // namespace

std::unique_ptr<LayerSchedule> make_streamed_schedule(unsigned in_flight) {
  return std::make_unique<Streamed>(in_flight);
}

}  // namespace sme
