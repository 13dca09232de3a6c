// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Output of a switch: credits of the buffer at the other end, and a round-robin arbiter over the inputs: the next
// requester after the last winner, in a circle. A winner has the output until its last flit is out.
module switch_output #(parameter PORTS = 4, CREDITS = 2) (
  input wire clk,
  input wire rst,
  input wire [PORTS - 1:0] request,
  input wire tail,                 // the last flit of the packet leaves in this cycle
  input wire credit,               // a place in the buffer at the other end is free again
  output reg [PORTS - 1:0] grant   // one of `request`, for one cycle
);
  reg busy;
  reg [7:0] credits;
  reg [PORTS - 1:0] after;  // ones behind the last winner

  wire free = !busy && credits != 0;
  wire [PORTS - 1:0] behind = request & after;
  wire [PORTS - 1:0] among = behind != 0 ? behind : request;
  always @* grant = free ? among & (~among + 1'b1) : {PORTS{1'b0}};  // the lowest one

  always @(posedge clk) begin
    if (rst) begin
      busy <= 0;
      credits <= CREDITS[7:0];
      after <= {PORTS{1'b0}};
    end else begin
      if (grant != 0) begin
        busy <= !tail;
        after <= ~(grant | (grant - 1'b1));
      end else if (tail) begin
        busy <= 0;
      end
      credits <= credits + {7'b0, credit} - {7'b0, grant != 0};
    end
  end
endmodule
