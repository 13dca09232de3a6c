// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/rtl/rtl.h"

#include <algorithm>

#include "models/allmod/rtl/bench.h"
#include "models/allmod/rtl/forms.h"
#include "models/allmod/rtl/library.h"
#include "models/allmod/rtl/verilog.h"
#include "sim/core/error.h"

namespace allmod {

using std::to_string;

namespace {

std::string parameters(const Design& d, bool elastic) {
  std::string text = std::string("form ") + form_word(d.form) + ", n = " + to_string(d.n);
  const auto add = [&](const char* name, unsigned value) {
    if (has_parameter(d.form, name)) text += std::string(", ") + name + " = " + to_string(value);
  };
  add("w", d.w), add("m", d.m), add("p", d.p), add("e", d.e), add("r", d.r), add("rho", d.rho);
  add("segment", d.segment), add("t", d.t), add("u", d.u);
  if (has_parameter(d.form, "eager")) text += std::string(", eager = ") + (d.eager ? "true" : "false");
  return text + ", stall " + (elastic ? "elastic" : "global");
}

std::string table_text(const RtlMemory& memory, const Tables& tables) {
  const Datapath& datapath = tables.datapath();
  std::string text;
  const auto word = [&](const Limb* entry) {
    const mpz_class value = to_mpz(entry, datapath.n_limbs());
    mpz_class piece = value >> memory.low;
    mpz_fdiv_r_2exp(piece.get_mpz_t(), piece.get_mpz_t(), memory.bits);
    text += verilog::hex(piece, memory.bits) + "\n";
  };
  for (const auto& [group, words] : memory.groups)
    for (unsigned v = 0; v < words; ++v) word(tables.entry(group, v));
  if (memory.groups.empty())
    for (unsigned v = 0; v < memory.depth; ++v) word(tables.overflow(v));
  return text;
}

std::string heading(const Tables& tables, const RtlOptions& options) {
  const Datapath& datapath = tables.datapath();
  return "Y = X mod M, written by tricycle " + options.version +
         ".\nDesign: " + parameters(datapath.design(), options.elastic) + ".\nLatency " +
         to_string(datapath.latency()) + " cycles, interval " + to_string(datapath.ii()) + ".\nModulus " +
         tables.modulus().name() + ".\n";
}

std::string commented(const std::string& text) {
  std::string all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    all += verilog::comment(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

std::string module_text(const Tables& tables, const RtlOptions& options, const std::string& body) {
  const unsigned n = tables.datapath().design().n;
  const auto bits = [](unsigned count) {
    const std::string text = "[" + to_string(count - 1) + ":0]";
    return text + std::string(std::max<std::size_t>(9, text.size()) - text.size(), ' ') + " ";
  };
  std::string text = commented(heading(tables, options));
  text +=
      "//\n// Transfers happen at rising edges at which valid and ready are high. rst is synchronous and "
      "active\n"
      "// high; it forgets everything inside.\n`timescale 1ns / 1ps\n`default_nettype none\n";
  text += "module allmod_reducer (\n    input  wire " + bits(1).replace(0, 5, "     ") + "clk,\n";
  const std::string one = bits(1).replace(0, 5, "     ");
  text += "    input  wire " + one + "rst,\n    input  wire " + one + "in_valid,\n    output wire " + one +
          "in_ready,\n    input  wire " + bits(2 * n) + "in_data,\n    output wire " + one +
          "out_valid,\n    input  wire " + one + "out_ready,\n    output wire " + bits(n) + "out_data\n);\n";
  text += "  localparam [" + to_string(n - 1) + ":0] MODULUS =\n      " +
          verilog::constant(n, tables.modulus().value()) + ";\n\n";
  return text + body + "endmodule\n";
}

}  // namespace

bool rtl_in_bram(std::uint64_t depth, std::uint64_t width, const RtlOptions& options) {
  return rom(depth, width, options.rom, options.device).in_bram;
}

std::string memory_instance(const RtlMemory& memory, bool block, const std::string& address,
                            const std::string& data, const std::string&) {
  return std::string("  allmod_rom_") + (block ? "block" : "logic") + " #(.FILE(\"tables/" + memory.name +
         ".hex\"), .WIDTH(" + to_string(memory.bits) + "), .ADDRESS_BITS(" + to_string(memory.address_bits) +
         "), .DEPTH(" + to_string(memory.depth) + "))\n      rom_" + memory.name + " (.address(" + address +
         "), .data(" + data + "));\n";
}

std::string rtl_refusal(const Design& design) {
  if (has_multiplier(design.form))
    return std::string("design.form: ") + form_word(design.form) +
           " has multipliers, which are not written as RTL; use form pipelined, serial, iterative, template "
           "or "
           "template_literal";
  return {};
}

std::vector<RtlFile> rtl_files(const Tables& tables, const RtlOptions& options) {
  const Datapath& datapath = tables.datapath();
  const Design& design = datapath.design();
  if (const std::string why = rtl_refusal(design); !why.empty()) throw sim::Error(sim::Exit::usage, why);
  RtlBody body;
  if (design.form == Form::pipelined)
    body = rtl_pipelined(datapath, tables.modulus(), options);
  else if (is_template(design.form))
    body = rtl_template(datapath, tables.modulus(), options);
  else
    body = rtl_serial(datapath, tables.modulus(), options);

  std::vector<RtlFile> files;
  const auto add_module = [&files](const char* name, const std::string& text) {
    files.push_back({"rtl/" + std::string(name) + ".v",
                     "`timescale 1ns / 1ps\n`default_nettype none\n" + text + "`default_nettype wire\n"});
  };
  const auto uses = [&](const char* name) {
    return body.text.find("  " + std::string(name) + " ") != std::string::npos;
  };
  files.push_back(
      {"rtl/allmod_reducer.v", module_text(tables, options, body.text) + "`default_nettype wire\n"});
  if (uses("allmod_fifo2")) add_module("allmod_fifo2", fifo2_module());
  if (uses("allmod_fifo2_control")) add_module("allmod_fifo2_control", fifo2_control_module());
  if (uses("allmod_fifo2_open")) add_module("allmod_fifo2_open", fifo2_module(true));
  if (uses("allmod_register")) add_module("allmod_register", register_module());
  if (uses("allmod_waiting")) add_module("allmod_waiting", waiting_module());
  if (uses("allmod_rom_logic")) add_module("allmod_rom_logic", rom_module(false));
  if (uses("allmod_rom_block")) add_module("allmod_rom_block", rom_module(true));
  files.push_back({"allmod_bench.v", rtl_bench(datapath, options)});
  files.push_back({"Makefile", rtl_makefile()});
  files.push_back({"README.md", rtl_readme(datapath, options, heading(tables, options), body.memories)});
  files.push_back({"resources.txt", rtl_resources(datapath, options, heading(tables, options))});
  files.push_back({"resources.json", rtl_resources_json(datapath, options)});
  for (const RtlMemory& memory : body.memories)
    files.push_back({"tables/" + memory.name + ".hex", table_text(memory, tables)});
  add_vectors(tables, options, files);
  return files;
}

}  // namespace allmod
