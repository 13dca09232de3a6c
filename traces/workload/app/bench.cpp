// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <fstream>
#include <iostream>
#include <sstream>

#include "sim/core/error.h"
#include "traces/workload/app/cli.h"
#include "traces/workload/app/verbs.h"
#include "traces/workload/cuda/backend.h"
#include "traces/workload/model/shape.h"

namespace workload {
namespace po = boost::program_options;
namespace {

template <class T>
std::vector<T> list_of(const std::string& option, const std::string& text, T least, T most) {
  std::vector<T> values;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) {
    std::istringstream number(word);
    T value{};
    if (!(number >> value) || !number.eof() || value < least || value > most)
      throw sim::Error(sim::Exit::usage, option + ": '" + word + "' is no number within its bounds");
    values.push_back(value);
  }
  if (values.empty()) throw sim::Error(sim::Exit::usage, option + ": an empty list");
  return values;
}

}  // namespace

int bench(const std::vector<std::string>& words) {
  cuda::BenchOptions options;
  std::string shapes = "llama2-7b";
  std::string contexts = "1024,2048,4096,8192,16384,32768";
  std::string shares = "0.46";
  std::string what = "all";
  std::string output;
  VerbSpec spec;
  spec.name = "bench";
  spec.usage = "[options]";
  spec.text = "Times kernels and whole decode steps on the GPU, over seeded random weights and caches.";
  spec.details = "One JSON object a line and measurement. Needs a build with CUDA and a GPU.\n";
  auto add = spec.options.add_options();
  add("shapes", po::value(&shapes)->value_name("A,B")->default_value(shapes), "llama2-7b, llama3.1-8b");
  add("contexts", po::value(&contexts)->value_name("N,N")->default_value(contexts),
      "tokens, multiples of 128");
  add("shares", po::value(&shares)->value_name("F,F")->default_value(shares),
      "of the layers at INT4, 0 to 1");
  add("what", po::value(&what)->value_name("W")->default_value(what),
      "check, kernels, tokens or all; each begins with the check");
  add("output,o", po::value(&output)->value_name("FILE"), "instead of stdout");
  const auto values = parse(spec, words);
  if (values.count("help") != 0) {
    std::cout << help_text(spec);
    return 0;
  }
  options.contexts = list_of<unsigned>("--contexts", contexts, 256, 1U << 20);
  for (const unsigned c : options.contexts)
    if (c % 128 != 0)
      throw sim::Error(sim::Exit::usage, "--contexts: " + std::to_string(c) + " is no multiple of 128");
  options.shares = list_of<double>("--shares", shares, 0, 1);
  options.shapes.clear();
  std::istringstream in(shapes);
  for (std::string shape; std::getline(in, shape, ',');) {
    if (synthetic_shape(shape).head_dim != 128)
      throw sim::Error(sim::Exit::usage, "--shapes: " + shape + " has no head dimension of 128");
    options.shapes.push_back(shape);
  }
  if (what != "all" && what != "kernels" && what != "tokens" && what != "check")
    throw sim::Error(sim::Exit::usage,
                     "--what: there is no '" + what + "'; choose one of check, kernels, tokens, all");
  options.kernels = what == "all" || what == "kernels";
  options.tokens = what == "all" || what == "tokens";
  if (output.empty()) {
    cuda::bench(options, std::cout);
    return 0;
  }
  std::ofstream out(output);
  cuda::bench(options, out);
  if (!out.flush()) throw sim::Error(sim::Exit::input, output + ": cannot be written");
  return 0;
}

}  // namespace workload
