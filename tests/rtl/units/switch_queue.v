// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Input of a switch: the latency from the head of a packet in to its head out when nothing waits (LATENCY >= 1,
// the write of the queue included), and a first-in-first-out queue. One packet at a time leaves it, a flit a
// cycle, from the cycle of its grant on (cut-through: it may still be coming in). The credit of its place goes
// back with its last flit.
//
// A flit: [31:16] number, [15:8] flits of the packet (head) or of which this is the how manyth, [7:0] destination.
module switch_queue #(parameter LATENCY = 1, LOG_DEPTH = 7) (
  input wire clk,
  input wire rst,
  input wire in_valid,
  input wire [31:0] in_flit,
  output wire head_valid,       // a packet's head can be granted an output
  output wire [7:0] head_to,
  input wire grant,
  output wire out_valid,
  output wire [31:0] out_flit,
  output wire [7:0] out_to,
  output wire out_tail          // and the place is free: a credit
);
  // The pipeline in front of the queue.
  wire late_valid;
  wire [31:0] late_flit;
  delay_line #(.CYCLES(LATENCY - 1), .WIDTH(33)) pipeline (
    .clk(clk), .rst(rst), .in({in_valid, in_flit}), .out({late_valid, late_flit}));

  reg [31:0] flits [0:(1 << LOG_DEPTH) - 1];
  reg [LOG_DEPTH - 1:0] rd, wr;
  reg [LOG_DEPTH:0] count;
  reg sending;
  reg [7:0] left;  // flits of the packet that is being sent
  reg [7:0] to;

  wire [31:0] front = flits[rd];
  assign head_valid = count != 0 && !sending;
  assign head_to = front[7:0];
  assign out_valid = grant || sending;
  assign out_flit = front;
  assign out_to = sending ? to : head_to;
  assign out_tail = sending ? left == 8'd1 : grant && front[15:8] == 8'd1;

  always @(posedge clk) begin
    if (late_valid) flits[wr] <= late_flit;
    if (rst) begin
      rd <= 0;
      wr <= 0;
      count <= 0;
      sending <= 0;
      left <= 0;
      to <= 0;
    end else begin
      if (late_valid) wr <= wr + 1'b1;
      if (out_valid) rd <= rd + 1'b1;
      count <= count + {{LOG_DEPTH{1'b0}}, late_valid} - {{LOG_DEPTH{1'b0}}, out_valid};
      if (grant) begin
        sending <= front[15:8] != 8'd1;
        left <= front[15:8] - 8'd1;
        to <= front[7:0];
      end else if (sending) begin
        left <= left - 8'd1;
        sending <= left != 8'd1;
      end
    end
  end
endmodule
