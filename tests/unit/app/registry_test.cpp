// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <gtest/gtest.h>

#include "sim/app/model.h"
#include "toy_model.h"

namespace sim::app {
namespace {

TEST(Registry, FindsWhatWasAdded) {
  Registry registry;
  EXPECT_EQ(registry.find("toy"), nullptr);
  registry.add(toy::make_model());
  ASSERT_NE(registry.find("toy"), nullptr);
  EXPECT_EQ(registry.find("toy")->name(), "toy");
  EXPECT_EQ(registry.names(), std::vector<std::string>{"toy"});
}

TEST(Registry, RefusesAModelTwice) {
  Registry registry;
  registry.add(toy::make_model());
  EXPECT_THROW(registry.add(toy::make_model()), std::invalid_argument);
  EXPECT_THROW(registry.add(nullptr), std::invalid_argument);
}

}  // namespace
}  // namespace sim::app
