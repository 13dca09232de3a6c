// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/settings.h"

#include <algorithm>

#include "sim/core/error.h"

namespace allmod {

using sim::config::Diagnostics;
using sim::config::Meta;
using sim::config::Resolved;
using sim::config::Visitor;

void DesignSettings::fields(Visitor& v) {
  v.field("form", form, Meta("", "architecture of a reducer"));
  v.field("n", n, Meta("bit", "length of the modulus; operands have 2n bits").range(kMinBits, kMaxBits));
  v.field("w", w, Meta("bit", "address bits of a look-up table").range(1u, kMaxGroupBits));
  v.field(
      "m", m,
      Meta("bit",
           "bits above n that restoring steps treat instead of tables; balanced = round((n+w)/(w+1)), form "
           "serial: round(u(n+wt)/(wt+u)), form iterative: n")
          .range(0u, kMaxBits)
          .word("balanced"));
  v.field("p", p,
          Meta("step",
               "restoring steps before the fusion, 0..m+1; auto = the last that costs nothing after it, form "
               "serial: the one with the fewest cycles")
              .range(0u, kMaxBits + 1));
  v.field("e", e,
          Meta("level", "tree level at which the iterative result joins; auto = the first that hides it")
              .range(0u, 32u));
  v.field("r", r, Meta("step", "restoring steps in one cycle").range(1u, 64u));
  v.field("rho", rho, Meta("operand", "operands of a tree adder").range(2u, kMaxRadix));
  v.field("segment", segment,
          Meta("bit", "adders are cut into segments of this length; 0 = not cut").range(0u, 2 * kMaxBits));
  v.field("t", t, Meta("table", "form serial: tables read in one cycle").range(1u, kMaxBits));
  v.field("u", u,
          Meta("step", "forms serial and iterative: conditional subtractions in one cycle")
              .range(1u, kMaxBits + 1));
  v.field(
      "eager", eager,
      Meta("",
           "form pipelined: every tree adder is followed by a conditional subtraction, nothing is left after "
           "the tree"));
  v.section("multiplier", multiplier, "forms barrett and montgomery: each of their multipliers");
  v.field("lanes", lanes, Meta("lane", "reducers side by side, sharing their tables").range(1u, 1024u));
  v.field("stall", stall,
          Meta("",
               "who waits when a result is not taken: the stages behind it as their FIFOs "
               "fill (elastic), or all at once (global)"));
  v.field("table_limit_mib", table_limit_mib,
          Meta("MiB", "largest tables the simulator may build").range(1u, 65536u));
}

void MultiplierSettings::fields(Visitor& v) {
  v.field("digit", multiplier.digit,
          Meta("bit", "bits of one operand that a cycle multiplies by the whole other one; 0 = all of them")
              .range(0u, kMaxBits + 2));
  v.field("karatsuba", multiplier.karatsuba,
          Meta("split", "Karatsuba splits, a cycle before and after the products each; 0 = schoolbook")
              .range(0u, kMaxKaratsuba));
  v.field("registers", multiplier.registers,
          Meta("cycle", "further pipeline registers behind a multiplier").range(0u, kMaxMultiplierRegisters));
}

Design DesignSettings::resolved() const {
  Design d;
  d.form = form;
  d.n = n;
  d.w = w;
  d.r = r;
  d.rho = rho;
  d.segment = segment;
  d.t = t;
  d.u = u;
  d.eager = eager;
  d.multiplier = multiplier.multiplier;
  d.m = m.value_or(form == Form::iterative ? n
                   : form == Form::serial  ? balanced_serial_m(n, w, t, u)
                                           : balanced_m(n, w));
  if (!has_parameter(form, "m")) d.m = 0;
  if (d.m > n) return d;  // refused by its rule; what follows computes with m
  if (eager)
    d.p = p.value_or(d.m + 1);
  else
    d.p = p.value_or(form == Form::serial ? serial_p(d) : fuse_p(n, w, d.m));
  if (form == Form::pipelined) d.e = e.value_or(hide_e(d));
  return d;
}

void ModulusSettings::fields(Visitor& v) {
  std::string names = "random (seeded), or one of";
  for (const std::string& name : modulus_names()) names += " " + name;
  v.field("kind", kind, Meta("", names + "; ignored when hex is given"));
  v.field("hex", hex, Meta("", "the modulus itself in hexadecimal, exactly n bits; empty = by kind"));
  v.field("seed", seed, Meta("", "seed of the kinds random and rsa_like"));
  v.field("switch_every", switch_every,
          Meta("operand",
               "port: socket; another modulus, and back, is loaded after so many operands; 0 = never"));
}

std::vector<Modulus> ModulusSettings::all(unsigned n) const {
  std::vector<Modulus> moduli = {make(n)};
  if (switch_every > 0 && hex.empty()) moduli.push_back(Modulus::named(kind, n, seed + 1));
  return moduli;
}

Modulus ModulusSettings::make(unsigned n) const {
  return hex.empty() ? Modulus::named(kind, n, seed) : Modulus::from_hex(hex, n);
}

void ChainSettings::fields(Visitor& v) {
  v.field("kind", kind,
          Meta("",
               "power: independent powers, as in Paillier; encrypted_layer: outputs of a linear layer over "
               "ciphertexts with shared squarings; product_tree: independent products, then a tree"));
  v.field("chains", chains, Meta("chain", "power: how many powers").range(1u, 1000000u));
  v.field("exponent_bits", exponent_bits, Meta("bit", "power: length of the exponents").range(2u, 65536u));
  v.field("inputs", inputs, Meta("ciphertext", "encrypted_layer: inputs of the layer").range(1u, 65536u));
  v.field("outputs", outputs, Meta("ciphertext", "encrypted_layer: outputs of the layer").range(1u, 65536u));
  v.field("weight_bits", weight_bits, Meta("bit", "encrypted_layer: length of the weights").range(1u, 64u));
  v.field("products", products, Meta("product", "product_tree: products at its leaves").range(1u, 10000000u));
  v.section("multiplier", multiplier, "the n x n bit multiplier in front of each lane");
}

ChainProgram ChainSettings::make(const Modulus& modulus, std::uint64_t seed) const {
  switch (kind) {
    case ChainKind::power:
      return power_chains(modulus, chains, exponent_bits, seed);
    case ChainKind::encrypted_layer:
      return encrypted_layer(modulus, inputs, outputs, weight_bits, seed);
    case ChainKind::product_tree:
      break;
  }
  return product_tree(modulus, products, seed);
}

void WorkloadSettings::fields(Visitor& v) {
  v.field("source", source, Meta("", "where operands come from"));
  v.field(
      "file", file,
      Meta("", "source: file; hexadecimal, one a line, or CSV with a column x; from the working directory"));
  v.field(
      "trace", trace,
      Meta("",
           "source: trace; a .tct file with mod_mul records, relative to the file that names it (else to the "
           "working directory)"));
  v.field("count", count,
          Meta("operand", "operands of the workload; all = as many as the file has")
              .range(std::uint64_t{1}, std::uint64_t{1} << 62)
              .word("all"));
  v.field("seed", seed, Meta("", "seed of random operands"));
  v.field("port", port, Meta("", "way into the unit: valid/ready streams, or its TLM-2.0 socket"));
  v.field(
      "socket_burst", socket_burst,
      Meta("operand", "port: socket; operands or results in one transaction at the most").range(1u, 65536u));
  v.section("input_stall", input_stall, "port: stream; pauses of the operand source");
  v.section("output_stall", output_stall, "port: stream; cycles in which the result sink is not ready");
  v.section(
      "chain", chain,
      "source: chain; a program of modular multiplications that depend on each other; source: trace takes "
      "the multiplier from it");
  v.section("replay", replay, "source: trace; which of its encrypted layers are executed");
}

void FidelitySettings::fields(Visitor& v) {
  v.field("value", value,
          Meta("",
               "register_true: every register of the data path is computed; lazy: the same cycles, results "
               "by GMP's "
               "division, no tables, nothing to compare"));
  v.field("detail", detail,
          Meta("",
               "event: sleeps until something can happen; clocked: every stage on every "
               "edge, needed for waveforms; the cycles are the same")
              .elsewhere(
                  "fast",
                  "loosely timed units are on the platform of model system (configs/system), which has this "
                  "setting too"));
  v.field("burst", burst,
          Meta("cycle", "detail: event; cycles worked through in one activation at the most")
              .range(1u, 1000000u));
}

void Settings::fields(Visitor& v) {
  v.field("clock_mhz", clock_mhz,
          Meta("MHz", "clock of the unit")
              .above(0.0)
              .at_most(1e6)
              .assumed("a digest of the paper says 200 MHz; not found in the paper itself"));
  v.section("design", design, "the reducer");
  v.section("modulus", modulus, "M, exactly n bits");
  v.section("workload", workload, "operands and how they come");
  v.section("fidelity", fidelity, "how much is evaluated");
  v.section("host", host, "the memory-mapped port");
  v.section("cost", cost, "how area and frequency are worked out");
}

namespace {

std::string forms_with(const char* parameter) {
  std::string list;
  for (Form form : forms()) {
    if (has_parameter(form, parameter)) list += (list.empty() ? "" : " or ") + std::string(form_word(form));
  }
  return list;
}

// Settings that the chosen form does not have must be left alone.
void check_unused(const Settings& s, const Resolved& resolved, Diagnostics& diagnostics) {
  const std::string word = form_word(s.design.form);
  const auto refuse = [&](const std::string& key, const char* parameter) {
    const std::string path = "design." + key;
    const Resolved::Entry* entry = resolved.find(path);
    if (entry == nullptr || entry->provenance != sim::config::Provenance::user) return;
    diagnostics.error(
        resolved.mark(path),
        path + ": form " + word + " has no such parameter; remove it, or use form " + forms_with(parameter));
  };
  for (const char* key : {"w", "m", "p", "e", "r", "rho", "segment", "t", "u", "eager"}) {
    if (!has_parameter(s.design.form, key)) refuse(key, key);
  }
  if (has_multiplier(s.design.form)) return;
  for (const char* key : {"digit", "karatsuba", "registers"})
    refuse(std::string("multiplier.") + key, "multiplier");
}

// What value: lazy cannot do.
void check_lazy(const Settings& s, const Resolved& resolved, Diagnostics& diagnostics) {
  if (s.fidelity.value != ValueFidelity::lazy || s.design.form != Form::template_literal) return;
  diagnostics.error(resolved.mark("fidelity.value"),
                    "fidelity.value: lazy takes results from GMP, which does not make the errors of form "
                    "template_literal; use register_true, or form template");
}

void check_design(const Settings& s, const Resolved& resolved, Diagnostics& diagnostics) {
  const Design d = s.design.resolved();
  const bool lazy = s.fidelity.value == ValueFidelity::lazy;
  const std::vector<Violation> broken =
      violations(d, lazy ? ~std::uint64_t{0} : std::uint64_t{s.design.table_limit_mib} << 20);
  for (const Violation& violation : broken) {
    diagnostics.error(resolved.mark("design." + violation.field),
                      "design." + violation.field + ": " + violation.message);
  }
  if (s.replay && s.replay->program->modulus().bits() != d.n) return;  // load_trace() said so
  const bool by_hex = !s.modulus.hex.empty();
  if (by_hex && s.modulus.kind != ModulusSettings{}.kind) {
    diagnostics.error(resolved.mark("modulus.kind"), "modulus.kind: hex is given too; keep one of the two");
  }
  try {
    for (const Modulus& made : s.moduli()) {
      const std::string why = broken.empty() ? refusal(d, made.value()) : "";
      if (!why.empty()) throw sim::Error(sim::Exit::usage, "modulus " + made.name() + " " + why);
    }
  } catch (const sim::Error& e) {
    const std::string path = s.replay ? "workload.trace" : by_hex ? "modulus.hex" : "modulus.kind";
    diagnostics.error(resolved.mark(path), path + ": " + e.what());
  }
}

// What only one of the two ways into the unit has.
void check_port(const Settings& s, const Resolved& resolved, Diagnostics& diagnostics) {
  const WorkloadSettings& w = s.workload;
  w.input_stall.check("workload.input_stall", resolved, diagnostics);
  w.output_stall.check("workload.output_stall", resolved, diagnostics);
  const bool stalls = w.input_stall.kind != StallKind::none || w.output_stall.kind != StallKind::none;
  if (w.port == Port::socket && stalls) {
    diagnostics.error(resolved.mark("workload.port"),
                      "workload.port: stall patterns belong to port stream; remove them or use port stream");
  }
  if (w.is_program() && (w.port == Port::socket || stalls)) {
    diagnostics.error(
        resolved.mark("workload.source"),
        "workload.source: a chain feeds the lanes itself; remove the stall patterns, use port stream");
  }
  const std::uint64_t fifo =
      std::uint64_t{std::min(s.host.operand_fifo, s.host.result_fifo)} * s.design.lanes;
  if (w.port == Port::socket && w.socket_burst > fifo) {
    diagnostics.error(resolved.mark("workload.socket_burst"),
                      "workload.socket_burst: " + std::to_string(w.socket_burst) +
                          " is more than the host FIFOs of all lanes hold; at most " + std::to_string(fifo));
  }
  if (s.modulus.switch_every == 0) return;
  if (w.port != Port::socket) {
    diagnostics.error(resolved.mark("modulus.switch_every"),
                      "modulus.switch_every: moduli are loaded through the socket; set workload.port=socket");
  }
  if (!s.modulus.hex.empty() || (s.modulus.kind != "random" && s.modulus.kind != "rsa_like")) {
    diagnostics.error(resolved.mark("modulus.switch_every"),
                      "modulus.switch_every: the second modulus is drawn; use kind random or rsa_like");
  }
}

void check_operands(const Settings& s, const Resolved& resolved, Diagnostics& diagnostics) {
  const WorkloadSettings& w = s.workload;
  const Resolved::Entry* count = resolved.find("workload.count");
  if (w.is_program() && count != nullptr && count->provenance == sim::config::Provenance::user) {
    diagnostics.error(resolved.mark("workload.count"),
                      "workload.count: the chain decides how many operations there are; remove it");
  }
  if (w.source != OperandKind::file) {
    if (w.count.is_auto()) {
      diagnostics.error(resolved.mark("workload.count"),
                        "workload.count: 'all' needs source: file; give a number of operands");
    }
    if (!w.file.empty()) {
      diagnostics.error(resolved.mark("workload.file"),
                        "workload.file: given, but the source is not file; set workload.source=file");
    }
  } else if (w.file.empty()) {
    diagnostics.error(resolved.mark("workload.source"), "workload.source: file needs workload.file");
  } else if (diagnostics.ok()) {
    const FileOperands file(w.file, s.design.n);
    if (w.count.value_or(0) > file.size()) {
      diagnostics.error(resolved.mark("workload.count"), "workload.count: " + std::to_string(*w.count.value) +
                                                             " operands wanted, but " + w.file + " has " +
                                                             std::to_string(file.size()) + "; use 'all'");
    }
  }
}

}  // namespace

void Settings::check(const Resolved& resolved, Diagnostics& diagnostics) const {
  check_unused(*this, resolved, diagnostics);
  check_lazy(*this, resolved, diagnostics);
  check_design(*this, resolved, diagnostics);
  check_port(*this, resolved, diagnostics);
  check_operands(*this, resolved, diagnostics);
}

ReducerConfig Settings::reducer() const {
  ReducerConfig c;
  c.design = design.resolved();
  c.lanes = design.lanes;
  c.stall = design.stall;
  c.detail = fidelity.detail;
  c.clock_mhz = clock_mhz;
  c.burst = fidelity.burst;
  c.with_socket = workload.port == Port::socket;
  c.host = host;
  c.lazy = fidelity.value == ValueFidelity::lazy;
  c.table_limit_bytes = c.lazy ? ~std::uint64_t{0} : std::uint64_t{design.table_limit_mib} << 20;
  return c;
}

std::unique_ptr<Operands> Settings::operands(const Tables& tables) const {
  switch (workload.source) {
    case OperandKind::adversarial:
      return std::make_unique<AdversarialOperands>(tables, workload.seed);
    case OperandKind::file:
      return std::make_unique<FileOperands>(workload.file, design.n);
    case OperandKind::chain:  // the platform makes those
    case OperandKind::trace:
    case OperandKind::random:
      break;
  }
  return std::make_unique<RandomOperands>(design.n, workload.seed);
}

std::uint64_t Settings::operations(const Operands& operands) const {
  return workload.is_program() ? operands.size() : workload.count.value_or(operands.size());
}

}  // namespace allmod
