// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The network port of a GPU: it sends one packet at a time to the switch when the link is idle and there is a
// credit, and takes in what comes. `left` and `arrived` are high in the cycle behind that of the last flit.
module gpu_port #(parameter CREDITS = 2) (
  input wire clk,
  input wire rst,
  input wire send,                // with the head flit, not while a packet waits or is being sent
  input wire [31:0] send_flit,
  output reg left,
  output reg [15:0] left_number,
  output reg arrived,
  output reg [15:0] arrived_number,
  output reg broken,              // flits came that are no packet, until reset
  output wire out_valid,
  output wire [31:0] out_flit,
  input wire out_credit,
  input wire in_valid,
  input wire [31:0] in_flit,
  output wire in_credit
);
  // To the switch.
  reg waiting, sending;
  reg [31:0] head;
  reg [7:0] sent, credits;
  wire [31:0] next = waiting ? head : send_flit;
  wire go = (waiting || send) && !sending && credits != 0;
  wire last = sending ? sent + 8'd1 == head[15:8] : go && next[15:8] == 8'd1;
  assign out_valid = go || sending;
  assign out_flit = sending ? {head[31:16], sent, head[7:0]} : next;
  always @(posedge clk) begin
    left <= !rst && last;
    left_number <= sending ? head[31:16] : next[31:16];
    if (rst) begin
      waiting <= 0;
      sending <= 0;
      head <= 0;
      sent <= 0;
      credits <= CREDITS[7:0];
    end else begin
      if (send) head <= send_flit;
      waiting <= (waiting || send) && !go;
      sending <= (go || sending) && !last;
      sent <= go ? 8'd1 : sent + 8'd1;
      credits <= credits + {7'b0, out_credit} - {7'b0, go};
    end
  end

  // From the switch: number and destination are the same in all flits of a packet, body flits count up.
  reg open;
  reg [31:0] first;
  reg [7:0] got;
  wire ends = in_valid && (open ? got + 8'd1 == first[15:8] : in_flit[15:8] == 8'd1);
  assign in_credit = ends;
  always @(posedge clk) begin
    arrived <= !rst && ends;
    arrived_number <= in_flit[31:16];
    if (rst) begin
      open <= 0;
      first <= 0;
      got <= 0;
      broken <= 0;
    end else if (in_valid) begin
      open <= !ends;
      got <= open ? got + 8'd1 : 8'd1;
      if (!open) first <= in_flit;
      if (open && (in_flit[31:16] != first[31:16] || in_flit[15:8] != got || in_flit[7:0] != first[7:0])) broken <= 1;
    end else if (open) begin
      broken <= 1;  // a packet has no gaps
    end
  end
endmodule
