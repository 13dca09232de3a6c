#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""RTL and SystemC unit side by side in one simulation, every pin compared on every cycle.

  lockstep.py case  TRICYCLE LOCKSTEP NAME      one of the designs in designs.json, as ctest does
  lockstep.py fuzz  TRICYCLE LOCKSTEP [--seed N] [--designs N] [--cycles N]
                    designs drawn at random until stopped (Ctrl-C) or N are done; a failing one is made smaller
"""
import argparse
import json
import pathlib
import shutil
import sys

import designs


def run(program, lockstep, design, cycles, seed, work, modulus=None):
    folder = work / "design"
    shutil.rmtree(folder, ignore_errors=True)
    yaml = designs.emit(program, design, folder, modulus, seed)
    made = designs.shared_object(folder, work, "-O2" if cycles > 500000 else "-O1")
    return designs.call([lockstep, yaml, made, folder, cycles, seed], "lock-step").strip()


def case(args):
    table = json.loads((designs.HERE / "designs.json").read_text())
    entry = table[args.name]
    work = designs.scratch()
    try:
        print(designs.text(entry["design"]))
        print(run(args.tricycle, args.lockstep, entry["design"], entry["cycles"], entry.get("seed", 1), work,
                  entry.get("modulus")))
    finally:
        shutil.rmtree(work)


def fuzz(args):
    widths = [int(w) for w in designs.call([args.lockstep, "--widths"], "lock-step").split() if int(w) <= args.widest]
    work = designs.scratch()
    done = cycles = 0
    try:
        while args.designs == 0 or done < args.designs:
            seed = args.seed + done
            rng = designs.rng_of(seed)
            design = designs.draw(rng, widths)
            modulus = rng.choice(["random", "random", "pow2", "pow2_plus1", "all_ones"])

            def fails(candidate):
                try:
                    run(args.tricycle, args.lockstep, candidate, args.cycles, seed, work, modulus)
                    return None
                except designs.Failed as e:
                    # What tricycle refuses is no failure of the RTL.
                    return None if str(e).startswith("tricycle rtl failed (2)") else str(e)

            why = fails(design)
            if why:
                small = designs.shrink(design, fails)
                print(f"seed {seed}: {designs.text(design)}\nsmallest: {designs.text(small)}, modulus {modulus}\n"
                      f"{fails(small)}")
                return 1
            done += 1
            cycles += args.cycles
            print(f"seed {seed}: {designs.text(design)}, modulus {modulus}: equal ({done} designs, {cycles} cycles)",
                  flush=True)
    except KeyboardInterrupt:
        print(f"{done} designs, {cycles} cycles, no difference")
    finally:
        shutil.rmtree(work)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("case")
    many = verbs.add_parser("fuzz")
    for p in (one, many):
        p.add_argument("tricycle", type=pathlib.Path)
        p.add_argument("lockstep", type=pathlib.Path)
    one.add_argument("name")
    many.add_argument("--seed", type=int, default=1)
    many.add_argument("--designs", type=int, default=0, help="0: until stopped")
    many.add_argument("--cycles", type=int, default=20000)
    many.add_argument("--widest", type=int, default=256, help="longest modulus drawn")
    args = parser.parse_args()
    designs.need("verilator", "g++")
    args.tricycle, args.lockstep = args.tricycle.resolve(), args.lockstep.resolve()
    if args.verb == "fuzz":
        return fuzz(args)
    case(args)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except designs.Failed as e:
        print(e)
        sys.exit(1)
