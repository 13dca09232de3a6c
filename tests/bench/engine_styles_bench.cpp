// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Cycles a second of the same pipeline (source, 16 stages that add one, sink; one integer a cycle) in five
// styles of SystemC, and what a cycle of an idle or nearly idle clock costs. `scripts/bench engine` runs it
// and prints medians and ratios.
//
// One process measures one style, chosen by `--style N`: all modules of a process share one kernel, and a
// style that ticks by itself (sc_clock) would run inside the measurement of the others.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_get.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <benchmark/benchmark.h>

#include "sim/core/clock_domain.h"
#include "sim/core/failure.h"
#include "sim/core/fifo.h"
#include "sim/tlm/payload_pool.h"

namespace {

using sim::Cycle;
using Word = std::uint64_t;

constexpr std::size_t kStages = 16;
constexpr std::size_t kFifoDepth = 2;  // what one element a cycle needs, see sim::Fifo
constexpr double kFrequencyMhz = 1000;
constexpr std::size_t kIdleMembers = 1000;
constexpr std::uint64_t kWarmUp = 10 * kStages;  // cycles: fills the pipeline
constexpr std::uint64_t kChunk = 2000;           // cycles a call of sc_start(), whose own cost vanishes

sc_core::sc_time period() { return {1, sc_core::SC_NS}; }

[[noreturn]] void wrong(const char* what, Word is, Word must_be) {
  std::cerr << "engine_styles_bench: " << what << " is " << is << " instead of " << must_be
            << ": this style does not do the work that is compared; its speed means nothing\n";
  std::abort();
}

// What came out. The source offers 0, 1, 2 ..., so that count and sum tell whether all came through once.
struct Tally {
  void take(Word value) {
    ++count;
    sum += value;
  }
  // `due`: integers that must have come out since `before`, one a cycle.
  void check(Word before, Word due) const {
    if (count - before != due) wrong("the number of integers that came out", count - before, due);
    const Word offered = count % 2 == 0 ? count / 2 * (count - 1) : (count - 1) / 2 * count;
    if (sum != offered + kStages * count) wrong("their sum", sum, offered + kStages * count);
  }
  Word count = 0;
  Word sum = 0;
};

struct Style {
  virtual ~Style() = default;
  Tally out;
  sim::Failure failure;
};

std::string numbered(const char* name, std::size_t i) { return name + std::to_string(i); }

// --- 1 and 2: a process a stage, signals between them, all sensitive to one sc_clock.

struct Link {
  sc_core::sc_signal<bool> valid;
  sc_core::sc_signal<Word> data;
};

struct Inlet {
  void bind(Link& link) {
    valid.bind(link.valid);
    data.bind(link.data);
  }
  sc_core::sc_in<bool> valid;
  sc_core::sc_in<Word> data;
};

struct Outlet {
  void bind(Link& link) {
    valid.bind(link.valid);
    data.bind(link.data);
  }
  sc_core::sc_out<bool> valid;
  sc_core::sc_out<Word> data;
};

// The three parts, each with the work of one edge; how that becomes a process is up to the style.
struct SignalSource : sc_core::sc_module {
  explicit SignalSource(const sc_core::sc_module_name& name) : sc_module(name) {}
  void edge() {
    out.valid.write(true);
    out.data.write(next++);
  }
  sc_core::sc_in<bool> clock;
  Outlet out;
  Word next = 0;
};

struct SignalStage : sc_core::sc_module {
  explicit SignalStage(const sc_core::sc_module_name& name) : sc_module(name) {}
  void edge() {
    const bool valid = in.valid.read();
    out.valid.write(valid);
    if (valid) out.data.write(in.data.read() + 1);
  }
  sc_core::sc_in<bool> clock;
  Inlet in;
  Outlet out;
};

struct SignalSink : sc_core::sc_module {
  explicit SignalSink(const sc_core::sc_module_name& name) : sc_module(name) {}
  void edge() {
    if (in.valid.read()) tally->take(in.data.read());
  }
  sc_core::sc_in<bool> clock;
  Inlet in;
  Tally* tally = nullptr;
};

template <class Part>
struct AsMethod final : Part {
  explicit AsMethod(const sc_core::sc_module_name& name) : Part(name) {
    SC_HAS_PROCESS(AsMethod);
    SC_METHOD(run);
    this->sensitive << this->clock.pos();
    this->dont_initialize();
  }
  void run() { this->edge(); }
};

template <class Part>
struct AsThread final : Part {
  explicit AsThread(const sc_core::sc_module_name& name) : Part(name) {
    SC_HAS_PROCESS(AsThread);
    SC_THREAD(run);
    this->sensitive << this->clock.pos();
    this->dont_initialize();
  }
  void run() {
    for (;;) {
      this->edge();
      this->wait();
    }
  }
};

template <template <class> class As>
struct SignalStyle final : Style {
  SignalStyle() : clock("clock", period()), source("source"), sink("sink") {
    for (std::size_t i = 0; i <= kStages; ++i) links.push_back(std::make_unique<Link>());
    source.clock.bind(clock);
    source.out.bind(*links.front());
    for (std::size_t i = 0; i < kStages; ++i) {
      stages.push_back(std::make_unique<As<SignalStage>>(numbered("stage", i).c_str()));
      stages[i]->clock.bind(clock);
      stages[i]->in.bind(*links[i]);
      stages[i]->out.bind(*links[i + 1]);
    }
    sink.clock.bind(clock);
    sink.in.bind(*links.back());
    sink.tally = &out;
  }
  sc_core::sc_clock clock;
  std::vector<std::unique_ptr<Link>> links;
  As<SignalSource> source;
  std::vector<std::unique_ptr<As<SignalStage>>> stages;
  As<SignalSink> sink;
};

// --- 3: transactions. Each hop is a write of one integer, completed by the target when it begins; the stage
// then writes to the next one, a period later. Nobody can refuse.

Word& word_of(tlm::tlm_generic_payload& payload) { return *reinterpret_cast<Word*>(payload.get_data_ptr()); }

struct TlmSink : sc_core::sc_module {
  TlmSink(const sc_core::sc_module_name& name, Tally& t) : sc_module(name), socket("socket"), tally(t) {
    socket.register_nb_transport_fw(this, &TlmSink::transport);
  }
  tlm::tlm_sync_enum transport(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time&) {
    tally.take(word_of(payload));
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  tlm_utils::simple_target_socket<TlmSink> socket;
  Tally& tally;
};

// The sending half of a stage, and with `endless` the source.
struct TlmSender : sc_core::sc_module {
  TlmSender(const sc_core::sc_module_name& name, sim::bus::PayloadPool& p, bool endless)
      : sc_module(name), to("to"), queue("queue"), pool(p), is_source(endless) {
    SC_HAS_PROCESS(TlmSender);
    SC_METHOD(due);
    sensitive << queue.get_event();
    dont_initialize();
  }
  void start_of_simulation() override {
    if (is_source) plan(0, sc_core::SC_ZERO_TIME);
  }
  void plan(Word value, const sc_core::sc_time& delay) {
    tlm::tlm_generic_payload& payload = pool.acquire(sizeof(Word));
    payload.set_command(tlm::TLM_WRITE_COMMAND);
    word_of(payload) = value;
    queue.notify(payload, delay + period());
  }
  void due() {
    while (tlm::tlm_generic_payload* payload = queue.get_next_transaction()) {
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      to->nb_transport_fw(*payload, phase, delay);
      if (!payload->is_response_ok()) wrong("the response status", 0, 1);
      if (is_source) plan(word_of(*payload) + 1, sc_core::SC_ZERO_TIME);
      payload->release();
    }
  }
  tlm_utils::simple_initiator_socket<TlmSender> to;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> queue;
  sim::bus::PayloadPool& pool;
  const bool is_source;
};

struct TlmStage final : TlmSender {
  TlmStage(const sc_core::sc_module_name& name, sim::bus::PayloadPool& p)
      : TlmSender(name, p, false), from("from") {
    from.register_nb_transport_fw(this, &TlmStage::transport);
  }
  tlm::tlm_sync_enum transport(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time& delay) {
    plan(word_of(payload) + 1, delay);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  tlm_utils::simple_target_socket<TlmStage> from;
};

struct TlmStyle final : Style {
  TlmStyle() : source("source", pool, true), sink("sink", out) {
    TlmSender* last = &source;
    for (std::size_t i = 0; i < kStages; ++i) {
      stages.push_back(std::make_unique<TlmStage>(numbered("stage", i).c_str(), pool));
      last->to.bind(stages[i]->from);
      last = stages[i].get();
    }
    last->to.bind(sink.socket);
  }
  sim::bus::PayloadPool pool;
  TlmSender source;
  std::vector<std::unique_ptr<TlmStage>> stages;
  TlmSink sink;
};

// --- 4: threads that block on sc_fifo and let a period pass for each integer.

struct FifoStyle final : Style {
  using Queue = sc_core::sc_fifo<Word>;
  struct Source final : sc_core::sc_module {
    explicit Source(const sc_core::sc_module_name& name) : sc_module(name) {
      SC_HAS_PROCESS(Source);
      SC_THREAD(run);
    }
    void run() {
      for (Word next = 0;; ++next) {
        to.write(next);
        wait(period());
      }
    }
    sc_core::sc_fifo_out<Word> to;
  };
  struct Stage final : sc_core::sc_module {
    explicit Stage(const sc_core::sc_module_name& name) : sc_module(name) {
      SC_HAS_PROCESS(Stage);
      SC_THREAD(run);
    }
    void run() {
      for (;;) {
        const Word value = from.read();
        wait(period());
        to.write(value + 1);
      }
    }
    sc_core::sc_fifo_in<Word> from;
    sc_core::sc_fifo_out<Word> to;
  };
  struct Sink final : sc_core::sc_module {
    Sink(const sc_core::sc_module_name& name, Tally& t) : sc_module(name), tally(t) {
      SC_HAS_PROCESS(Sink);
      SC_THREAD(run);
    }
    void run() {
      for (;;) {
        tally.take(from.read());
        wait(period());
      }
    }
    sc_core::sc_fifo_in<Word> from;
    Tally& tally;
  };

  FifoStyle() : source("source"), sink("sink", out) {
    for (std::size_t i = 0; i <= kStages; ++i) queues.push_back(std::make_unique<Queue>(kFifoDepth));
    source.to.bind(*queues.front());
    for (std::size_t i = 0; i < kStages; ++i) {
      stages.push_back(std::make_unique<Stage>(numbered("stage", i).c_str()));
      stages[i]->from.bind(*queues[i]);
      stages[i]->to.bind(*queues[i + 1]);
    }
    sink.from.bind(*queues.back());
  }
  std::vector<std::unique_ptr<Queue>> queues;
  Source source;
  std::vector<std::unique_ptr<Stage>> stages;
  Sink sink;
};

// --- 5: plain members of one ClockDomain, registered FIFOs between them. All of them sleep when stuck.

struct DomainStyle final : Style {
  using Queue = sim::Fifo<Word>;
  struct Source final : sim::Clocked {
    explicit Source(Queue& t) : Clocked("source"), to(t) { to.bind_producer(*this); }
    void evaluate(Cycle) override {
      if (to.can_push()) to.push(next++);
    }
    Cycle next_cycle(Cycle now) const override { return to.can_push() ? now + 1 : sim::kNever; }
    Queue& to;
    Word next = 0;
  };
  struct Stage final : sim::Clocked {
    Stage(std::string name, Queue& f, Queue& t) : Clocked(std::move(name)), from(f), to(t) {
      from.bind_consumer(*this);
      to.bind_producer(*this);
    }
    void evaluate(Cycle) override {
      if (from.can_pop() && to.can_push()) to.push(from.pop() + 1);
    }
    Cycle next_cycle(Cycle now) const override {
      return from.can_pop() && to.can_push() ? now + 1 : sim::kNever;
    }
    Queue& from;
    Queue& to;
  };
  struct Sink final : sim::Clocked {
    Sink(Queue& f, Tally& t) : Clocked("sink"), from(f), tally(t) { from.bind_consumer(*this); }
    void evaluate(Cycle) override {
      if (from.can_pop()) tally.take(from.pop());
    }
    Cycle next_cycle(Cycle now) const override { return from.can_pop() ? now + 1 : sim::kNever; }
    Queue& from;
    Tally& tally;
  };

  DomainStyle() : domain("domain", kFrequencyMhz, failure) {
    for (std::size_t i = 0; i <= kStages; ++i) {
      queues.push_back(std::make_unique<Queue>(domain, numbered("queue", i), kFifoDepth));
    }
    source = std::make_unique<Source>(*queues.front());
    domain.add(*source);
    for (std::size_t i = 0; i < kStages; ++i) {
      stages.push_back(std::make_unique<Stage>(numbered("stage", i), *queues[i], *queues[i + 1]));
      domain.add(*stages.back());
    }
    sink = std::make_unique<Sink>(*queues.back(), out);
    domain.add(*sink);
  }
  sim::ClockDomain domain;
  std::vector<std::unique_ptr<Queue>> queues;
  std::unique_ptr<Source> source;
  std::vector<std::unique_ptr<Stage>> stages;
  std::unique_ptr<Sink> sink;
};

// --- The clock alone: something that counts each cycle (as if kStages had added one) and nothing else.

struct BareClock final : Style {
  struct Counter final : sc_core::sc_module {
    Counter(const sc_core::sc_module_name& name, Tally& t) : sc_module(name), tally(t) {
      SC_HAS_PROCESS(Counter);
      SC_METHOD(edge);
      sensitive << clock.pos();
      dont_initialize();
    }
    void edge() { tally.take(tally.count + kStages); }
    sc_core::sc_in<bool> clock;
    Tally& tally;
  };
  BareClock() : clock("clock", period()), counter("counter", out) { counter.clock.bind(clock); }
  sc_core::sc_clock clock;
  Counter counter;
};

template <std::size_t kIdle>
struct BareDomain final : Style {
  struct Counter final : sim::Clocked {
    explicit Counter(Tally& t) : Clocked("counter"), tally(t) {}
    void evaluate(Cycle) override { tally.take(tally.count + kStages); }
    Cycle next_cycle(Cycle now) const override { return now + 1; }
    Tally& tally;
  };
  struct Idle final : sim::Clocked {
    using Clocked::Clocked;
    void evaluate(Cycle now) override { wrong("the cycle at which an idle member was evaluated", now, 0); }
    Cycle next_cycle(Cycle) const override { return sim::kNever; }
  };
  BareDomain() : domain("domain", kFrequencyMhz, failure), counter(out) {
    domain.add(counter);
    for (std::size_t i = 0; i < kIdle; ++i) {
      idle.push_back(std::make_unique<Idle>(numbered("idle", i)));
      domain.add(*idle.back());
    }
  }
  sim::ClockDomain domain;
  Counter counter;
  std::vector<std::unique_ptr<Idle>> idle;
};

// --- Which one

template <class S>
std::unique_ptr<Style> make() {
  return std::make_unique<S>();
}

struct Choice {
  const char* name;  // scripts/bench_engine.py says what it means
  std::unique_ptr<Style> (*make)();
};

const Choice kChoices[] = {
    {"method_signal", &make<SignalStyle<AsMethod>>},
    {"thread_signal", &make<SignalStyle<AsThread>>},
    {"nb_transport", &make<TlmStyle>},
    {"thread_fifo", &make<FifoStyle>},
    {"clock_domain", &make<DomainStyle>},
    {"bare_sc_clock", &make<BareClock>},
    {"bare_domain", &make<BareDomain<0>>},
    {"bare_domain_1000_idle", &make<BareDomain<kIdleMembers>>},
};

void run_cycles(benchmark::State& state, Style& style) {
  const Word before = style.out.count;
  for (auto _ : state) sc_core::sc_start(period() * kChunk);
  style.failure.rethrow();
  const auto cycles = static_cast<std::uint64_t>(state.iterations()) * kChunk;
  style.out.check(before, cycles);
  state.SetItemsProcessed(static_cast<std::int64_t>(cycles));
}

// Takes `--style N` out of the arguments; nullptr when it is missing or N is none of them.
const Choice* chosen(int& argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--style") != 0) continue;
    const unsigned long n = std::strtoul(argv[i + 1], nullptr, 10);
    for (int k = i; k + 2 <= argc; ++k) argv[k] = argv[k + 2];  // with the closing null pointer
    argc -= 2;
    return n >= 1 && n <= std::size(kChoices) ? &kChoices[n - 1] : nullptr;
  }
  return nullptr;
}

}  // namespace

int sc_main(int argc, char** argv) {
  const Choice* const choice = chosen(argc, argv);
  if (choice == nullptr) {
    std::cerr << "usage: bench_engine_styles --style N [benchmark options], where N is\n";
    for (std::size_t i = 0; i < std::size(kChoices); ++i) {
      std::cerr << "  " << i + 1 << "  " << kChoices[i].name << '\n';
    }
    return 2;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const std::unique_ptr<Style> style = choice->make();
  sc_core::sc_start(period() * kWarmUp);
  // Of the process: what SC_THREADs burn counts also where SystemC gives them threads of the system.
  benchmark::RegisterBenchmark(choice->name, [&style](auto& state) {
    run_cycles(state, *style);
  })->MeasureProcessCPUTime();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
