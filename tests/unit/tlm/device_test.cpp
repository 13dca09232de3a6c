// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/device.h"

#include <vector>

#include <gtest/gtest.h>

namespace {

using Bytes = std::vector<unsigned char>;

struct Payload : tlm::tlm_generic_payload {
  Payload(Bytes& data, Bytes enables, unsigned width) : enables_(std::move(enables)) {
    set_data_ptr(data.data());
    set_data_length(static_cast<unsigned>(data.size()));
    set_streaming_width(width);
    if (!enables_.empty()) {
      set_byte_enable_ptr(enables_.data());
      set_byte_enable_length(static_cast<unsigned>(enables_.size()));
    }
  }
  Bytes enables_;
};

TEST(Device, StoreAndLoadPlain) {
  Bytes data{1, 2, 3, 4}, memory(4), back(4);
  sim::bus::store(Payload(data, {}, 4), memory.data());
  EXPECT_EQ(memory, data);
  Payload read(back, {}, 4);
  sim::bus::load(read, memory.data());
  EXPECT_EQ(back, data);
}

TEST(Device, EnablesRepeat) {  // 14.14: element i mod length applies to byte i
  Bytes data{1, 2, 3, 4, 5}, memory{9, 9, 9, 9, 9}, back{7, 7, 7, 7, 7};
  sim::bus::store(Payload(data, {0xff, 0}, 5), memory.data());
  EXPECT_EQ(memory, (Bytes{1, 9, 3, 9, 5}));
  Payload read(back, {0, 0xff}, 5);
  sim::bus::load(read, memory.data());
  EXPECT_EQ(back, (Bytes{7, 9, 7, 9, 7}));
}

TEST(Device, StreamingStaysWithinItsWidth) {
  Bytes data{1, 2, 3, 4, 5}, memory{9, 9, 9}, back(5);
  const Payload write(data, {}, 2);
  EXPECT_EQ(sim::bus::span(write), 2U);
  sim::bus::store(write, memory.data());
  EXPECT_EQ(memory, (Bytes{5, 4, 9}));
  Payload read(back, {}, 2);
  sim::bus::load(read, memory.data());
  EXPECT_EQ(back, (Bytes{5, 4, 5, 4, 5}));
  EXPECT_EQ(sim::bus::span(Payload(data, {}, 64)), 5U);
}

TEST(Device, InsideDoesNotWrap) {
  EXPECT_TRUE(sim::bus::inside(4, 4, 4, 4));
  EXPECT_FALSE(sim::bus::inside(5, 4, 4, 4));
  EXPECT_FALSE(sim::bus::inside(3, 1, 4, 4));
  EXPECT_FALSE(sim::bus::inside(~std::uint64_t{0}, 2, 0, 16));
  EXPECT_FALSE(sim::bus::inside(8, ~std::uint64_t{0}, 0, 16));
}

}  // namespace
