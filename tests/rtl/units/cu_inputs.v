// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Input registers of a compute unit (two vectors of ROWS bytes, filled over the bank's bus beat by beat) and the row
// conversion mask register: row r of a squeezed tile takes its input times 2^shift. `bits` is what the 1-bit drivers
// put on the rows in input cycle `cycle`, least significant bit first, zeros in front and the sign (or zeros) behind.
module cu_inputs #(parameter ROWS = 16, BEAT = 4) (
  input wire clk,
  input wire rst,
  input wire rcmr_write,
  input wire [2 * ROWS - 1:0] rcmr,
  input wire beat,
  input wire [8 * BEAT - 1:0] beat_bytes,
  input wire [7:0] beat_number,
  input wire beat_register,
  input wire read_register,
  input wire [3:0] cycle,
  input wire is_signed,
  output reg [ROWS - 1:0] bits
);
  reg [8 * ROWS - 1:0] vector [0:1];
  reg [2 * ROWS - 1:0] shift;
  integer b;
  always @(posedge clk) begin
    if (rst) shift <= {2 * ROWS{1'b0}};
    else if (rcmr_write) shift <= rcmr;
    if (beat) begin
      for (b = 0; b < ROWS / BEAT; b = b + 1)
        if (beat_number == b[7:0]) vector[beat_register][8 * BEAT * b +: 8 * BEAT] <= beat_bytes;
    end
  end

  integer r;
  reg [7:0] value;
  reg [3:0] place;
  always @* begin
    for (r = 0; r < ROWS; r = r + 1) begin
      value = vector[read_register][8 * r +: 8];
      place = cycle - {2'b0, shift[2 * r +: 2]};
      if (cycle < {2'b0, shift[2 * r +: 2]}) bits[r] = 1'b0;
      else if (place < 4'd8) bits[r] = value[place[2:0]];
      else bits[r] = is_signed && value[7];
    end
  end
endmodule
