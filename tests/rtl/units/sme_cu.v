// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Digital periphery of an SME compute unit: PLANES crossbars (one bit plane each, the most significant one first),
// bit-serial inputs with RCMR, an ADC a crossbar that walks the columns at ADC_NUM / ADC_DEN conversions a cycle,
// plane shifters, the accumulator over the crossbars, shift-and-add over the input bits, two input and two output
// registers. Rows are driven for the next bit while the ADCs convert this one.
module sme_cu #(parameter ROWS = 16, COLS = 16, LOG_COLS = 4, PLANES = 8, ADC_BITS = 3, ADC_NUM = 6, ADC_DEN = 5,
                WALK = 2, READ = 10, BEAT = 4) (
  input wire clk,
  input wire rst,
  // Programming, while nothing is under way.
  input wire cell_write,
  input wire [7:0] cell_plane,
  input wire [7:0] cell_row,
  input wire [COLS - 1:0] cell_bits,
  input wire rcmr_write,
  input wire [2 * ROWS - 1:0] rcmr,
  input wire squeezed,
  input wire [7:0] columns,
  // Jobs whose inputs are in the bank's buffer: the next one, and whether there is one behind it.
  input wire job,
  input wire more_jobs,
  input wire [3:0] job_planes,
  input wire [3:0] job_cycles,     // input bits and what squeezing adds
  input wire job_signed,
  // The bank's bus, for inputs: request, grant, beats; the last one makes the vector complete.
  output reg input_request,
  input wire input_grant,
  input wire beat,
  input wire last_beat,
  input wire [7:0] beat_number,
  input wire [8 * BEAT - 1:0] beat_bytes,
  // For results: request, grant, and the register is free again after the last beat.
  output reg result_request,
  input wire result_grant,
  input wire result_taken,
  output wire [32 * COLS - 1:0] result,
  output wire [15:0] result_clips,
  // For whoever watches: rows of a job driven first, a result complete, cycles its ADCs converted.
  output reg began,
  output reg finished,
  output reg [15:0] finished_adc_cycles
);
  // Jobs by input register.
  reg [1:0] registers_free, outputs_free, results;
  // Granted next, being filled, of the job to begin next, being driven.
  reg grant_register, load_register, next_register, read_register;
  reg [1:0] arrived;
  reg [3:0] planes [0:1];
  reg [3:0] cycles [0:1];
  reg signs [0:1];

  // The job being driven.
  reg driving;
  reg [7:0] reading;
  reg [3:0] bits_left, cycle;
  // The bit being converted.
  reg [7:0] to_convert;
  reg [15:0] credit;
  reg [7:0] column;
  reg [ROWS - 1:0] held;
  reg [3:0] held_cycle, held_planes;
  reg held_last, held_negative;
  reg held_slot, drive_slot;
  reg [15:0] adc_cycles, drive_adc_cycles;

  wire [ROWS - 1:0] bits;
  cu_inputs #(.ROWS(ROWS), .BEAT(BEAT)) inputs (
    .clk(clk), .rst(rst), .rcmr_write(rcmr_write), .rcmr(rcmr), .beat(beat), .beat_bytes(beat_bytes),
    .beat_number(beat_number), .beat_register(load_register), .read_register(read_register), .cycle(cycle),
    .is_signed(signs[read_register]), .bits(bits));

  // ADC: which columns are converted in this cycle.
  reg [WALK - 1:0] convert;
  reg [WALK * LOG_COLS - 1:0] convert_column;
  reg [7:0] to_convert_next, column_next;
  reg [15:0] credit_next;
  integer w;
  always @* begin
    to_convert_next = to_convert;
    column_next = column;
    credit_next = to_convert != 0 ? credit + ADC_NUM[15:0] : credit;
    convert = {WALK{1'b0}};
    convert_column = {WALK * LOG_COLS{1'b0}};
    for (w = 0; w < WALK; w = w + 1) begin
      if (to_convert_next != 0 && credit_next >= ADC_DEN[15:0]) begin
        credit_next = credit_next - ADC_DEN[15:0];
        convert[w] = 1'b1;
        convert_column[LOG_COLS * w +: LOG_COLS] = column_next[LOG_COLS - 1:0];
        column_next = column_next + 8'd1;
        to_convert_next = to_convert_next - 8'd1;
      end
    end
  end
  wire bit_converted = to_convert != 0 && to_convert_next == 0;

  // What happens at this edge, in the order of the data.
  wire [7:0] reading_next = reading != 0 ? reading - 8'd1 : 8'd0;
  wire sample = bits_left != 0 && driving && reading_next == 0 && to_convert_next == 0;
  wire last_sample = sample && bits_left == 4'd1;
  wire [1:0] outputs_now = outputs_free + {1'b0, result_taken};
  // A squeezed tile's inputs are converted in the cycle behind their last beat.
  wire head_ready = arrived[next_register] || (beat && last_beat && load_register == next_register && !squeezed);
  wire begin_job = (bits_left == 0 || last_sample) && head_ready && outputs_now != 0;

  integer w1;
  always @(posedge clk) begin
    began <= !rst && begin_job;
    if (rst) begin
      registers_free <= 2'd2;
      outputs_free <= 2'd2;
      {grant_register, load_register, next_register, read_register} <= 4'b0;
      arrived <= 0;
      driving <= 0;
      reading <= 0;
      bits_left <= 0;
      cycle <= 0;
      to_convert <= 0;
      credit <= 0;
      column <= 0;
      {held_slot, drive_slot, held_last, held_negative} <= 0;
      {held_cycle, held_planes} <= 0;
      held <= 0;
      adc_cycles <= 0;
      drive_adc_cycles <= 0;
      input_request <= 0;
    end else begin
      // Input registers and the bus.
      registers_free <= registers_free - {1'b0, input_grant} + {1'b0, last_sample};
      input_request <= input_grant ? more_jobs && registers_free > 2'd1
                                   : input_request || (job && registers_free != 0);
      if (input_grant) begin
        grant_register <= !grant_register;
        planes[grant_register] <= job_planes;
        cycles[grant_register] <= job_cycles;
        signs[grant_register] <= job_signed;
      end
      if (beat && last_beat) load_register <= !load_register;
      for (w1 = 0; w1 < 2; w1 = w1 + 1)
        arrived[w1] <= (arrived[w1] || (beat && last_beat && load_register == w1[0])) &&
                       !(begin_job && next_register == w1[0]);
      // Rows.
      outputs_free <= outputs_now - {1'b0, begin_job};
      if (begin_job) begin
        next_register <= !next_register;
        bits_left <= cycles[next_register];
        cycle <= 0;
        driving <= 1'b1;
        reading <= READ[7:0];
        drive_slot <= !drive_slot;
        read_register <= next_register;
      end else begin
        reading <= sample && !last_sample ? READ[7:0] : reading_next;
        if (sample) begin
          bits_left <= bits_left - 4'd1;
          cycle <= cycle + 4'd1;
          driving <= !last_sample;
        end
      end
      // Sample-and-hold and ADCs.
      if (to_convert != 0) adc_cycles <= adc_cycles + 16'd1;
      if (sample) begin
        to_convert <= columns;
        credit <= 0;
        column <= 0;
        held <= bits;
        held_cycle <= cycle;
        held_planes <= planes[read_register];
        held_last <= last_sample;
        held_negative <= last_sample && signs[read_register];
        held_slot <= drive_slot;
        if (cycle == 0) adc_cycles <= 0;
      end else begin
        to_convert <= to_convert_next;
        credit <= credit_next;
        column <= column_next;
      end
    end
  end

  // Stage 1: codes, one ADC a crossbar.
  wire [PLANES * WALK * ADC_BITS - 1:0] codes;
  wire [PLANES * WALK - 1:0] clips;
  genvar p;
  generate
    for (p = 0; p < PLANES; p = p + 1) begin : crossbar
      wire is_driven = held_planes > p;
      cu_adc #(.ROWS(ROWS), .COLS(COLS), .LOG_COLS(LOG_COLS), .ADC_BITS(ADC_BITS), .WALK(WALK)) adc (
        .clk(clk), .cell_write(cell_write && cell_plane == p), .cell_row(cell_row), .cell_bits(cell_bits),
        .driven(held), .convert(is_driven ? convert : {WALK{1'b0}}), .column(convert_column),
        .code(codes[p * WALK * ADC_BITS +: WALK * ADC_BITS]), .clipped(clips[p * WALK +: WALK]));
    end
  endgenerate

  // Stages 2 to 5: plane shifters, accumulator, shift-and-add, output register; what goes with the columns.
  reg [3:0] s1_planes, s1_cycle, s2_cycle, s3_cycle;
  reg s1_last, s2_last, s3_last, s4_last;     // the last column of the last bit
  reg s1_negative, s2_negative, s3_negative;
  reg s1_slot, s2_slot, s3_slot, s4_slot;
  reg [WALK - 1:0] s1_valid, s2_valid, s3_valid;
  reg [WALK * LOG_COLS - 1:0] s1_column, s2_column, s3_column;
  reg [15:0] s1_adc, s2_adc, s3_adc, s4_adc, s2_clips, s3_clips;
  reg [PLANES * WALK * 16 - 1:0] shifted;
  reg [WALK * 20 - 1:0] accumulated;
  reg [32 * COLS - 1:0] sums;
  reg [15:0] sum_clips;
  reg [32 * COLS - 1:0] out_sums [0:1];
  reg [15:0] out_clips [0:1];
  reg out_read;

  integer i, k;
  reg [15:0] clip_count;
  reg [19:0] plane_sum;
  reg [31:0] term;
  always @(posedge clk) begin
    if (rst) begin
      {s1_last, s2_last, s3_last, s4_last} <= 4'b0;
      {s1_valid, s2_valid, s3_valid} <= 0;
      {s1_negative, s2_negative, s3_negative} <= 0;
      finished <= 0;
      results <= 0;
      out_read <= 1;  // the first job's slot
      result_request <= 0;
    end else begin
      s1_planes <= held_planes;
      s1_cycle <= held_cycle;
      s1_negative <= held_negative;
      s1_slot <= held_slot;
      s1_valid <= convert;
      s1_column <= convert_column;
      s1_last <= held_last && bit_converted;
      s1_adc <= adc_cycles + 16'd1;
      // Plane shifters.
      clip_count = 16'd0;
      for (i = 0; i < PLANES; i = i + 1)
        for (k = 0; k < WALK; k = k + 1) begin
          shifted[16 * (WALK * i + k) +: 16] <= i < {28'd0, s1_planes} ?
              {{16 - ADC_BITS{1'b0}}, codes[ADC_BITS * (WALK * i + k) +: ADC_BITS]} << (s1_planes - 4'd1 - i[3:0]) : 16'd0;
          clip_count = clip_count + {15'd0, clips[WALK * i + k]};
        end
      {s2_cycle, s2_negative, s2_slot, s2_valid, s2_column, s2_last, s2_adc} <=
          {s1_cycle, s1_negative, s1_slot, s1_valid, s1_column, s1_last, s1_adc};
      s2_clips <= clip_count;
      // Accumulator.
      for (k = 0; k < WALK; k = k + 1) begin
        plane_sum = 20'd0;
        for (i = 0; i < PLANES; i = i + 1) plane_sum = plane_sum + {4'd0, shifted[16 * (WALK * i + k) +: 16]};
        accumulated[20 * k +: 20] <= plane_sum;
      end
      {s3_cycle, s3_negative, s3_slot, s3_valid, s3_column, s3_last, s3_adc, s3_clips} <=
          {s2_cycle, s2_negative, s2_slot, s2_valid, s2_column, s2_last, s2_adc, s2_clips};
      // Shift-and-add.
      for (k = 0; k < WALK; k = k + 1) begin
        if (s3_valid[k]) begin
          term = {12'd0, accumulated[20 * k +: 20]} << s3_cycle;
          sums[32 * s3_column[LOG_COLS * k +: LOG_COLS] +: 32] <=
              (s3_cycle == 0 ? 32'd0 : sums[32 * s3_column[LOG_COLS * k +: LOG_COLS] +: 32]) +
              (s3_negative ? ~term + 32'd1 : term);
        end
      end
      if (s3_valid[0])
        sum_clips <= (s3_cycle == 0 && s3_column[LOG_COLS - 1:0] == 0 ? 16'd0 : sum_clips) + s3_clips;
      s4_last <= s3_last;
      s4_slot <= s3_slot;
      s4_adc <= s3_adc;
      // Output register.
      finished <= s4_last;
      finished_adc_cycles <= s4_adc;
      if (s4_last) begin
        out_sums[s4_slot] <= sums;
        out_clips[s4_slot] <= sum_clips;
      end
      results <= results + {1'b0, s4_last} - {1'b0, result_grant};
      if (result_grant) out_read <= !out_read;
      result_request <= result_grant ? results > 2'd1 : result_request || results != 0;
    end
  end
  assign result = out_sums[out_read];
  assign result_clips = out_clips[out_read];
endmodule
