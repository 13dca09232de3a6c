// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/allmod/cost_settings.h"
#include "models/allmod/function/chain.h"
#include "models/allmod/function/operands.h"
#include "models/allmod/reducer.h"
#include "models/allmod/stall_pattern.h"
#include "models/allmod/trace_replay.h"
#include "sim/config/auto.h"
#include "sim/config/diagnostics.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"

namespace allmod {

enum class OperandKind { random, adversarial, file, chain, trace };
enum class ChainKind { power, encrypted_layer, product_tree };
enum class Port { stream, socket };
enum class ValueFidelity { register_true, lazy };

// `design.multiplier:`, of the multiplying forms.
struct MultiplierSettings {
  Multiplier multiplier;
  void fields(sim::config::Visitor& v);
};

// `design:` in the configuration; resolved() works out what was left open.
struct DesignSettings {
  Form form = Form::pipelined;
  unsigned n = 128;
  unsigned w = 8;
  sim::config::Auto<unsigned> m;  // balanced
  sim::config::Auto<unsigned> p;
  sim::config::Auto<unsigned> e;
  unsigned r = 1;
  unsigned rho = 2;
  unsigned segment = 0;
  unsigned t = 1;
  unsigned u = 1;
  bool eager = false;
  MultiplierSettings multiplier;
  unsigned lanes = 1;
  Stall stall = Stall::elastic;
  unsigned table_limit_mib = 1024;

  void fields(sim::config::Visitor& v);
  Design resolved() const;
};

struct ModulusSettings {
  std::string kind = "random";
  std::string hex;
  std::uint64_t seed = 1;
  std::uint64_t switch_every = 0;

  void fields(sim::config::Visitor& v);
  Modulus make(unsigned n) const;  // throws sim::Error(Exit::usage)
  // The moduli that take turns: one, or two if switch_every is set (the second of seed + 1).
  std::vector<Modulus> all(unsigned n) const;
};

// `workload.chain:`, of source chain: a program of modular multiplications.
struct ChainSettings {
  ChainKind kind = ChainKind::power;
  unsigned chains = 16;
  unsigned exponent_bits = 32;
  unsigned inputs = 16;
  unsigned outputs = 8;
  unsigned weight_bits = 4;
  unsigned products = 64;
  MultiplierSettings multiplier;

  void fields(sim::config::Visitor& v);
  ChainProgram make(const Modulus& modulus, std::uint64_t seed) const;
};

// `workload.replay:`, of source trace: which encrypted layers of the trace are executed.
struct ReplaySettings {
  std::uint64_t first = 0;
  sim::config::Auto<std::uint64_t> parts = std::uint64_t{16};

  void fields(sim::config::Visitor& v);
};

struct WorkloadSettings {
  OperandKind source = OperandKind::random;
  std::string file;
  std::string trace;
  sim::config::Auto<std::uint64_t> count = std::uint64_t{10000};
  std::uint64_t seed = 1;
  Port port = Port::stream;
  unsigned socket_burst = 16;
  StallConfig input_stall, output_stall;
  ChainSettings chain;
  ReplaySettings replay;

  void fields(sim::config::Visitor& v);
  // Whether the operations depend on each other, and the dispatcher issues them.
  bool is_program() const { return source == OperandKind::chain || source == OperandKind::trace; }
};

struct FidelitySettings {
  ValueFidelity value = ValueFidelity::register_true;
  Detail detail = Detail::event;
  unsigned burst = 1024;

  void fields(sim::config::Visitor& v);
};

// Everything a configuration of model `allmod` may say.
struct Settings {
  double clock_mhz = 200;
  DesignSettings design;
  ModulusSettings modulus;
  WorkloadSettings workload;
  FidelitySettings fidelity;
  HostPortConfig host;
  CostSettings cost;
  std::shared_ptr<const TraceReplay> replay;  // source trace: what load_trace() read

  void fields(sim::config::Visitor& v);
  // Source trace: reads the trace, and makes its path one that is right from the working directory. Throws
  // sim::Error(Exit::input). To be called before check().
  void load_trace(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics);
  // The moduli that take turns; one in most cases. Throws sim::Error(Exit::usage).
  std::vector<Modulus> moduli() const;
  // Rules across fields; files are opened, so sim::Error(Exit::input) may come from it.
  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) const;
  ReducerConfig reducer() const;
  std::unique_ptr<Operands> operands(const Tables& tables) const;
  std::uint64_t operations(const Operands& operands) const;
};

}  // namespace allmod

namespace sim::config {
template <>
struct EnumNames<allmod::Form> {
  static const std::vector<std::pair<allmod::Form, std::string>>& get();
};
template <>
struct EnumNames<allmod::Stall> {
  static const std::vector<std::pair<allmod::Stall, std::string>>& get();
};
template <>
struct EnumNames<allmod::Detail> {
  static const std::vector<std::pair<allmod::Detail, std::string>>& get();
};
template <>
struct EnumNames<allmod::OperandKind> {
  static const std::vector<std::pair<allmod::OperandKind, std::string>>& get();
};
template <>
struct EnumNames<allmod::ChainKind> {
  static const std::vector<std::pair<allmod::ChainKind, std::string>>& get();
};
template <>
struct EnumNames<allmod::Port> {
  static const std::vector<std::pair<allmod::Port, std::string>>& get();
};
template <>
struct EnumNames<allmod::ValueFidelity> {
  static const std::vector<std::pair<allmod::ValueFidelity, std::string>>& get();
};
}  // namespace sim::config
