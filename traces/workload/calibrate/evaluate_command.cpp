// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cstdio>
#include <iostream>
#include <optional>

#include "sim/core/error.h"
#include "traces/workload/calibrate/commands.h"
#include "traces/workload/calibrate/evaluate.h"
#include "traces/workload/calibrate/options.h"
#include "traces/workload/cuda/backend.h"
#include "traces/workload/host/thread_pool.h"

namespace workload {
namespace {

using nlohmann::json;
namespace po = boost::program_options;

constexpr const char* kEvaluateUsage =
    "tricycle-workload evaluate --model DIR|--synthetic SHAPE --text FILE [--calibration FILE] [--runs LIST] "
    "[options]\n\n"
    "Decodes windows of the text's held-out part, teacher-forced, and prints the perplexity of the text and "
    "the mean KL\n"
    "divergence from the f32 model (f32 cache) and from the INT8 model (f32 cache).\n";

struct EvaluateOptions : ModelTextOptions {
  std::string calibration;
  std::string runs = "f32/f32,int8/f32,int4-group/f32,int4-nested/f32";
  std::size_t prompt = 512;
  std::string backend = "host";
  std::string output;

  po::options_description all() {
    po::options_description options("Options");
    describe(options);
    options.add_options()("calibration", po::value(&calibration)->value_name("FILE"), "for flexquant and pq")(
        "runs", po::value(&runs)->default_value(runs),
        "what to decode with, PRECISION/KV each: f32, int8, int4-group, int4-nested, flexquant / f32, fp16, "
        "pq64x8, int4, "
        "int3, int4-token, int3-token")("prompt", po::value(&prompt)->default_value(prompt),
                                        "tokens of a window that go in as a prompt; the rest is decoded")(
        "backend", po::value(&backend)->value_name("B")->default_value(backend),
        "host or cuda (a GPU: caches f32, fp16 and pq)")("json", po::value(&output)->value_name("FILE"),
                                                         "write the table as JSON, too");
    return options;
  }
};

json to_json(const EvaluateRow& row) {
  return {{"run", row.name},
          {"tokens", row.tokens},
          {"perplexity", row.perplexity()},
          {"nll", row.nll},
          {"nll_increase", row.nll_increase},
          {"nll_increase_error", row.nll_increase_error},
          {"kl_f32", row.kl_f32},
          {"kl_int8", row.kl_int8},
          {"share_int4", row.share_int4},
          {"switches", row.switches},
          {"kv_bytes", row.kv_bytes}};
}

void print(const std::vector<EvaluateRow>& rows) {
  std::printf("%-24s %8s %8s %10s %22s %11s %11s\n", "run", "f", "KV bytes", "perplexity", "nll - nll of f32",
              "KL from f32", "KL from int8");
  for (const EvaluateRow& row : rows)
    std::printf("%-24s %8.4f %8.1f %10.4f %+11.5f +-%8.5f %11.3e %11.3e\n", row.name.c_str(), row.share_int4,
                row.kv_bytes, row.perplexity(), row.nll_increase, row.nll_increase_error, row.kl_f32,
                row.kl_int8);
}

}  // namespace

int evaluate_command(const std::vector<std::string>& arguments) {
  EvaluateOptions options;
  options.windows = 32;
  if (!parse_options(options.all(), kEvaluateUsage, arguments)) return 0;
  if (options.backend != "host" && options.backend != "cuda")
    throw sim::Error(sim::Exit::usage,
                     "--backend: there is no '" + options.backend + "'; choose one of host, cuda");
  const bool on_gpu = options.backend == "cuda";
  if (on_gpu) cuda::device_name();  // throws before the work that would be in vain
  if (!options.output.empty()) require_writable(options.output);
  const Weights weights = open_model(options);
  const std::vector<EvaluateRun> runs = parse_runs(options.runs, weights.shape.head_dim);
  if (options.length > weights.shape.context)
    throw sim::Error(sim::Exit::usage,
                     "--length is beyond the model's context of " + std::to_string(weights.shape.context));
  const Text text = read_text(options.text, weights.shape.vocab, options.held_out);
  const auto parts = windows(text, text.held_out_begin, text.ids.size(), options.windows, options.length);
  std::optional<Calibration> calibration;
  if (!options.calibration.empty()) {
    calibration = load_calibration(options.calibration);
    require_fit(*calibration, weights);
  }
  ThreadPool pool(options.threads);
  Evaluation evaluation(weights, calibration ? &*calibration : nullptr, pool.parallel(), options.group,
                        on_gpu);
  const std::vector<EvaluateRow> rows =
      evaluation.run(runs, parts, options.prompt, [](const std::string& what) { std::cerr << what << "\n"; });
  std::printf("%zu windows of %zu tokens, %zu of them a prompt; %zu tokens decoded\n", parts.size(),
              options.length, options.prompt, rows.empty() ? 0 : rows[0].tokens);
  print(rows);
  if (options.output.empty()) return 0;
  json all = {{"model", weights.shape.name}, {"weights_digest", weights.digest}, {"text_sha256", text.sha256},
              {"windows", parts.size()},     {"length", options.length},         {"prompt", options.prompt},
              {"rows", json::array()}};
  for (const EvaluateRow& row : rows) all["rows"].push_back(to_json(row));
  write_json(all, 1, options.output);
  return 0;
}

}  // namespace workload
