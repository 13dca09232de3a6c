// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "models/common/hbm_config.h"

namespace common {

// The memory of the tables in models/common/README.md.
inline HbmConfig table_memory() {
  HbmConfig c;
  c.channels = 2;
  c.channel_gbytes_per_s = 10;
  c.interleave_bytes = 64;
  c.banks = 2;
  c.row_bytes = 128;
  c.activate_ns = 10;
  c.row_cycle_ns = 40;
  c.precharge_ns = 12;
  c.column_ns = 15;
  c.turnaround_ns = 7;
  c.accept_ns = 1;
  c.controller_ns = 20;
  c.gibytes = 1;
  return c;
}

}  // namespace common
