// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/options.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "sim/core/error.h"
#include "traces/workload/model/load.h"
#include "traces/workload/model/synthetic.h"

namespace workload {

namespace po = boost::program_options;

void ModelTextOptions::describe(po::options_description& to) {
  to.add_options()("help,h", "print this")  //
      ("model", po::value(&model)->value_name("DIR"), "model directory: config.json and safetensors")(
          "synthetic", po::value(&synthetic)->value_name("SHAPE"),
          "seeded random weights: llama2-7b, llama3.1-8b, tiny")(
          "text", po::value(&text)->value_name("FILE")->required(),
          "text whose bytes are the tokens; *.json: a list of token ids")(
          "held-out", po::value(&held_out)->default_value(held_out, "0.1"),
          "share at the text's end that calibrate leaves and evaluate uses")(
          "windows", po::value(&windows)->default_value(windows), "windows of text, evenly spaced")(
          "length", po::value(&length)->default_value(length), "tokens of a window")(
          "group", po::value(&group)->default_value(group), "inputs that share an INT4 scale")(
          "seed", po::value(&seed)->default_value(seed), "of synthetic weights, samples and k-means")(
          "threads", po::value(&threads)->default_value(threads), "0: as many as the process may run on");
}

bool parse_options(const po::options_description& options, const std::string& usage,
                   const std::vector<std::string>& arguments) {
  try {
    po::variables_map values;
    po::store(po::command_line_parser(arguments).options(options).positional({}).run(), values);
    if (values.count("help") > 0) {
      std::cout << usage << "\n" << options;
      return false;
    }
    po::notify(values);
  } catch (const po::error& error) {
    throw sim::Error(sim::Exit::usage, std::string(error.what()) + " (--help lists the options)");
  }
  return true;
}

Weights open_model(const ModelTextOptions& options) {
  if (options.model.empty() == options.synthetic.empty())
    throw sim::Error(sim::Exit::usage, "give either --model DIR or --synthetic SHAPE");
  return options.model.empty() ? synthetic_weights(synthetic_shape(options.synthetic), options.seed)
                               : load_weights(options.model);
}

flexquant::Int4Format parse_int4_format(const std::string& text) {
  if (text == "group") return flexquant::Int4Format::group;
  if (text == "nested") return flexquant::Int4Format::nested;
  throw sim::Error(sim::Exit::usage, "unknown INT4 format '" + text + "'; one of group, nested");
}

std::vector<million::PqShape> parse_pq_shapes(const std::string& text, unsigned head_dim) {
  std::vector<million::PqShape> shapes;
  std::istringstream list(text);
  for (std::string one; std::getline(list, one, ',');) {
    million::PqShape shape;
    shape.head_dim = head_dim;
    char x = 0;
    char rest = 0;
    std::istringstream in(one);
    if (one == "4bit" || one == "3bit") {
      shape.sub_vectors = head_dim / (one == "4bit" ? 2 : 4);
      shape.code_bits = one == "4bit" ? 8 : 12;
    } else if (!(in >> shape.sub_vectors >> x >> shape.code_bits) || x != 'x' || in >> rest)
      throw sim::Error(
          sim::Exit::usage,
          "'" + one + "' is no shape of product quantisation; write 4bit, 3bit, or M x nbits, as in 64x8");
    million::check(shape);
    shapes.push_back(shape);
  }
  return shapes;
}

void require_writable(const std::string& file) {
  const bool existed = std::filesystem::exists(file);
  if (!std::ofstream(file, std::ios::app)) throw sim::Error(sim::Exit::input, "cannot write " + file);
  if (!existed) std::filesystem::remove(file);
}

void write_json(const nlohmann::json& what, int indent, const std::string& file) {
  std::ofstream out(file);
  out << what.dump(indent) << "\n";
  out.close();
  if (!out) throw sim::Error(sim::Exit::input, "cannot write " + file);
}

KvShape kv_shape(const ModelShape& shape, std::size_t capacity) {
  return {shape.layers, shape.heads, shape.kv_heads, shape.head_dim, static_cast<unsigned>(capacity)};
}

}  // namespace workload
