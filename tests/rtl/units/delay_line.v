// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// CYCLES registers one behind the other; 0: a wire.
module delay_line #(parameter CYCLES = 1, WIDTH = 1) (
  input wire clk,
  input wire rst,
  input wire [WIDTH - 1:0] in,
  output wire [WIDTH - 1:0] out
);
  generate
    if (CYCLES == 0) begin : none
      assign out = in;
    end else begin : some
      reg [CYCLES * WIDTH - 1:0] stages;
      assign out = stages[CYCLES * WIDTH - 1 -: WIDTH];
      if (CYCLES == 1) begin : one
        always @(posedge clk) stages <= rst ? {WIDTH{1'b0}} : in;
      end else begin : more
        always @(posedge clk)
          stages <= rst ? {CYCLES * WIDTH{1'b0}} : {stages[(CYCLES - 1) * WIDTH - 1:0], in};
      end
    end
  endgenerate
endmodule
