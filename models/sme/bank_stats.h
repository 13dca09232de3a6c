// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>

#include "sim/stats/group.h"
#include "sim/stats/stat.h"

namespace sme {

// What a bank counts; element `index` of the list `banks`.
struct BankStats {
  BankStats(sim::stats::Group& parent, std::size_t index) : group(parent, "banks", index) {}

  sim::stats::Group group;
  sim::stats::Counter products{group, "products", "product", "tile products that the CUs computed"};
  sim::stats::Counter loads{group, "loads", "transfer", "input vectors moved from the buffer into CUs"};
  sim::stats::Counter results{group, "results", "transfer", "results moved from CUs into the buffer"};
  sim::stats::Counter bus_busy{group, "bus_busy", "cycle", "in which the bank's bus carried data"};
  sim::stats::Counter bus_wait{group, "bus_wait", "cycle",
                               "requests waited for the bank's bus, arbitration aside"};
  sim::stats::Counter adc_busy{group, "adc_busy", "cycle",
                               "in which a CU's ADCs converted, summed over the CUs"};
  sim::stats::Counter result_stall{group, "result_stall", "cycle",
                                   "in which a CU's next product waited for an output register"};
  sim::stats::Counter partials_sent{group, "partials_sent", "transfer", "partial sums sent to other banks"};
  sim::stats::Counter partials_received{group, "partials_received", "transfer",
                                        "partial sums that came from other banks"};
  sim::stats::Counter activations{group, "activations", "block", "blocks of outputs that were activated"};
  sim::stats::Counter activation_busy{group, "activation_busy", "cycle",
                                      "in which the activation unit took outputs"};
  sim::stats::Counter write_busy{group, "write_busy", "cycle", "in which crossbars were written"};
  sim::stats::Gauge edram_peak{group, "edram_peak", "byte", "most that the buffer held"};
};

}  // namespace sme
