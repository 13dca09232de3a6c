// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Speed of the trace library: `scripts/bench trace`. The traces are like those of a decoded model of 12
// layers (hidden 768): "decode" has tokens with activation codes, "weights" the quantised matrices; codes are
// about normal, as real ones are, so that zstd has about as much to do.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "traces/io/reader.h"
#include "traces/io/shape.h"
#include "traces/io/validate.h"
#include "traces/io/writer.h"

namespace {

using trace::Record;

trace::Header header() {
  trace::Header header;
  header.set_generator("bench");
  header.set_backend("host");
  header.set_precision("int8");
  trace::Model& m = *header.mutable_model();
  m.set_layers(12);
  m.set_hidden(768);
  m.set_intermediate(2048);
  m.set_heads(6);
  m.set_kv_heads(2);
  m.set_head_dim(128);
  m.set_vocab(256);
  m.set_context(4096);
  header.mutable_kv()->set_format("fp16");
  header.mutable_content()->set_weights(true);
  header.mutable_content()->set_activations(true);
  header.mutable_content()->set_results(true);
  return header;
}

class Codes {
 public:
  std::string of(std::size_t count) {
    std::string text(count, '\0');
    for (char& c : text) c = static_cast<char>(std::clamp(static_cast<int>(normal_(random_)), -127, 127));
    return text;
  }

 private:
  std::mt19937 random_{1};
  std::normal_distribution<float> normal_{0, 32};
};

std::vector<Record> weights() {
  Codes codes;
  std::vector<Record> list;
  const trace::Header head = header();
  for (unsigned layer = 0; layer < 3; ++layer) {
    for (int matrix = 1; matrix <= 4; ++matrix) {
      trace::Tensor& t = *list.emplace_back().mutable_tensor();
      const trace::MatrixShape shape = trace::matrix_shape(head.model(), static_cast<trace::Matrix>(matrix));
      t.set_layer(layer);
      t.set_matrix(static_cast<trace::Matrix>(matrix));
      t.set_total_rows(static_cast<std::uint32_t>(shape.rows));
      t.set_rows(static_cast<std::uint32_t>(shape.rows));
      t.set_cols(static_cast<std::uint32_t>(shape.cols));
      t.set_int8_codes(codes.of(shape.rows * shape.cols));
      for (std::size_t row = 0; row < shape.rows; ++row) t.add_int8_scales(0.01f);
    }
  }
  return list;
}

std::vector<Record> decode() {
  Codes codes;
  std::vector<Record> list;
  const trace::Header head = header();
  for (unsigned index = 0; index < 300; ++index) {
    trace::Token& token = *list.emplace_back().mutable_token();
    token.set_index(index);
    token.set_position(index);
    token.set_pple(2.5);
    token.set_layer_bits(std::string(12, '\x08'));
    token.set_time_ns(1000000 + index);
    for (unsigned layer = 0; layer < 12; ++layer) {
      for (int matrix = 1; matrix <= 4; ++matrix) {
        const trace::MatrixShape shape =
            trace::matrix_shape(head.model(), static_cast<trace::Matrix>(matrix));
        trace::Gemv& g = *list.emplace_back().mutable_gemv();
        g.set_layer(layer);
        g.set_matrix(static_cast<trace::Matrix>(matrix));
        g.set_rows(static_cast<std::uint32_t>(shape.rows));
        g.set_cols(static_cast<std::uint32_t>(shape.cols));
        g.set_weight_bits(8);
        g.set_activation_codes(codes.of(shape.cols));
        g.set_activation_scale(0.01f);
        g.set_result_digest(0x123456789abcdefu * index);
        g.set_time_ns(20000 + index);
      }
      trace::KvAppend& append = *list.emplace_back().mutable_kv_append();
      append.set_layer(layer);
      append.set_appended_tokens(1);
      append.set_plain_bytes(1024);
      trace::KvAttend& attend = *list.emplace_back().mutable_kv_attend();
      attend.set_layer(layer);
      attend.set_context_tokens(index + 1);
      attend.set_plain_bytes(1024 * index);
    }
  }
  return list;
}

const std::vector<Record>& records(bool of_weights) {
  static const std::vector<Record> kWeights = weights(), kDecode = decode();
  return of_weights ? kWeights : kDecode;
}

std::filesystem::path file(bool of_weights) {
  return std::filesystem::temp_directory_path() /
         ("tricycle_bench_" + std::to_string(::getpid()) + (of_weights ? "_w.tct" : "_d.tct"));
}

void report(benchmark::State& state, std::uint64_t record_bytes, std::uint64_t file_bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(record_bytes * state.iterations()));
  state.counters["record_MB"] = static_cast<double>(record_bytes) / 1e6;
  state.counters["file_MB"] = static_cast<double>(file_bytes) / 1e6;
}

void write(benchmark::State& state) {
  const bool of_weights = state.range(0) != 0;
  const std::vector<Record>& list = records(of_weights);
  std::uint64_t record_bytes = 0, file_bytes = 0;
  for (auto _ : state) {
    trace::Writer writer(file(of_weights), header());
    for (const Record& record : list) writer.write(record);
    writer.finish();
    record_bytes = writer.record_bytes();
    file_bytes = writer.file_bytes();
  }
  report(state, record_bytes, file_bytes);
  std::filesystem::remove(file(of_weights));
}

enum class Use { skip, parse, validate };

template <Use kUse>
void read(benchmark::State& state) {
  const bool of_weights = state.range(0) != 0;
  {
    trace::Writer writer(file(of_weights), header());
    for (const Record& record : records(of_weights)) writer.write(record);
    writer.finish();
  }
  std::uint64_t record_bytes = 0, file_bytes = 0;
  for (auto _ : state) {
    trace::Reader reader(file(of_weights));
    if (kUse == Use::validate) {
      trace::validate(reader, [](const std::string&) {});
    } else {
      while (reader.next()) {
        if (kUse == Use::parse) benchmark::DoNotOptimize(reader.record());
      }
    }
    record_bytes = reader.record_bytes();
    file_bytes = reader.file_bytes();
  }
  report(state, record_bytes, file_bytes);
  std::filesystem::remove(file(of_weights));
}

constexpr auto kUnit = benchmark::kMillisecond;
BENCHMARK(write)->ArgName("weights")->Arg(0)->Arg(1)->Unit(kUnit);
BENCHMARK_TEMPLATE(read, Use::skip)->ArgName("weights")->Arg(0)->Arg(1)->Unit(kUnit);
BENCHMARK_TEMPLATE(read, Use::parse)->ArgName("weights")->Arg(0)->Arg(1)->Unit(kUnit);
BENCHMARK_TEMPLATE(read, Use::validate)->ArgName("weights")->Arg(0)->Arg(1)->Unit(kUnit);

}  // namespace

BENCHMARK_MAIN();
