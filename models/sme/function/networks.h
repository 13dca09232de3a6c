// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/sme/function/matrix.h"

namespace sme {

// Layer shapes of a network, inputs K = kernel height * kernel width * input channels, outputs M = output
// channels, positions = output pixels of an image of the size the network was made for. The values are empty.
// resnet18, resnet50, vgg16, mobilenet_v2 (224 x 224, 1000 classes), resnet18_cifar, vgg16_cifar (32 x 32, 10
// classes), resnet20_cifar. Throws sim::Error (usage) for others.
std::vector<WeightMatrix> network_shape(const std::string& network);
const std::vector<std::string>& network_names();

enum class WeightLaw { gaussian, laplace };

// Seeded synthetic values of mean 0 and standard deviation `sigma` (0: sqrt(2 / K), He's). A value depends on
// the seed, the matrix's name and its index only.
void fill_synthetic(WeightMatrix& matrix, WeightLaw law, double sigma, std::uint64_t seed);

// Takes the output positions of a network's matrices over to weights read from a file, in order. Throws
// sim::Error (input) with both shapes for a number of matrices or a shape that contradicts the network.
// `where` leads the message.
void adopt_shape(std::vector<WeightMatrix>& weights, const std::string& network, const std::string& where);

}  // namespace sme
