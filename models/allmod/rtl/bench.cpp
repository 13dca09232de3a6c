// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/rtl/bench.h"

#include <algorithm>

#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/operands.h"
#include "models/allmod/rtl/verilog.h"

namespace allmod {

using std::to_string;

std::string rtl_bench(const Datapath& datapath, unsigned vectors) {
  const std::string n = to_string(datapath.design().n), x = to_string(2 * datapath.design().n);
  std::string text =
      R"(// Self-checking bench. Three passes over the vectors: without pauses, where latency and interval must be
// exact; with pauses at random on both sides; and with a reset in the middle. Prints PASS or the first errors.
`timescale 1ns / 1ps
/* verilator lint_off BLKSEQ */  // the clock, and counting errors
module allmod_bench;
  localparam COUNT = @COUNT@;
  localparam LATENCY = @LATENCY@;    // cycles from an operand's acceptance to its result
  localparam INTERVAL = @INTERVAL@;  // cycles between two operands
  localparam PASSES = 3;
  localparam PATIENCE = 20 * (LATENCY + INTERVAL + 10);  // cycles without a result

  reg clk = 1'b0;
  always #5 clk = ~clk;

  reg [@XMAX@:0] xs[0:COUNT-1];
  reg [@YMAX@:0] ys[0:COUNT-1];
  initial begin
    $readmemh("vectors/x.hex", xs);
    $readmemh("vectors/y.hex", ys);
  end

  reg rst = 1'b1;
  reg in_valid = 1'b0, out_ready = 1'b0;
  reg [@XMAX@:0] in_data = @XBITS@'d0;
  wire in_ready, out_valid;
  wire [@YMAX@:0] out_data;
  allmod_reducer reducer (
      .clk(clk), .rst(rst),
      .in_valid(in_valid), .in_ready(in_ready), .in_data(in_data),
      .out_valid(out_valid), .out_ready(out_ready), .out_data(out_data));

  // Each `cycle` ends at a rising edge, at which the values before it count.
  integer pass = 0, cycle = 0, sent = 0, received = 0, errors = 0, quiet = 0;
  integer first_in = 0, resets = 0;
  reg [31:0] random = 32'h2545_f491;
  wire smooth = pass == 0;
  wire taken = in_valid & in_ready;
  wire given = out_valid & out_ready;
  wire [31:0] next = sent + {31'd0, taken};

  task fail(input [8*40-1:0] what);
    begin
      errors = errors + 1;
      if (errors <= 8) $display("cycle %0d, pass %0d, result %0d: %0s", cycle, pass, received, what);
    end
  endtask

  always @(posedge clk) begin
    cycle <= cycle + 1;
    random <= {random[30:0], random[31] ^ random[21] ^ random[1] ^ random[0]};
    if (rst) begin
      // Everything inside is forgotten: start again with the first operand that has no result yet.
      rst <= cycle < 3;
      in_valid <= 1'b0;
      sent <= received;
      quiet <= 0;
    end else begin
      // 1. What came out.
      if (given) begin
        if (out_data !== ys[received]) fail("wrong result");
        if (smooth && cycle != first_in + LATENCY + received * INTERVAL) fail("not in the cycle it should be");
        if (received >= sent) fail("a result without an operand");
        received <= received + 1;
        quiet <= 0;
      end else begin
        quiet <= quiet + 1;
        if (quiet > PATIENCE) begin
          fail("no result for too long");
          finish;
        end
      end
      if (^{in_ready, out_valid} === 1'bx) fail("unknown handshake");
      // 2. What goes in next.
      if (taken && sent == 0) first_in <= cycle;
      sent <= next;
      if (next < COUNT && (smooth || random[2:0] != 3'd0 || (in_valid && !taken))) begin
        in_valid <= 1'b1;
        in_data <= xs[next];
      end else begin
        in_valid <= 1'b0;
      end
      // 3. The sink, and the reset.
      out_ready <= smooth || random[9:7] > 3'd2;
      if (pass == 2 && resets < 3 && received > (resets + 1) * COUNT / 4) begin
        resets <= resets + 1;
        rst <= 1'b1;
        in_valid <= 1'b0;
      end
      // 4. The end of a pass.
      if (given && received + 1 == COUNT) begin
        if (pass + 1 == PASSES) finish;
        pass <= pass + 1;
        sent <= 0;
        received <= 0;
        in_valid <= 1'b0;
      end
    end
  end

  task finish;
    begin
      if (errors == 0) $display("PASS: %0d results in %0d cycles", PASSES * COUNT, cycle);
      else $display("FAIL: %0d errors", errors);
      $finish;
    end
  endtask
endmodule
)";
  const auto put = [&text](const std::string& key, const std::string& value) {
    for (std::size_t at; (at = text.find(key)) != std::string::npos;) text.replace(at, key.size(), value);
  };
  put("@COUNT@", to_string(vectors));
  put("@LATENCY@", to_string(datapath.latency()));
  put("@INTERVAL@", to_string(datapath.ii()));
  put("@XMAX@", to_string(2 * datapath.design().n - 1));
  put("@YMAX@", to_string(datapath.design().n - 1));
  put("@XBITS@", x);
  return text;
}

void add_vectors(const Tables& tables, const RtlOptions& options, std::vector<RtlFile>& files) {
  const Datapath& datapath = tables.datapath();
  const unsigned n = datapath.design().n;
  const AdversarialOperands operands(tables, options.seed);
  Evaluator evaluator(datapath, tables);
  std::vector<Limb> x(datapath.x_limbs()), y(datapath.n_limbs());
  // At most half of them are the special ones, taken evenly, since there are as many as bits.
  const std::uint64_t special = std::min<std::uint64_t>(operands.special(), options.vectors / 2);
  std::string xs, ys;
  for (std::uint64_t i = 0; i < options.vectors; ++i) {
    const std::uint64_t at =
        i < special ? i * operands.special() / special : operands.special() + i - special;
    operands.get(at, x.data());
    evaluator.reduce(x.data(), y.data());
    xs += verilog::hex(to_mpz(x.data(), x.size()), 2 * n) + "\n";
    ys += verilog::hex(to_mpz(y.data(), y.size()), n) + "\n";
  }
  files.push_back({"vectors/x.hex", xs});
  files.push_back({"vectors/y.hex", ys});
}

std::string rtl_makefile() {
  return R"(# make icarus      simulate with Icarus Verilog
# make verilator   simulate with Verilator (5.006 or newer)
# make lint        both linters, all warnings
# make synth       LUTs, flip-flops, block RAM and carry chains by Yosys for 7-series FPGAs
RTL = $(wildcard rtl/*.v)
BENCH = allmod_bench.v

.PHONY: all icarus verilator lint synth clean
all: lint icarus verilator

icarus:
	iverilog -g2005 -Wall -o icarus.vvp -s allmod_bench $(RTL) $(BENCH)
	vvp -n icarus.vvp | tee icarus.log
	@grep -q '^PASS' icarus.log

verilator:
	verilator --binary --timing -Wall -O3 --Mdir verilator -o bench --top-module allmod_bench \
	    $(RTL) $(BENCH)
	./verilator/bench | tee verilator.log
	@grep -q '^PASS' verilator.log

lint:
	verilator --lint-only -Wall --top-module allmod_reducer $(RTL)
	iverilog -g2005 -Wall -t null -s allmod_reducer $(RTL)

synth:
	yosys -q -l synth.log -p 'read_verilog $(RTL); synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -widemux 5 -top allmod_reducer; tee -o synth.txt stat'
	@grep -E 'LUT|INV|FD|SRL|RAMB|CARRY4|MUXF' synth.txt

clean:
	rm -rf icarus.vvp icarus.log verilator verilator.log synth.log synth.txt
)";
}

std::string rtl_readme(const Datapath& datapath, const RtlOptions& options, const std::string& heading,
                       const std::vector<RtlMemory>& memories) {
  std::uint64_t words = 0;
  for (const RtlMemory& memory : memories) words += memory.depth;
  std::string text = "# allmod_reducer\n\n" + heading + R"(
```
make icarus      # the self-checking bench in Icarus Verilog; ends with PASS
make verilator   # the same in Verilator (5.006 or newer)
make lint        # both linters, all warnings
make synth       # Yosys: LUTs, flip-flops, block RAM and carry chains of a 7-series FPGA
```

| file | what |
| --- | --- |
| `rtl/allmod_reducer.v` | the reducer, stage by stage; its constant `MODULUS` belongs to the tables |
| `rtl/*.v` | the modules that it is put together from |
| `tables/*.hex` | )" +
                     to_string(memories.size()) + " tables, " + to_string(words) +
                     R"( words; simulators read them relative to this folder |
| `allmod_bench.v`, `vectors/*.hex` | bench, )" +
                     to_string(options.vectors) + R"( operands and their results |
| `resources.txt` | estimate of LUTs, flip-flops, block RAM and clock rate, by part |

| port | bits | meaning |
| --- | --- | --- |
| `clk`, `rst` | 1 | rising edge; synchronous, active high, forgets everything inside |
| `in_valid`, `in_ready`, `in_data` | 1, 1, )" +
                     to_string(2 * datapath.design().n) +
                     R"( | an operand is taken at an edge at which valid and ready are high |
| `out_valid`, `out_ready`, `out_data` | 1, 1, )" +
                     to_string(datapath.design().n) + " | a result is given in the same way |\n";
  text += options.elastic
              ? "\n`in_ready` and `out_valid` come from registers.\n"
              : "\n`in_ready` follows `out_ready` within the cycle; `out_valid` comes from a register.\n";
  return text;
}

std::string rtl_resources(const Datapath& datapath, const RtlOptions& options, const std::string& heading) {
  CostOptions cost_options;
  cost_options.rom = options.rom;
  cost_options.elastic = options.elastic;
  cost_options.device = options.device;
  const Cost cost = *cost_of(datapath, cost_options);
  const auto row = [](const char* name, const Area& area) {
    char line[128];
    std::snprintf(line, sizeof line, "%-12s %10llu %10llu %10.1f %10llu\n", name,
                  static_cast<unsigned long long>(area.lut_sites), static_cast<unsigned long long>(area.ff),
                  area.bram36(), static_cast<unsigned long long>(area.carry4));
    return std::string(line);
  };
  std::string text = heading +
                     "\nEstimate of one lane (the cost model of Tricycle, models/allmod/README.md).\n\n" +
                     "part          LUT sites         FF     RAMB36     CARRY4\n";
  for (std::size_t p = 0; p < kParts; ++p) text += row(part_word(static_cast<Part>(p)), cost.parts[p]);
  text += row("total", cost.total());
  char line[160];
  std::snprintf(line, sizeof line, "\nclock at most %.1f MHz (logic without routing): %s\n", cost.fmax_mhz(),
                cost.critical.c_str());
  return text + line;
}

}  // namespace allmod
