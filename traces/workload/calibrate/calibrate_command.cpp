// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>
#include <cstdio>
#include <iostream>

#include "sim/core/error.h"
#include "traces/workload/calibrate/calibration.h"
#include "traces/workload/calibrate/commands.h"
#include "traces/workload/calibrate/measure.h"
#include "traces/workload/calibrate/options.h"
#include "traces/workload/calibrate/outliers.h"
#include "traces/workload/host/thread_pool.h"
#include "traces/workload/million/kmeans.h"

namespace workload {
namespace {

using nlohmann::json;
namespace po = boost::program_options;

constexpr const char* kCalibrateUsage =
    "tricycle-workload calibrate --model DIR|--synthetic SHAPE --text FILE [-o calibration.json] "
    "[options]\n\n"
    "Finds what dynamic precision and the product-quantised cache need, on the text's first part: how much "
    "every layer\n"
    "minds INT4 weights, the order in which layers switch, thresholds for a budget, and k-means codebooks.\n";

struct CalibrateOptions : ModelTextOptions {
  std::string output = "calibration.json";
  std::string int4 = "group";
  std::string outliers;
  std::string pq = "4bit";
  std::size_t samples = 65536;
  double max_kl = 0.001;
  flexquant::PolicySettings policy;
  bool no_way_back = false;

  po::options_description all() {
    po::options_description options("Options");
    describe(options);
    options.add_options()("output,o", po::value(&output)->default_value(output)->value_name("FILE"),
                          "the calibration file")("int4", po::value(&int4)->default_value(int4),
                                                  "INT4 weights: group or nested")(
        "pq", po::value(&pq)->default_value(pq),
        "codebooks to train: 4bit, 3bit (the published settings) or M x nbits, as in 64x8; several with "
        "commas; empty: none")("samples", po::value(&samples)->default_value(samples),
                               "about how many keys, and values, codebooks are trained on")(
        "max-kl", po::value(&max_kl)->default_value(max_kl, "0.001"),
        "budget of the thresholds: mean KL(p_int8 || p) of a token, in nats")(
        "window", po::value(&policy.window)->default_value(policy.window),
        "tokens over which PPLE is smoothed")(
        "hysteresis", po::value(&policy.hysteresis)->default_value(policy.hysteresis, "0.1"),
        "a layer switches back above its threshold * (1 + this)")(
        "no-way-back", po::bool_switch(&no_way_back), "layers never switch back")(
        "outliers", po::value(&outliers)->value_name("FILE"),
        "write magnitudes of every key and value channel (JSON)");
    return options;
  }
};

void print_row(const PrecisionRow& row, double share) {
  std::printf("%-34s %8.3f %12.3e %12.4f\n", row.name.c_str(), share, row.mean_kl, std::exp(row.nll));
}

json to_json(const PrecisionRow& row) {
  return {{"name", row.name},
          {"layer_bits", row.bits},
          {"mean_kl", row.mean_kl},
          {"perplexity", std::exp(row.nll)}};
}

json train_books(const CalibrateOptions& options, const KvRecorder& recorder, const ParallelFor& parallel,
                 Calibration& calibration) {
  json report = json::array();
  const auto mean_square = [](const std::vector<float>& vectors, std::size_t count) {
    double sum = 0;
    for (const float x : vectors) sum += double{x} * x;
    return sum / static_cast<double>(count);
  };
  for (const million::PqShape& shape : parse_pq_shapes(options.pq, recorder.shape().head_dim)) {
    std::fprintf(stderr, "k-means: %u sub-vectors, %u bits, %zu samples\n", shape.sub_vectors,
                 shape.code_bits, recorder.samples());
    const auto train = [&](const std::vector<float>& vectors, std::uint64_t seed) {
      return million::train_codebook(shape, vectors.data(), recorder.samples(), seed, parallel);
    };
    million::TrainedCodebook key = train(recorder.keys(), options.seed);
    million::TrainedCodebook value = train(recorder.values(), options.seed + shape.sub_vectors);
    const double key_error = key.mean_squared_error / mean_square(recorder.keys(), recorder.samples());
    const double value_error = value.mean_squared_error / mean_square(recorder.values(), recorder.samples());
    std::printf("codebooks %ux%-2u  relative squared error: keys %.5f, values %.5f (%zu samples)\n",
                shape.sub_vectors, shape.code_bits, key_error, value_error, recorder.samples());
    report.push_back({{"sub_vectors", shape.sub_vectors},
                      {"code_bits", shape.code_bits},
                      {"samples", recorder.samples()},
                      {"iterations", million::kKmeansIterations},
                      {"key_relative_error", key_error},
                      {"value_relative_error", value_error}});
    calibration.codebooks.push_back({std::move(key.book), std::move(value.book)});
  }
  return report;
}

json solve(const CalibrateOptions& options, const PrecisionMeasurements& measured, Calibration& calibration) {
  calibration.policy = options.policy;
  calibration.policy.way_back = !options.no_way_back;
  calibration.policy.layer_order = measured.order;
  calibration.policy = solve_thresholds(measured.switches, calibration.policy, options.max_kl);
  const SwitchResult reached = simulate(measured.switches, calibration.policy);
  const OfflineOptimum best = offline_optimum(measured.switches, options.max_kl);
  std::printf("\nthresholds for a mean KL of at most %g nats a token (window %u, hysteresis %g, %s)\n",
              options.max_kl, calibration.policy.window, calibration.policy.hysteresis,
              calibration.policy.way_back ? "with a way back" : "no way back");
  for (std::size_t j = 0; j < measured.order.size(); ++j)
    std::printf("  layer %-3u switches to INT4 below a smoothed PPLE of %.4f\n", measured.order[j],
                calibration.policy.thresholds[j]);
  std::printf("share of weights read at INT4: f = %.4f at a mean KL of %.3e\n", reached.share,
              reached.mean_kl);
  std::printf("offline optimum, any prefix of the order per token:  f = %.4f (gap %.4f)\n", best.any_prefix,
              best.any_prefix - reached.share);
  std::printf("offline optimum, any layers per token, KLs added up: f = %.4f (gap %.4f)\n", best.any_layers,
              best.any_layers - reached.share);
  return {{"max_kl", options.max_kl},
          {"share_int4", reached.share},
          {"mean_kl", reached.mean_kl},
          {"optimum_any_prefix", best.any_prefix},
          {"optimum_any_layers", best.any_layers}};
}

json table(const PrecisionMeasurements& measured) {
  json rows = json::array();
  std::printf("%-34s %8s %12s %12s\n", "precision of the weights", "f", "mean KL", "perplexity");
  print_row(measured.int8, 0);
  rows.push_back(to_json(measured.int8));
  double share = 0;
  for (std::size_t l = 0; l < measured.layers.size(); ++l) {
    print_row(measured.layers[l], measured.switches.layer_share[0]);
    rows.push_back(to_json(measured.layers[l]));
  }
  for (std::size_t k = 0; k < measured.prefixes.size(); ++k) {
    share += measured.switches.layer_share[k];
    print_row(measured.prefixes[k], share);
    rows.push_back(to_json(measured.prefixes[k]));
  }
  return rows;
}

}  // namespace

int calibrate_command(const std::vector<std::string>& arguments) {
  CalibrateOptions options;
  if (!parse_options(options.all(), kCalibrateUsage, arguments)) return 0;
  if (!(options.max_kl >= 0)) throw sim::Error(sim::Exit::usage, "--max-kl is negative or not a number");
  if (options.samples == 0) throw sim::Error(sim::Exit::usage, "--samples is 0");
  require_writable(options.output);
  if (!options.outliers.empty()) require_writable(options.outliers);
  const flexquant::Int4Format format = parse_int4_format(options.int4);
  const Weights weights = open_model(options);
  parse_pq_shapes(options.pq, weights.shape.head_dim);
  if (options.length > weights.shape.context)
    throw sim::Error(sim::Exit::usage,
                     "--length is beyond the model's context of " + std::to_string(weights.shape.context));
  const Text text = read_text(options.text, weights.shape.vocab, options.held_out);
  const auto parts = windows(text, 0, text.held_out_begin, options.windows, options.length);
  ThreadPool pool(options.threads);
  QuantisedSettings settings;
  settings.format = format;
  settings.group = options.group;
  QuantisedOps ops(weights, settings, pool.parallel());

  const KvShape shape = kv_shape(weights.shape, options.length);
  const std::uint64_t vectors = std::uint64_t{parts.size()} * options.length * shape.layers * shape.kv_heads;
  KvRecorder recorder(shape, std::max<std::uint64_t>(vectors / options.samples, 1), options.seed);
  const PrecisionMeasurements measured =
      measure_precision(weights, ops, parts, recorder, pool.parallel(),
                        [](const std::string& what) { std::cerr << what << "\n"; });

  Calibration calibration;
  calibration.weights_digest = weights.digest;
  calibration.model_name = weights.shape.name;
  calibration.int4 = format;
  calibration.group = options.group;
  for (const PrecisionRow& row : measured.layers) calibration.sensitivities.push_back(row.mean_kl);
  calibration.report["precision"] = table(measured);
  calibration.report["thresholds"] = solve(options, measured, calibration);
  std::printf("\n");
  calibration.report["codebooks"] = train_books(options, recorder, pool.parallel(), calibration);
  calibration.report["text"] = {{"sha256", text.sha256},       {"tokens", text.ids.size()},
                                {"used", text.held_out_begin}, {"windows", parts.size()},
                                {"length", options.length},    {"seed", options.seed}};
  save_calibration(calibration, options.output);
  if (!options.outliers.empty()) write_json(outliers_json(recorder), -1, options.outliers);
  std::printf("\n%s  sha256 %s\n", options.output.c_str(), calibration.digest.c_str());
  return 0;
}

}  // namespace workload
