// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What the page models/sme/REPRODUCTION.md needs that a run does not say: crossbars of networks by every
// rule, and the perplexity of a language model on crossbars. JSON to standard output.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include <boost/program_options.hpp>

#include "models/sme/function/networks.h"
#include "models/sme/study/accuracy.h"
#include "models/sme/study/counts.h"
#include "models/sme/weights/weights_file.h"
#include "sim/core/error.h"

namespace po = boost::program_options;

namespace {

constexpr const char* kUsage =
    "tricycle-sme-study counts (--weights FILE | --network NAME [--law gaussian|laplace]) [options]\n"
    "tricycle-sme-study accuracy --model DIR --text FILE [options]\n";

int run(int argc, char** argv) {
  std::string verb, weights, network, law = "gaussian";
  double prune = 0.5;
  std::uint64_t seed = 1;
  sme::study::AccuracySettings accuracy;
  po::options_description options("Options");
  options.add_options()("help", "this text")("verb", po::value(&verb), "counts or accuracy")(
      "weights", po::value(&weights)->value_name("FILE"), "a .safetensors file")(
      "network", po::value(&network)->value_name("NAME"), "a named network with synthetic weights")(
      "law", po::value(&law)->value_name("LAW"),
      "of synthetic weights: gaussian or laplace (sigma sqrt(2 / K))")(
      "seed", po::value(&seed), "of synthetic weights")("prune", po::value(&prune),
                                                        "share that PIM-Prune takes out")(
      "model", po::value(&accuracy.model)->value_name("DIR"), "a checkpoint")(
      "text", po::value(&accuracy.text)->value_name("FILE"), "its text; the last tenth is scored")(
      "windows", po::value(&accuracy.windows), "of the text")("length", po::value(&accuracy.length),
                                                              "tokens of a window");
  po::positional_options_description first;
  first.add("verb", 1);
  po::variables_map map;
  try {
    po::store(po::command_line_parser(argc, argv).options(options).positional(first).run(), map);
    po::notify(map);
  } catch (const po::error& error) {
    throw sim::Error(sim::Exit::usage, error.what());
  }
  if (map.count("help") != 0) {
    std::cout << kUsage << options;
    return 0;
  }
  if (!(prune >= 0 && prune < 1)) throw sim::Error(sim::Exit::usage, "--prune: a share of [0, 1)");
  if (verb == "accuracy") {
    if (accuracy.model.empty() || accuracy.text.empty())
      throw sim::Error(sim::Exit::usage, "accuracy needs --model and --text");
    const auto progress = [](const std::string& line) { std::cerr << line << '\n'; };
    std::cout << sme::study::accuracy(accuracy, progress).dump(1) << '\n';
    return 0;
  }
  if (verb != "counts" || weights.empty() == network.empty()) throw sim::Error(sim::Exit::usage, kUsage);
  std::vector<sme::WeightMatrix> matrices;
  if (!weights.empty()) {
    matrices = sme::read_weights(weights).matrices;
  } else {
    if (law != "gaussian" && law != "laplace")
      throw sim::Error(sim::Exit::usage, "--law: gaussian or laplace");
    matrices = sme::network_shape(network);
    for (sme::WeightMatrix& m : matrices)
      sme::fill_synthetic(m, law == "gaussian" ? sme::WeightLaw::gaussian : sme::WeightLaw::laplace, 0, seed);
  }
  std::cout << sme::study::counts(matrices, prune).dump(1) << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const sim::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return static_cast<int>(error.exit_code());
  } catch (const std::exception& error) {
    std::cerr << "internal error: " << error.what() << '\n';
    return 1;
  }
}
