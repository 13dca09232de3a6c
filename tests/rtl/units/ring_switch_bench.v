// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A switch, a GPU at each port, and links of WIRE cycles between them; with the pins of tests/rtl/shim.cpp.
// in_data: for each port {send, flit[31:0]}. out_data: for each port {left, arrived, broken, numbers of the
// packets that left[15:0] and arrived[15:0]}.
module ring_switch_bench #(parameter PORTS = 4, CREDITS = 2, LATENCY = 1, WIRE = 1, LOG_DEPTH = 7) (
  input wire clk,
  input wire rst,
  input wire in_valid,
  input wire [33 * PORTS - 1:0] in_data,
  input wire out_ready,
  output wire in_ready,
  output wire out_valid,
  output wire [35 * PORTS - 1:0] out_data
);
  wire [PORTS - 1:0] to_valid, from_valid, to_credit, from_credit;  // at the switch
  wire [32 * PORTS - 1:0] to_flit, from_flit;
  ring_switch #(.PORTS(PORTS), .CREDITS(CREDITS), .LATENCY(LATENCY), .LOG_DEPTH(LOG_DEPTH)) dut (
    .clk(clk), .rst(rst), .in_valid(to_valid), .in_flit(to_flit), .in_credit(to_credit),
    .out_valid(from_valid), .out_flit(from_flit), .out_credit(from_credit));

  genvar i;
  generate
    for (i = 0; i < PORTS; i = i + 1) begin : gpu
      wire up, up_credit, down, down_credit;  // at the GPU
      wire [31:0] up_flit, down_flit;
      gpu_port #(.CREDITS(CREDITS)) node (
        .clk(clk), .rst(rst), .send(in_valid && in_data[33 * i + 32]), .send_flit(in_data[33 * i +: 32]),
        .left(out_data[35 * i + 34]), .arrived(out_data[35 * i + 33]), .broken(out_data[35 * i + 32]),
        .left_number(out_data[35 * i + 16 +: 16]), .arrived_number(out_data[35 * i +: 16]),
        .out_valid(up), .out_flit(up_flit), .out_credit(up_credit),
        .in_valid(down), .in_flit(down_flit), .in_credit(down_credit));
      delay_line #(.CYCLES(WIRE), .WIDTH(33)) up_link (
        .clk(clk), .rst(rst), .in({up, up_flit}), .out({to_valid[i], to_flit[32 * i +: 32]}));
      delay_line #(.CYCLES(WIRE), .WIDTH(33)) down_link (
        .clk(clk), .rst(rst), .in({from_valid[i], from_flit[32 * i +: 32]}), .out({down, down_flit}));
      delay_line #(.CYCLES(WIRE), .WIDTH(1)) up_back (.clk(clk), .rst(rst), .in(to_credit[i]), .out(up_credit));
      delay_line #(.CYCLES(WIRE), .WIDTH(1)) down_back (.clk(clk), .rst(rst), .in(down_credit), .out(from_credit[i]));
    end
  endgenerate
  assign in_ready = 1'b1;
  assign out_valid = 1'b1;
  wire unused = out_ready;
endmodule
