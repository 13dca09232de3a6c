// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A compute unit with the pins of tests/rtl/shim.cpp; the places of its signals are those of lockstep_cu.cpp.
module sme_cu_bench #(parameter ROWS = 16, COLS = 16, LOG_COLS = 4, PLANES = 8, ADC_BITS = 3, ADC_NUM = 6,
                      ADC_DEN = 5, WALK = 2, READ = 10, BEAT = 4) (
  input wire clk,
  input wire rst,
  input wire in_valid,
  input wire [64 + 8 * BEAT + COLS + 2 * ROWS - 1:0] in_data,
  input wire out_ready,
  output wire in_ready,
  output wire out_valid,
  output wire [40 + 32 * COLS - 1:0] out_data
);
  sme_cu #(.ROWS(ROWS), .COLS(COLS), .LOG_COLS(LOG_COLS), .PLANES(PLANES), .ADC_BITS(ADC_BITS), .ADC_NUM(ADC_NUM),
           .ADC_DEN(ADC_DEN), .WALK(WALK), .READ(READ), .BEAT(BEAT)) dut (
    .clk(clk), .rst(rst),
    .cell_write(in_data[0]), .cell_plane(in_data[23:16]), .cell_row(in_data[31:24]),
    .cell_bits(in_data[64 + 8 * BEAT +: COLS]),
    .rcmr_write(in_data[1]), .rcmr(in_data[64 + 8 * BEAT + COLS +: 2 * ROWS]),
    .squeezed(in_data[2]), .columns(in_data[39:32]),
    .job(in_data[3]), .more_jobs(in_data[4]), .job_planes(in_data[43:40]), .job_cycles(in_data[47:44]),
    .job_signed(in_data[5]),
    .input_request(in_ready), .input_grant(in_data[6]), .beat(in_data[7]), .last_beat(in_data[8]),
    .beat_number(in_data[55:48]), .beat_bytes(in_data[64 +: 8 * BEAT]),
    .result_request(out_valid), .result_grant(in_data[9]), .result_taken(in_data[10]),
    .result(out_data[40 +: 32 * COLS]), .result_clips(out_data[35:20]),
    .began(out_data[0]), .finished(out_data[1]), .finished_adc_cycles(out_data[19:4]));
  assign out_data[3:2] = 2'b0;
  assign out_data[39:36] = 4'b0;
  wire unused = in_valid || out_ready;
endmodule
