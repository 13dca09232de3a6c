// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/networks.h"

#include <functional>
#include <map>

#include "sim/core/error.h"

namespace sme {
namespace {

using Shapes = std::vector<WeightMatrix>;

// Builds a network layer by layer; the side of the (square) image goes along.
class Net {
 public:
  explicit Net(std::uint32_t side) : side_(side) {}

  std::uint32_t side() const { return side_; }
  void conv(const std::string& name, std::uint32_t in, std::uint32_t out, std::uint32_t kernel,
            std::uint32_t stride = 1) {
    shrink(stride);
    add(name, kernel * kernel * in, out, MatrixKind::dense);
  }
  void depthwise(const std::string& name, std::uint32_t channels, std::uint32_t stride) {
    shrink(stride);
    add(name, 9, channels, MatrixKind::depthwise);
  }
  // Beside a path that has been added already, seen from the same output.
  void shortcut(const std::string& name, std::uint32_t in, std::uint32_t out) {
    add(name, in, out, MatrixKind::dense);
  }
  void fc(const std::string& name, std::uint32_t in, std::uint32_t out) {
    side_ = 1;
    add(name, in, out, MatrixKind::dense);
  }
  void shrink(std::uint32_t stride) { side_ = (side_ + stride - 1) / stride; }
  Shapes take() { return std::move(layers_); }

 private:
  void add(const std::string& name, std::uint32_t inputs, std::uint32_t outputs, MatrixKind kind) {
    WeightMatrix matrix;
    matrix.name = name;
    matrix.inputs = inputs;
    matrix.outputs = outputs;
    matrix.kind = kind;
    matrix.positions = std::uint64_t{side_} * side_;
    layers_.push_back(std::move(matrix));
  }
  std::uint32_t side_;
  Shapes layers_;
};

// He, Zhang, Ren, Sun (CVPR 2016): basic blocks of two 3 x 3 convolutions.
Shapes basic_resnet(bool cifar) {
  Net net(cifar ? 32 : 224);
  if (cifar) {
    net.conv("conv1", 3, 64, 3);
  } else {
    net.conv("conv1", 3, 64, 7, 2);
    net.shrink(2);  // pooling
  }
  std::uint32_t in = 64;
  for (unsigned stage = 0; stage < 4; ++stage) {
    const std::uint32_t out = 64u << stage;
    for (unsigned block = 0; block < 2; ++block) {
      const std::string at = "layer" + std::to_string(stage + 1) + "." + std::to_string(block) + ".";
      net.conv(at + "conv1", in, out, 3, stage > 0 && block == 0 ? 2 : 1);
      net.conv(at + "conv2", out, out, 3);
      if (in != out) net.shortcut(at + "downsample", in, out);
      in = out;
    }
  }
  net.fc("fc", 512, cifar ? 10 : 1000);
  return net.take();
}

// The same authors' bottleneck blocks; the stride is on the 3 x 3 convolution, as in torchvision.
Shapes resnet50() {
  Net net(224);
  net.conv("conv1", 3, 64, 7, 2);
  net.shrink(2);
  std::uint32_t in = 64;
  const unsigned blocks[4] = {3, 4, 6, 3};
  for (unsigned stage = 0; stage < 4; ++stage) {
    const std::uint32_t width = 64u << stage;
    for (unsigned block = 0; block < blocks[stage]; ++block) {
      const std::string at = "layer" + std::to_string(stage + 1) + "." + std::to_string(block) + ".";
      net.conv(at + "conv1", in, width, 1);
      net.conv(at + "conv2", width, width, 3, stage > 0 && block == 0 ? 2 : 1);
      net.conv(at + "conv3", width, 4 * width, 1);
      if (block == 0) net.shortcut(at + "downsample", in, 4 * width);
      in = 4 * width;
    }
  }
  net.fc("fc", 2048, 1000);
  return net.take();
}

// Simonyan, Zisserman (ICLR 2015), configuration D; on CIFAR with one classifier layer, as commonly trained.
Shapes vgg16(bool cifar) {
  Net net(cifar ? 32 : 224);
  std::uint32_t in = 3;
  unsigned number = 0;
  const std::vector<std::vector<std::uint32_t>> stages{
      {64, 64}, {128, 128}, {256, 256, 256}, {512, 512, 512}, {512, 512, 512}};
  for (const auto& stage : stages) {
    for (const std::uint32_t out : stage) {
      net.conv("conv" + std::to_string(++number), in, out, 3);
      in = out;
    }
    net.shrink(2);
  }
  if (cifar) {
    net.fc("fc", 512, 10);
  } else {
    net.fc("fc1", 512 * 7 * 7, 4096);
    net.fc("fc2", 4096, 4096);
    net.fc("fc3", 4096, 1000);
  }
  return net.take();
}

// Sandler et al. (CVPR 2018), width 1.0.
Shapes mobilenet_v2() {
  Net net(224);
  net.conv("conv1", 3, 32, 3, 2);
  std::uint32_t in = 32;
  struct Stage {
    std::uint32_t expansion, out;
    unsigned blocks, stride;
  };
  unsigned number = 0;
  for (const Stage& stage : {Stage{1, 16, 1, 1},
                             {6, 24, 2, 2},
                             {6, 32, 3, 2},
                             {6, 64, 4, 2},
                             {6, 96, 3, 1},
                             {6, 160, 3, 2},
                             {6, 320, 1, 1}}) {
    for (unsigned block = 0; block < stage.blocks; ++block) {
      const std::string at = "block" + std::to_string(++number) + ".";
      const std::uint32_t wide = in * stage.expansion;
      if (stage.expansion > 1) net.conv(at + "expand", in, wide, 1);
      net.depthwise(at + "depthwise", wide, block == 0 ? stage.stride : 1);
      net.conv(at + "project", wide, stage.out, 1);
      in = stage.out;
    }
  }
  net.conv("conv_last", in, 1280, 1);
  net.fc("fc", 1280, 1000);
  return net.take();
}

// ResNet-20 for CIFAR-10 with projection shortcuts.
Shapes resnet20_cifar() {
  Net net(32);
  net.conv("conv1", 3, 16, 3);
  std::uint32_t in = 16;
  for (unsigned stage = 0; stage < 3; ++stage) {
    const std::uint32_t out = 16u << stage;
    for (unsigned block = 0; block < 3; ++block) {
      const std::string at = "layer" + std::to_string(stage + 1) + "." + std::to_string(block) + ".";
      net.conv(at + "conv1", in, out, 3, stage > 0 && block == 0 ? 2 : 1);
      net.conv(at + "conv2", out, out, 3);
      if (in != out) net.shortcut(at + "downsample", in, out);
      in = out;
    }
  }
  net.fc("fc", 64, 10);
  return net.take();
}

const std::map<std::string, std::function<Shapes()>>& builders() {
  static const std::map<std::string, std::function<Shapes()>> all{
      {"mobilenet_v2", mobilenet_v2},
      {"resnet18", [] { return basic_resnet(false); }},
      {"resnet18_cifar", [] { return basic_resnet(true); }},
      {"resnet20_cifar", resnet20_cifar},
      {"resnet50", resnet50},
      {"vgg16", [] { return vgg16(false); }},
      {"vgg16_cifar", [] { return vgg16(true); }}};
  return all;
}

std::string shape(const WeightMatrix& matrix) {
  return std::to_string(matrix.inputs) + " x " + std::to_string(matrix.outputs);
}

}  // namespace

const std::vector<std::string>& network_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& builder : builders()) all.push_back(builder.first);
    return all;
  }();
  return names;
}

std::vector<WeightMatrix> network_shape(const std::string& network) {
  const auto found = builders().find(network);
  if (found != builders().end()) return found->second();
  std::string known;
  for (const std::string& name : network_names()) known += (known.empty() ? "" : ", ") + name;
  throw sim::Error(sim::Exit::usage, "network: '" + network + "' is not known; there are " + known);
}

void adopt_shape(std::vector<WeightMatrix>& weights, const std::string& network, const std::string& where) {
  const std::vector<WeightMatrix> shapes = network_shape(network);
  if (weights.size() != shapes.size())
    throw sim::Error(sim::Exit::input, where + ": has " + std::to_string(weights.size()) + " matrices, " +
                                           network + " has " + std::to_string(shapes.size()));
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    // Classifiers differ in the number of classes.
    const bool last = i + 1 == shapes.size();
    if (weights[i].inputs != shapes[i].inputs || (!last && weights[i].outputs != shapes[i].outputs))
      throw sim::Error(sim::Exit::input, where + ": " + weights[i].name + " is " + shape(weights[i]) + ", " +
                                             network + "'s " + shapes[i].name + " is " + shape(shapes[i]));
    weights[i].positions = shapes[i].positions;
    weights[i].kind = shapes[i].kind;
  }
}

}  // namespace sme
