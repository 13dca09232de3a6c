#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Bounded formal equivalence of two fusion points of a small design, by Yosys' SAT solver: after a reset, for
every sequence of operands as long as the longer pipeline and three more, both give the same result for the same
operand.

  equivalence.py TRICYCLE
"""
import argparse
import pathlib
import re
import shutil
import sys

import designs

# Pairs of designs, a modulus, whether they are the same (a pair that is not shows that the proof can fail).
PAIRS = [
    (dict(form="pipelined", n=6, w=2, m=2, p=0, e=0), dict(form="pipelined", n=6, w=2, m=2, p=3, e=1), 0x2b, 0x2b),
    (dict(form="pipelined", n=6, w=3, m=0, p=1, e=0), dict(form="pipelined", n=6, w=2, m=4, p=2, e=0, r=2), 0x3d, 0x3d),
    (dict(form="pipelined", n=8, w=4, m=0, p=0, e=0), dict(form="pipelined", n=8, w=3, m=3, p=2, e=1), 0x9b, 0x9b),
    (dict(form="pipelined", n=6, w=2, m=2, p=0, e=0, segment=3), dict(form="pipelined", n=6, w=2, m=2, p=2, e=1), 0x31,
     0x31),
    (dict(form="pipelined", n=6, w=2, m=2, p=0, e=0), dict(form="pipelined", n=6, w=2, m=2, p=3, e=1), 0x2b, 0x2d),
]

MITER = """
module miter(input clk, input rst, input [{x}:0] in_data, output same);
  wire [{y}:0] a, b;
  wire valid_a, valid_b, ready_a, ready_b;
  a_reducer u_a(.clk(clk), .rst(rst), .in_valid(1'b1), .in_ready(ready_a), .in_data(in_data),
                .out_valid(valid_a), .out_ready(1'b1), .out_data(a));
  b_reducer u_b(.clk(clk), .rst(rst), .in_valid(1'b1), .in_ready(ready_b), .in_data(in_data),
                .out_valid(valid_b), .out_ready(1'b1), .out_data(b));
  // The earlier one waits for the later one.
  reg [{wait_top}:0] early[0:{wait}];
  reg [{wait}:0] early_valid;
  integer i;
  always @(posedge clk) begin
    early[0] <= {{{early_valid}, {early}}};
    for (i = 1; i <= {wait}; i = i + 1) early[i] <= early[i - 1];
    early_valid <= rst ? 0 : {{early_valid, {early_valid}}};
  end
  wire [{y}:0] first = {first};
  wire first_valid = {first_valid};
  assign same = ~(first_valid & {late_valid}) | (first == {late});
endmodule
"""


def renamed(folder, letter):
    """The modules of one design under names of their own, tables by full path."""
    text = "".join(p.read_text() for p in sorted((folder / "rtl").glob("*.v")))
    text = text.replace("tables/", f"{folder}/tables/")
    return re.sub(r"\ballmod_", f"{letter}_", text)


def latency(folder):
    return int(re.search(r"Latency (\d+)", (folder / "rtl/allmod_reducer.v").read_text()).group(1))


def prove(program, pair, work):
    a, b, modulus_a, modulus_b = pair
    folders = []
    for letter, design, modulus in (("a", a, modulus_a), ("b", b, modulus_b)):
        folder = work / letter
        shutil.rmtree(folder, ignore_errors=True)
        yaml = work / f"{letter}.yaml"
        text = designs.config({**design, "stall": "global"})
        yaml.write_text(text.replace("  kind: random\n  seed: 1\n", f"  hex: '{modulus:x}'\n"))
        designs.call([program, "rtl", yaml, "-o", folder], "tricycle rtl")
        folders.append(folder)
    la, lb = (latency(f) for f in folders)
    n, wait = a["n"], abs(la - lb)
    early, late = ("a", "b") if la <= lb else ("b", "a")
    behind = wait - 1
    miter = MITER.format(x=2 * n - 1, y=n - 1, wait=max(behind, 0), wait_top=n, early_valid=f"valid_{early}",
                         early=early, late=late, late_valid=f"valid_{late}",
                         first=f"early[{behind}][{n - 1}:0]" if wait else early,
                         first_valid=f"early_valid[{behind}]" if wait else f"valid_{early}")
    source = work / "miter.v"
    source.write_text(renamed(folders[0], "a") + renamed(folders[1], "b") + miter)
    steps = max(la, lb) + 4
    resets = " ".join(f"-set-at {t} rst {1 if t == 1 else 0}" for t in range(1, steps + 1))
    script = (f"read_verilog -defer {source}; prep -flatten -top miter; memory -nomap; memory_map; opt -full; "
              f"sat -seq {steps} {resets} -prove-skip 1 -set-def-inputs -prove same 1 -timeout 240 miter")
    said = designs.call(["yosys", "-p", script], "Yosys")
    if "SAT proof finished - no model found: SUCCESS" in said:
        return True, steps
    if "SAT proof finished - model found: FAIL" in said:
        return False, steps
    raise designs.Failed("no answer from Yosys:\n" + said[-3000:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tricycle", type=pathlib.Path)
    args = parser.parse_args()
    designs.need("yosys")
    work = designs.scratch()
    try:
        for pair in PAIRS:
            same, steps = prove(args.tricycle.resolve(), pair, work)
            expected = pair[2] == pair[3]
            print(f"{designs.text(pair[0])}, M = {pair[2]}  |  {designs.text(pair[1])}, M = {pair[3]}: "
                  f"{'the same' if same else 'different'} over {steps} cycles")
            if same != expected:
                return 1
    except designs.Failed as e:
        print(e)
        return 1
    finally:
        shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
