// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The modules that every design uses.
#include "models/allmod/rtl/library.h"

namespace allmod {

std::string fifo2_module(bool open) {
  std::string text = R"(
// A registered FIFO of two entries: valid and ready both come from registers, and one word a cycle passes.
// The newer word is in `newest`; `oldest` is used only while there are two.
module allmod_fifo2 #(
    parameter WIDTH = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    output wire             in_ready,
    input  wire [WIDTH-1:0] in_data,
    output wire             out_valid,
    input  wire             out_ready,
    output wire [WIDTH-1:0] out_data
);
  reg one, two;  // at least one word; two words
  reg [WIDTH-1:0] newest, oldest;

  wire push = in_valid & ~two;
  wire pop = one & out_ready;

  assign in_ready = ~two;
  assign out_valid = one;
  assign out_data = two ? oldest : newest;

  always @(posedge clk) begin
    if (rst) begin
      one <= 1'b0;
      two <= 1'b0;
    end else begin
      one <= push | two | (one & ~pop);
      two <= (two & ~pop) | (push & one & ~pop);
    end
    if (push) newest <= in_data;
    if (push & one & ~pop) oldest <= newest;
  end
endmodule
)";
  if (!open) return text;
  const auto put = [&text](const std::string& what, const std::string& with) {
    text.replace(text.find(what), what.size(), with);
  };
  put("// A registered FIFO", "// The same, with a view of the word behind the first.\n// A registered FIFO");
  put("module allmod_fifo2 ", "module allmod_fifo2_open ");
  put("out_data\n);",
      "out_data,\n    output wire [WIDTH-1:0] newest_data,\n    output wire             holds_two\n);");
  put("  assign in_ready", "  assign newest_data = newest;\n  assign holds_two = two;\n  assign in_ready");
  return text;
}

std::string fifo2_control_module() {
  return R"(
// Control of a registered FIFO of two entries: valid and ready both come from registers, and one word a cycle
// passes. The data registers are where it is used: `newest` takes the input at `push`, `oldest` takes `newest`
// at `save`; while there are `two`, `oldest` is the output, else `newest`.
module allmod_fifo2_control (
    input  wire clk,
    input  wire rst,
    input  wire in_valid,
    output wire in_ready,
    output wire out_valid,
    input  wire out_ready,
    output wire push,
    output wire save,
    output reg  two
);
  reg one;  // at least one word
  wire pop = one & out_ready;

  assign push = in_valid & ~two;
  assign save = push & one & ~pop;
  assign in_ready = ~two;
  assign out_valid = one;

  always @(posedge clk) begin
    if (rst) begin
      one <= 1'b0;
      two <= 1'b0;
    end else begin
      one <= push | two | (one & ~pop);
      two <= (two & ~pop) | save;
    end
  end
endmodule
)";
}

std::string register_module() {
  return R"(
// A pipeline register with a valid bit: takes its input in every cycle in which `enable` is high.
module allmod_register #(
    parameter WIDTH = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             enable,
    input  wire             in_valid,
    input  wire [WIDTH-1:0] in_data,
    output reg              out_valid,
    output reg  [WIDTH-1:0] out_data
);
  always @(posedge clk) begin
    if (rst) out_valid <= 1'b0;
    else if (enable) out_valid <= in_valid;
    if (enable) out_data <= in_data;
  end
endmodule
)";
}

std::string waiting_module() {
  return R"(
// The operand that a stage starts on: a waiting one if there is one, else the one in front of it. A stage that
// works for several cycles so has room for two operands, the one it works on and the one that waits here.
module allmod_waiting #(
    parameter WIDTH = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    output wire             in_ready,
    input  wire [WIDTH-1:0] in_data,
    output wire             source_valid,
    output wire [WIDTH-1:0] source_data,
    output wire             waits,  // it comes from here, not from in_data
    input  wire             start   // the stage takes it in this cycle
);
  reg full;
  reg [WIDTH-1:0] word;

  assign waits = full;
  assign in_ready = ~full;
  assign source_valid = full | in_valid;
  assign source_data = full ? word : in_data;

  always @(posedge clk) begin
    if (rst) full <= 1'b0;
    else full <= source_valid & ~start;
    if (in_valid & ~full) word <= in_data;
  end
endmodule
)";
}

std::string rom_module(bool block) {
  const std::string name = block ? "allmod_rom_block" : "allmod_rom_logic";
  return std::string("\n// A table, ") +
         (block ? "for block RAM: the register behind it is the memory's own.\n"
                : "for look-up tables of the logic fabric.\n") +
         "module " + name + R"( #(
    parameter FILE = "",
    parameter WIDTH = 1,
    parameter ADDRESS_BITS = 1,
    parameter DEPTH = 2
) (
    input  wire [ADDRESS_BITS-1:0] address,
    output wire [WIDTH-1:0]        data
);
  (* rom_style = ")" +
         (block ? "block" : "distributed") + R"(" *) reg [WIDTH-1:0] words[0:DEPTH-1];
  initial $readmemh(FILE, words);
  assign data = words[address];
endmodule
)";
}

}  // namespace allmod
