// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "sim/app/interrupt.h"
#include "sim/core/error.h"
#include "traces/workload/app/encrypted_layers.h"
#include "traces/workload/app/progress.h"
#include "traces/workload/app/prompt.h"
#include "traces/workload/app/session.h"
#include "traces/workload/app/summary.h"
#include "traces/workload/app/trace_emitter.h"
#include "traces/workload/app/verbs.h"
#include "traces/workload/flexquant/entropy.h"

namespace workload {
namespace {

// A results file that is opened before the work, so that a wrong path costs nothing.
class IdsFile {
 public:
  explicit IdsFile(const std::string& path) : path_(path) {
    if (path_.empty()) return;
    out_.open(path_, std::ios::binary | std::ios::trunc);
    check();
  }
  void write(const std::vector<std::uint32_t>& prompt, const std::vector<std::uint32_t>& generated,
             bool complete) {
    if (path_.empty()) return;
    nlohmann::ordered_json ids;
    ids["prompt_ids"] = prompt;
    ids["generated_ids"] = generated;
    ids["complete"] = complete;
    out_ << ids.dump() << "\n" << std::flush;
    check();
  }

 private:
  void check() const {
    if (!out_) throw sim::Error(sim::Exit::input, path_ + ": cannot be written");
  }

  std::string path_;
  std::ofstream out_;
};

class Run {
 public:
  explicit Run(const RunOptions& options)
      : options_(options), progress_(std::cerr, !options.quiet && ::isatty(STDERR_FILENO) == 1) {}

  int operator()() {
    progress_.stage("loading the model");
    Session session(options_);
    const std::vector<std::uint32_t> prompt =
        options_.fill != 0 ? std::vector<std::uint32_t>{} : read_prompt(options_, session.shape());
    Sampler sampler(options_.sampling);
    IdsFile ids(options_.tokens_out);
    progress_.stage("quantising");
    session.build(static_cast<unsigned>(prompt.size()) + options_.fill + options_.tokens);
    WriteQueue queue;  // ends before what it reads from and before the trace
    open_trace(session, queue, prompt, sampler);

    progress_.stage(options_.fill != 0 ? "filling the cache" : "reading the prompt");
    const sim::app::Interrupt interrupt;
    session.decoder().set_stop([&] { return interrupt.signal() != 0; });
    try {
      prefill(session, prompt);
      while (summary_.tokens < options_.tokens && interrupt.signal() == 0) decode(session, sampler);
    } catch (const sim::Error& e) {
      if (e.exit_code() != sim::Exit::limit || interrupt.signal() == 0) {
        keep_whole_tokens();
        throw;
      }
    }
    const bool complete = summary_.tokens == options_.tokens;
    progress_.clear();
    if (emitter_) emitter_->flush();
    queue.drain();
    summary_.writing_seconds = queue.cpu_seconds();
    if (writer_) writer_->finish(complete);
    ids.write(prompt, generated_, complete);
    report(session);
    if (complete) return 0;
    throw sim::Error(sim::Exit::limit,
                     std::string("stopped by ") + interrupt.name() + " after " +
                         std::to_string(summary_.tokens) + " of " + std::to_string(options_.tokens) +
                         " tokens" + (writer_ ? "; the trace is complete up to there and says so" : ""));
  }

 private:
  // Of a run that fails: the trace is left to its writer, which marks it as incomplete.
  void keep_whole_tokens() noexcept {
    try {
      if (emitter_) emitter_->flush();
    } catch (const std::exception&) {
      // Of two failures the first one is told.
    }
  }

  void open_trace(Session& session, WriteQueue& queue, const std::vector<std::uint32_t>& prompt,
                  const Sampler& sampler) {
    if (options_.trace.empty()) return;
    trace::WriterOptions settings;
    settings.level = options_.level == 0 ? -20 : options_.level;  // zstd's own 0 is its default
    writer_ =
        std::make_unique<trace::Writer>(options_.trace, session.header(prompt, sampler.text()), settings);
    if (session.quantised() != nullptr && options_.weights == WeightRecords::codes) {
      queue.add([&session, this] { write_tensors(*writer_, session.shape(), *session.quantised()); });
    }
    if (session.quantised() != nullptr && options_.weights == WeightRecords::digest) {
      queue.add([&session, this] {
        write_tile_digests(*writer_, session.shape(), *session.quantised(), options_.tile_stride);
      });
    }
    if (!options_.encrypt.empty()) {
      encrypted_ = std::make_unique<EncryptedLayers>(options_);
      queue.add([this] { writer_->write(encrypted_->modulus()); });
    }
    EmitSettings emit;
    emit.times = options_.times;
    emit.activations = options_.activations;
    emit.kv_bytes_per_token = session.kv_bytes_per_token();
    emitter_ = std::make_unique<TraceEmitter>(*writer_, queue, session.shape(), emit);
    session.decoder().set_observer(emitter_.get());
    session.keep_sums(emitter_.get());
  }

  void prefill(Session& session, const std::vector<std::uint32_t>& prompt) {
    const Stopwatch watch;
    if (options_.fill != 0) {
      session.decoder().fill(options_.fill, options_.seed);
      summary_.filled_tokens = options_.fill;
      summary_.prefill_ns = watch.ns();
      return;
    }
    double loss = 0;
    const auto sink = [&](unsigned index, const float* logits) {
      if (index + 1 == prompt.size()) return;
      loss -= flexquant::log_probability(logits, session.shape().vocab, prompt[index + 1]);
      summary_.prompt_perplexity = std::exp(loss / (index + 1));
      if (emitter_) emitter_->set_prompt_perplexity(summary_.prompt_perplexity);
    };
    logits_ = session.decoder().prefill(prompt, sink);
    summary_.prompt_tokens = static_cast<unsigned>(prompt.size());
    summary_.prefill_ns = watch.ns();
  }

  // One pass: the token that the last logits choose goes in, the next one is chosen.
  void decode(Session& session, Sampler& sampler) {
    if (summary_.tokens == 0) next_ = options_.fill != 0 ? 1 : choose(sampler);
    const Stopwatch watch;
    TokenFacts facts;
    facts.index = summary_.tokens;
    facts.input_id = next_;
    facts.position = session.decoder().position();
    session.decide(facts.index);
    logits_ = session.decoder().step(next_);
    generated_.push_back(next_);
    next_ = choose(sampler);
    facts.id = next_;
    facts.pple = session.pple();
    facts.pple_smoothed = session.pple_smoothed();
    facts.running_perplexity = std::exp(chosen_loss_ / chosen_);
    facts.layer_bits = &session.layer_bits();
    const std::uint64_t elapsed = watch.ns();
    const std::uint64_t device = session.decoder().step_ns();
    facts.time_ns = device != 0 ? device : elapsed;
    summary_.decode_ns += elapsed;
    summary_.device_ns += device;
    summary_.add(session.shape(), session.layer_bits());
    summary_.perplexity = facts.running_perplexity;
    if (encrypted_) encrypted_->add_token(facts.index, *session.quantised(), *emitter_);
    if (emitter_) emitter_->end_token(facts);
    ++summary_.tokens;
    progress_.tokens(summary_.tokens, options_.tokens);
  }

  std::uint32_t choose(Sampler& sampler) {
    const std::uint32_t id = sampler.choose(logits_);
    chosen_loss_ -= flexquant::log_probability(logits_.data(), logits_.size(), id);
    ++chosen_;
    return id;
  }

  void report(const Session& session) {
    summary_.print(std::cout, options_, session.weights());
    if (writer_) {
      std::cout << "trace        " << options_.trace << ", " << writer_->file_bytes() << " bytes, "
                << writer_->records() << " records, digest " << writer_->digest() << "\n"
                << "writing      " << std::fixed << std::setprecision(3) << summary_.writing_seconds
                << " s of a processor, beside decoding\n";
    }
    if (is_byte_level(session.shape(), options_.model)) {
      std::cout << "\n";
      for (const std::uint32_t id : generated_) std::cout << static_cast<char>(id);
      std::cout << "\n";
    }
  }

  const RunOptions& options_;
  Progress progress_;
  std::unique_ptr<trace::Writer> writer_;
  std::unique_ptr<TraceEmitter> emitter_;
  std::unique_ptr<EncryptedLayers> encrypted_;
  Summary summary_;
  std::vector<float> logits_;
  std::vector<std::uint32_t> generated_;
  std::uint32_t next_ = 0;
  double chosen_loss_ = 0;
  double chosen_ = 0;
};

}  // namespace

int run(const std::vector<std::string>& words) {
  const RunOptions options = parse_run_options(words);
  if (options.help) {
    std::cout << options.help_text;
    return 0;
  }
  return Run(options)();
}

}  // namespace workload
