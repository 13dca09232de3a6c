// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/base64.h"

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace workload {
namespace {

std::vector<std::uint8_t> bytes(const std::string& text) { return {text.begin(), text.end()}; }

TEST(Base64, TestVectorsOfRfc4648) {
  const std::pair<const char*, const char*> pairs[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : pairs) {
    EXPECT_EQ(to_base64(bytes(plain)), encoded);
    EXPECT_EQ(from_base64(encoded, "x"), bytes(plain));
  }
}

TEST(Base64, EveryByteComesBack) {
  std::vector<std::uint8_t> all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  EXPECT_EQ(from_base64(to_base64(all), "x"), all);
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const char* text :
       {"Zg=", "Z", "Zg==Zg==", "Zh==", "Zm9=", "Zm 9", "====", "Z===", "Zm9v=", "Zm9\xc3"})
    EXPECT_THROW(from_base64(text, "x"), sim::Error) << text;
}

}  // namespace
}  // namespace workload
