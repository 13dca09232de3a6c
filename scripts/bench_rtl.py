#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Writes pipelines as RTL, compiles them with Verilator, and prints cycles a second of the Verilated design and of
the SystemC unit's modes (register_true and lazy: fidelity.value with detail event; clocked: register_true with
detail clocked), medians of interleaved repetitions in one run."""
import argparse
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/rtl"))
sys.path.insert(0, str(ROOT / "scripts"))
import bench_table  # noqa: E402
import designs  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--tricycle", type=pathlib.Path)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--min-time", type=float, default=0.2, help="seconds a repetition")
    parser.add_argument("--sizes", default="128,256,1024")
    args = parser.parse_args()
    designs.need("verilator", "g++")
    program = args.program.resolve()
    tricycle = (args.tricycle or program.parent.parent.parent / "models/tricycle").resolve()
    work = designs.scratch()
    try:
        words = []
        for n in args.sizes.split(","):
            for stall in ("elastic", "global"):
                design = dict(form="pipelined", n=int(n), w=8, m=1, p=2, e=1, stall=stall)
                folder = work / f"n{n}_{stall}"
                print(f"compiling {designs.text(design)}", file=sys.stderr, flush=True)
                designs.emit(tricycle, design, folder, seed=7)
                made = designs.shared_object(folder, work, "-O2")
                words.append(f"{n}:1:{stall}:{made}:{folder}")
        rates = bench_table.run([program, *words], args.repetitions, args.min_time)
        bench_table.print_table(rates, "verilator")
        print(f"cycles a second; medians of {args.repetitions} interleaved repetitions, CPU time of one core")
    finally:
        shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
