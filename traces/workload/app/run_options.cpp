// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/run_options.h"

#include <cstdio>
#include <utility>

#include "sim/core/error.h"
#include "traces/workload/app/cli.h"
#include "traces/workload/cuda/backend.h"
#include "traces/workload/encrypt/moduli.h"

namespace workload {
namespace po = boost::program_options;
namespace {

constexpr const char* kDetails =
    "A text prompt is taken byte by byte and needs a byte-level model (256 tokens, no tokenizer); other "
    "models take ids.\n"
    "The prompt runs with INT8 weights and activations (f32 with --precision f32) and exact attention; then "
    "every token is\n"
    "decoded with --precision and attends over --kv. Token 0 takes in the id that the prompt's last logits "
    "choose.\n"
    "With --precision f32 --kv f32 the greedy ids are those of any fp32 Llama runtime.\n"
    "\n"
    "--synthetic llama2-7b --fill 32768 --share 0.46 --weights digest --activations 0 makes a shape-only "
    "trace: "
    "sizes,\n"
    "times and traffic of a long context without computing a prompt. Its header says so, its tokens mean "
    "nothing. On a GPU\n"
    "it has measured times of the pieces into which ring schedules cut the prompt's attention.\n"
    "\n"
    "The same model, prompt and options give the same tokens and decisions on every machine with any number "
    "of threads;\n"
    "with --no-times (and the same processor name) the same bytes. SIGINT ends the run: the trace is "
    "complete to the\n"
    "last finished token and says so, and the exit status is 5.\n";

[[noreturn]] void wrong(const std::string& what) { throw sim::Error(sim::Exit::usage, what); }

template <class T>
T one_of(const std::string& option, const std::string& word,
         const std::vector<std::pair<std::string, T>>& words) {
  std::string known;
  for (const auto& [text, value] : words) {
    if (text == word) return value;
    known += (known.empty() ? "" : ", ") + text;
  }
  wrong(option + ": there is no '" + word + "'; choose one of " + known);
}

void parse_tile(const std::string& text, RunOptions& o) {
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%ux%u%c", &o.encrypt_inputs, &o.encrypt_outputs, &rest);
  const auto good = [](unsigned n) { return n >= 1 && n <= 4096; };
  if (read != 2 || !good(o.encrypt_inputs) || !good(o.encrypt_outputs)) {
    wrong("--encrypt-tile: '" + text + "' is no pair of sizes from 1 to 4096, such as 32x4");
  }
}

struct Words {  // as written, before they are looked up
  std::string precision = "flexquant", kv = "pq", backend = "host", simd = "auto", tile = "32x4",
              weights = "codes";
};

VerbSpec spec_of(RunOptions& o, Words& w) {
  VerbSpec spec;
  spec.name = "run";
  spec.usage = "--model DIR|--synthetic SHAPE --prompt TEXT|--prompt-ids IDS|--prompt-file FILE [options]";
  spec.text = "Runs a model of the Llama family, prints what it says, and writes a trace of it.";
  spec.details = kDetails;
  auto add = spec.options.add_options();
  add("model", po::value(&o.model)->value_name("DIR"), "model directory: config.json and safetensors");
  add("synthetic", po::value(&o.synthetic)->value_name("SHAPE"),
      "seeded random weights: llama2-7b, llama3.1-8b or tiny");
  add("prompt", po::value(&o.prompt)->value_name("TEXT"), "prompt as text");
  add("prompt-ids", po::value(&o.prompt_ids)->value_name("1,2,3"), "prompt as token ids");
  add("prompt-file", po::value(&o.prompt_file)->value_name("FILE"),
      "prompt from a file: bytes, or ids where the model has a tokenizer");
  add("fill", po::value(&o.fill)->value_name("N"),
      "no prompt: seeded keys and values of N tokens in the cache, codebooks seeded too; with --synthetic (a "
      "shape-only trace)");
  add("tokens,n", po::value(&o.tokens)->value_name("N")->default_value(o.tokens), "tokens to decode");
  add("precision", po::value(&w.precision)->value_name("P")->default_value(w.precision),
      "of decoding: f32, int8, int4, or flexquant (INT8 or INT4 by layer and token)");
  add("kv", po::value(&w.kv)->value_name("K")->default_value(w.kv),
      "keys and values: f32, fp16, pq (MILLION), int4, int3 (keys per channel), int4-token, int3-token");
  add("pq-bits", po::value(&o.pq_bits)->value_name("B")->default_value(o.pq_bits),
      "of --kv pq, per element: 4 (M = head_dim/2, 8-bit codes) or 3 (M = head_dim/4, 12-bit codes)");
  add("share", po::value<double>()->value_name("F"),
      "of --precision flexquant: no signal decides; layers go to INT4 one by one over the first half of the "
      "tokens, up to the share F of the layers (0 to 1)");
  add("calibration", po::value(&o.calibration)->value_name("FILE"),
      "of `calibrate`: layer order, thresholds, codebooks (default: calibration.json in the model "
      "directory)");
  add("int4", po::value(&o.int4)->value_name("F")->default_value(o.int4),
      "INT4 weights: group (own scales), nested (upper bits of INT8), or as calibrated");
  add("hysteresis", po::value<double>()->value_name("H"),
      "a layer goes back to INT8 above threshold * (1 + H) (default: as calibrated)");
  add("window", po::value<unsigned>()->value_name("N"),
      "tokens over which the perplexity entropy is smoothed (default: as calibrated)");
  add("no-way-back", po::bool_switch(&o.no_way_back), "layers stay at INT4 once switched");
  add("synchronous", po::bool_switch(&o.synchronous),
      "encode keys and values in the decoding thread (the same codes)");
  add("encrypt", po::value(&o.encrypt)->value_name("MODULUS"),
      "record encrypted linear layers: paillier2048 (and 4096, 6144, 8192), bls12_381_r, bn254_r, or 0x...");
  add("encrypt-every", po::value(&o.encrypt_every)->value_name("N")->default_value(o.encrypt_every),
      "of every N-th token, one tile of each matrix; also of a layer's first token at another precision");
  add("encrypt-tile", po::value(&w.tile)->value_name("IxO")->default_value(w.tile),
      "ciphertexts and outputs of a tile");
  add("temperature", po::value(&o.sampling.temperature)->value_name("T")->default_value(0.0, "0"),
      "0: greedy; above: sampling");
  add("top-k", po::value(&o.sampling.top_k)->value_name("K")->default_value(0),
      "sample among the K most likely tokens; 0: all");
  add("seed", po::value(&o.seed)->value_name("N")->default_value(o.seed),
      "of sampling, synthetic weights and sampled tiles");
  add("backend", po::value(&w.backend)->value_name("B")->default_value(w.backend), "host or cuda");
  add("threads,j", po::value(&o.threads)->value_name("N")->default_value(0),
      "0: as many as the process may use");
  add("simd", po::value(&w.simd)->value_name("L")->default_value(w.simd),
      "auto, portable, avx2 or avx512; all give the same bits");
  add("output,o", po::value(&o.trace)->value_name("TRACE.tct"), "trace to write");
  add("tokens-out", po::value(&o.tokens_out)->value_name("IDS.json"), "prompt_ids and generated_ids as JSON");
  add("op-times", po::value(&o.op_times)->value_name("N")->default_value(o.op_times),
      "with --backend cuda: times of single operations for every N-th token; 0: none. They make a token "
      "longer, so "
      "that the others' times are the better ones");
  add("no-graphs", po::bool_switch(), "with --backend cuda: launch kernels one by one (the same results)");
  add("no-times", po::bool_switch(), "leave measured times out of the trace");
  add("weights", po::value(&w.weights)->value_name("W")->default_value(w.weights),
      "in the trace: codes, digest (ones per bit plane of 128x128 tiles, for models too large), or none");
  add("tile-stride", po::value(&o.tile_stride)->value_name("N")->default_value(o.tile_stride),
      "of --weights digest: every N-th tile of a matrix");
  add("activations", po::value(&o.activations)->value_name("N")->default_value(o.activations),
      "activation codes in the trace: of every N-th token; 0: none");
  add("level", po::value(&o.level)->value_name("N")->default_value(o.level),
      "of compression, 0 (fast: codes hardly compress) to 19 (small)");
  add("quiet,q", po::bool_switch(&o.quiet), "no progress, only the results");
  return spec;
}

void check(const RunOptions& o) {
  if (o.model.empty() == o.synthetic.empty()) wrong("give either --model DIR or --synthetic SHAPE");
  const int prompts = !o.prompt.empty() + !o.prompt_ids.empty() + !o.prompt_file.empty();
  if (prompts + (o.fill != 0) != 1) {
    wrong("give one of --prompt TEXT, --prompt-ids IDS, --prompt-file FILE and --fill N");
  }
  if (o.fill != 0 && o.synthetic.empty()) {
    wrong(
        "--fill puts random keys and values in the cache, which a trained model cannot continue: give "
        "--synthetic "
        "SHAPE");
  }
  if (o.share && o.precision != Precision::flexquant) wrong("--share belongs to --precision flexquant");
  if (o.share && !(*o.share >= 0 && *o.share <= 1)) wrong("--share must be 0 to 1");
  if (o.fill != 0 && o.precision == Precision::flexquant && !o.share) {
    wrong(
        "--fill with --precision flexquant: random weights give no signal for the precision; give --share F");
  }
  if (o.tokens == 0) wrong("--tokens must be at least 1");
  if (o.level < 0 || o.level > 19) wrong("--level must be 0 to 19");
  if (o.pq_bits != 3 && o.pq_bits != 4) wrong("--pq-bits must be 3 or 4");
  if (o.threads > 1024) wrong("--threads must be at most 1024");
  if (o.int4 != "calibrated" && o.int4 != "group" && o.int4 != "nested") {
    wrong("--int4: there is no '" + o.int4 + "'; choose one of calibrated, group, nested");
  }
  if (o.precision == Precision::f32 && !o.encrypt.empty()) {
    wrong("--encrypt needs quantised weights: choose --precision int8, int4 or flexquant");
  }
  if (o.precision == Precision::f32 && o.weights == WeightRecords::digest) {
    wrong("--weights digest needs quantised weights: choose --precision int8, int4 or flexquant");
  }
  if (o.tile_stride == 0) wrong("--tile-stride must be at least 1");
  if (o.tile_stride != 1 && o.weights != WeightRecords::digest) {
    wrong("--tile-stride belongs to --weights digest");
  }
  if (o.encrypt_every == 0) wrong("--encrypt-every must be at least 1");
  if (!o.encrypt.empty()) crypto_modulus(o.encrypt);  // throws
  if (!o.encrypt.empty() && o.trace.empty()) wrong("--encrypt writes into the trace: give -o TRACE.tct");
}

}  // namespace

const char* name(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return "f32";
    case Precision::int8:
      return "int8";
    case Precision::int4:
      return "int4";
    case Precision::flexquant:
      break;
  }
  return "flexquant";
}

RunOptions parse_run_options(const std::vector<std::string>& words) {
  RunOptions o;
  Words w;
  VerbSpec spec = spec_of(o, w);
  const auto values = parse(spec, words);
  if (values.count("help") != 0) {
    o.help = true;
    o.help_text = help_text(spec);
    return o;
  }
  o.precision = one_of<Precision>("--precision", w.precision,
                                  {{"f32", Precision::f32},
                                   {"int8", Precision::int8},
                                   {"int4", Precision::int4},
                                   {"flexquant", Precision::flexquant}});
  o.kv = one_of<KvFormat>("--kv", w.kv,
                          {{"f32", KvFormat::f32},
                           {"fp16", KvFormat::fp16},
                           {"pq", KvFormat::pq},
                           {"int4", KvFormat::int4},
                           {"int3", KvFormat::int3},
                           {"int4-token", KvFormat::int4_token},
                           {"int3-token", KvFormat::int3_token}});
  o.cuda = one_of<bool>("--backend", w.backend, {{"host", false}, {"cuda", true}});
  if (o.cuda && !cuda::built()) {
    wrong("--backend cuda: this program was built without CUDA; use --backend host");
  }
  o.simd = one_of<SimdLevel>("--simd", w.simd,
                             {{"auto", detect_simd_level()},
                              {"portable", SimdLevel::portable},
                              {"avx2", SimdLevel::avx2},
                              {"avx512", SimdLevel::avx512}});
  if (o.simd > detect_simd_level()) wrong("--simd " + w.simd + ": this processor does not have it");
  parse_tile(w.tile, o);
  if (values.count("hysteresis") != 0) o.hysteresis = values["hysteresis"].as<double>();
  if (values.count("share") != 0) o.share = values["share"].as<double>();
  if (values.count("window") != 0) o.window = values["window"].as<unsigned>();
  o.times = !values["no-times"].as<bool>();
  o.graphs = !values["no-graphs"].as<bool>();
  o.weights = one_of<WeightRecords>(
      "--weights", w.weights,
      {{"codes", WeightRecords::codes}, {"digest", WeightRecords::digest}, {"none", WeightRecords::none}});
  o.sampling.seed = o.seed;
  check(o);
  return o;
}

}  // namespace workload
