// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The ring model's switch: input-queued, one virtual channel, credits both ways, an arbiter an output.
module ring_switch #(parameter PORTS = 4, CREDITS = 2, LATENCY = 1, LOG_DEPTH = 7) (
  input wire clk,
  input wire rst,
  input wire [PORTS - 1:0] in_valid,
  input wire [32 * PORTS - 1:0] in_flit,
  output wire [PORTS - 1:0] in_credit,
  output reg [PORTS - 1:0] out_valid,
  output reg [32 * PORTS - 1:0] out_flit,
  input wire [PORTS - 1:0] out_credit
);
  wire [PORTS - 1:0] head_valid, sends, tail;
  wire [32 * PORTS - 1:0] flit;
  wire [8 * PORTS - 1:0] head_to, to;
  wire [PORTS * PORTS - 1:0] grants;  // [output][input]
  reg [PORTS - 1:0] granted;
  reg [PORTS - 1:0] tails;            // by output

  genvar i, k;
  generate
    for (i = 0; i < PORTS; i = i + 1) begin : port
      switch_queue #(.LATENCY(LATENCY), .LOG_DEPTH(LOG_DEPTH)) queue (
        .clk(clk), .rst(rst), .in_valid(in_valid[i]), .in_flit(in_flit[32 * i +: 32]),
        .head_valid(head_valid[i]), .head_to(head_to[8 * i +: 8]), .grant(granted[i]),
        .out_valid(sends[i]), .out_flit(flit[32 * i +: 32]), .out_to(to[8 * i +: 8]), .out_tail(tail[i]));
      wire [PORTS - 1:0] request;
      for (k = 0; k < PORTS; k = k + 1) begin : asks
        assign request[k] = head_valid[k] && head_to[8 * k +: 8] == i;
      end
      switch_output #(.PORTS(PORTS), .CREDITS(CREDITS)) out (
        .clk(clk), .rst(rst), .request(request), .tail(tails[i]), .credit(out_credit[i]),
        .grant(grants[PORTS * i +: PORTS]));
    end
  endgenerate
  assign in_credit = tail;

  integer o, n, p;
  always @* begin
    granted = {PORTS{1'b0}};
    for (o = 0; o < PORTS; o = o + 1) granted = granted | grants[PORTS * o +: PORTS];
  end
  always @* begin  // the crossbar
    out_valid = {PORTS{1'b0}};
    out_flit = {32 * PORTS{1'b0}};
    tails = {PORTS{1'b0}};
    for (n = 0; n < PORTS; n = n + 1) begin
      for (p = 0; p < PORTS; p = p + 1) begin
        if (sends[n] && {24'b0, to[8 * n +: 8]} == p) begin
          out_valid[p] = 1'b1;
          out_flit[32 * p +: 32] = flit[32 * n +: 32];
          tails[p] = tail[n];
        end
      end
    end
  end
endmodule
