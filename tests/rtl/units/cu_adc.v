// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// One crossbar with 1-bit drivers, sample-and-hold and an ADC of ADC_BITS bits. A conversion gives the ones among
// the driven rows of a column, clipped. WALK columns can be converted in a cycle.
module cu_adc #(parameter ROWS = 16, COLS = 16, LOG_COLS = 4, ADC_BITS = 3, WALK = 2, PLANE = 0) (
  input wire clk,
  input wire cell_write,
  input wire [7:0] cell_row,
  input wire [COLS - 1:0] cell_bits,
  input wire [ROWS - 1:0] driven,              // held when the columns were sampled
  input wire [WALK - 1:0] convert,
  input wire [WALK * LOG_COLS - 1:0] column,
  output reg [WALK * ADC_BITS - 1:0] code,     // one cycle later
  output reg [WALK - 1:0] clipped
);
  localparam [ADC_BITS - 1:0] MOST = {ADC_BITS{1'b1}};
  reg [COLS - 1:0] cells [0:ROWS - 1];
  always @(posedge clk) if (cell_write) cells[cell_row[$clog2(ROWS) - 1:0]] <= cell_bits;

  integer w, r;
  reg [15:0] sum;
  always @(posedge clk) begin
    for (w = 0; w < WALK; w = w + 1) begin
      sum = 16'd0;
      for (r = 0; r < ROWS; r = r + 1)
        sum = sum + {15'd0, driven[r] & cells[r][column[LOG_COLS * w +: LOG_COLS]]};
      clipped[w] <= convert[w] && sum > {{16 - ADC_BITS{1'b0}}, MOST};
      code[ADC_BITS * w +: ADC_BITS] <= !convert[w] ? {ADC_BITS{1'b0}}
                                      : sum > {{16 - ADC_BITS{1'b0}}, MOST} ? MOST : sum[ADC_BITS - 1:0];
    end
  end
endmodule
