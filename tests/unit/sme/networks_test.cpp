// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/networks.h"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "models/sme/function/mapping.h"
#include "sim/core/error.h"

namespace {

using namespace sme;

// Weights of convolutions and classifiers, from torchvision's parameter counts less batch norms and biases;
// MACs of one image as those networks' papers and torchvision's pages round them.
TEST(SmeNetworks, HaveTheirParametersAndMacs) {
  const std::map<std::string, std::pair<std::uint64_t, double>> known{
      {"resnet18", {11'678'912, 1.814e9}},       {"resnet50", {25'502'912, 4.089e9}},
      {"vgg16", {138'344'128, 15.47e9}},         {"mobilenet_v2", {3'469'760, 3.008e8}},
      {"resnet18_cifar", {11'164'352, 5.556e8}}, {"vgg16_cifar", {14'715'584, 3.132e8}},
      {"resnet20_cifar", {270'896, 4.081e7}}};
  EXPECT_EQ(network_names().size(), known.size());
  for (const auto& [network, numbers] : known) {
    std::uint64_t weights = 0, macs = 0;
    for (const WeightMatrix& m : network_shape(network)) {
      const std::uint64_t size = std::uint64_t{m.inputs} * m.outputs;
      weights += size;
      macs += size * m.positions;
    }
    EXPECT_EQ(weights, numbers.first) << network;
    EXPECT_NEAR(static_cast<double>(macs), numbers.second, 0.003 * numbers.second) << network;
  }
  EXPECT_THROW(network_shape("alexnet"), sim::Error);
}

// The paper's CIFAR ResNet-18: 5,468 crossbars conventional and 5,552 sliced without the last layer;
// ResNet-50 of 8 planes needs about 12,504.
TEST(SmeNetworks, TakeThePapersCrossbars) {
  const auto count = [](const std::string& network) {
    CrossbarCounts sum;
    for (const WeightMatrix& m : network_shape(network)) {
      if (m.name == "fc" && network == "resnet18_cifar") continue;
      sum.conventional += (m.inputs + 127) / 128 * ((8 * m.outputs + 127) / 128);
      sum.bit_sliced += (m.inputs + 127) / 128 * ((m.outputs + 127) / 128) * 8;
    }
    return sum;
  };
  EXPECT_EQ(count("resnet18_cifar").conventional, 5468u);
  EXPECT_EQ(count("resnet18_cifar").bit_sliced, 5552u);
  EXPECT_EQ(count("resnet50").conventional, 12504u);
}

TEST(SmeNetworks, SyntheticWeightsHaveTheirLaw) {
  for (const WeightLaw law : {WeightLaw::gaussian, WeightLaw::laplace}) {
    WeightMatrix m;
    m.name = "layer";
    m.inputs = 400;
    m.outputs = 250;
    fill_synthetic(m, law, 0.02, 7);
    double mean = 0, square = 0, fourth = 0;
    for (const float w : m.values) {
      const double x = w / 0.02;
      mean += x / 1e5;
      square += x * x / 1e5;
      fourth += x * x * x * x / 1e5;
    }
    EXPECT_NEAR(mean, 0, 0.02);
    EXPECT_NEAR(square, 1, 0.03);
    EXPECT_NEAR(fourth / square / square, law == WeightLaw::gaussian ? 3 : 6, 0.5);
    WeightMatrix again = m;
    fill_synthetic(again, law, 0.02, 7);
    EXPECT_EQ(again.values, m.values);
    fill_synthetic(again, law, 0.02, 8);
    EXPECT_NE(again.values, m.values);
  }
}

TEST(SmeNetworks, WeightsOfAnotherShapeAreRefused) {
  std::vector<WeightMatrix> weights = network_shape("resnet20_cifar");
  for (WeightMatrix& m : weights) m.positions = 1;
  adopt_shape(weights, "resnet20_cifar", "file");
  EXPECT_EQ(weights[0].positions, 1024u);
  weights[3].outputs = 17;
  EXPECT_THROW(adopt_shape(weights, "resnet20_cifar", "file"), sim::Error);
  weights.pop_back();
  EXPECT_THROW(adopt_shape(weights, "resnet20_cifar", "file"), sim::Error);
}

}  // namespace
