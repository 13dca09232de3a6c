// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/address_map.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace {

using sim::bus::AddressMap;
using testing::HasSubstr;

std::string message(const std::function<void()>& action) {
  try {
    action();
  } catch (const sim::Error& error) {
    EXPECT_EQ(error.exit_code(), sim::Exit::usage);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(AddressMap, FindsTheWindowUpToItsLastByte) {
  AddressMap map;
  EXPECT_EQ(map.add("low", 0x100, 0x10), 0U);
  EXPECT_EQ(map.add("high", 0x200, 0x10), 1U);
  EXPECT_EQ(map.find(0xff, 1), nullptr);
  EXPECT_EQ(map.find(0x100, 1)->name, "low");
  EXPECT_EQ(map.find(0x10f, 1)->name, "low");
  EXPECT_EQ(map.find(0x10f, 2), nullptr);  // leaves the window
  EXPECT_EQ(map.find(0x110, 1), nullptr);
  EXPECT_EQ(map.find(0x20f, 0)->target, 1U);
  EXPECT_EQ(map.find(0x210, 0), nullptr);
}

TEST(AddressMap, WindowsMayTouchAndReachTheLastAddress) {
  AddressMap map;
  map.add("a", 0, 0x10);
  map.add("b", 0x10, 0x10);
  map.add("top", ~std::uint64_t{0} - 0xf, 0x10);
  EXPECT_EQ(map.find(0x10, 1)->name, "b");
  EXPECT_EQ(map.find(~std::uint64_t{0}, 1)->name, "top");
  EXPECT_EQ(map.find(~std::uint64_t{0}, 2), nullptr);
}

TEST(AddressMap, OneTargetMayHaveSeveralWindows) {
  AddressMap map;
  const unsigned memory = map.add("memory", 0, 0x100);
  map.add("mirror", 0x1000, 0x10, memory, 0x80);
  EXPECT_EQ(map.targets(), 1U);
  EXPECT_EQ(map.find(0x1004, 4)->target, memory);
  EXPECT_EQ(map.find(0x1004, 4)->offset, 0x80U);
}

TEST(AddressMap, NamesBothWindowsOfAnOverlap) {
  AddressMap map;
  map.add("ram", 0x100, 0x100);
  for (const auto& [base, size] : {std::pair{0x100U, 0x1U}, {0x1ffU, 0x1U}, {0xffU, 0x2U}, {0x0U, 0x1000U}}) {
    const std::string text = message([&, b = base, s = size] { map.add("uart", b, s); });
    EXPECT_THAT(text, HasSubstr("'uart'"));
    EXPECT_THAT(text, HasSubstr("overlaps window 'ram' (0x100, 256 bytes)"));
  }
  EXPECT_EQ(map.windows().size(), 1U);
}

TEST(AddressMap, RefusesEmptyAndWrappingWindows) {
  AddressMap map;
  EXPECT_THAT(message([&] { map.add("nothing", 4, 0); }), HasSubstr("is empty"));
  EXPECT_THAT(message([&] { map.add("wide", ~std::uint64_t{0}, 2); }), HasSubstr("beyond the last address"));
}

TEST(AddressMap, AgreesWithALinearSearch) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 50; ++round) {
    AddressMap map;
    std::vector<AddressMap::Window> accepted;
    for (int n = 0; n < 20; ++n) {
      const std::uint64_t base = random() % 500;
      const std::uint64_t size = 1 + random() % 60;
      bool free = true;
      for (const auto& w : accepted) free = free && (base + size <= w.base || w.base + w.size <= base);
      if (free) {
        accepted.push_back({"w", base, size, map.add("w", base, size), 0});
      } else {
        EXPECT_THROW(map.add("w", base, size), sim::Error);
      }
    }
    for (int n = 0; n < 200; ++n) {
      const std::uint64_t address = random() % 600;
      const std::uint64_t bytes = 1 + random() % 20;
      const AddressMap::Window* found = map.find(address, bytes);
      const AddressMap::Window* expected = nullptr;
      for (const auto& w : accepted) {
        if (address >= w.base && address + bytes <= w.base + w.size) expected = &w;
      }
      ASSERT_EQ(found != nullptr, expected != nullptr);
      if (found == nullptr) continue;
      ASSERT_EQ(found->target, expected->target);
    }
  }
}

}  // namespace
