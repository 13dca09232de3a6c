#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The hand-written RTL of units/ and the simulator's units side by side, every cycle compared.

  units.py LOCKSTEP_UNITS NAME [--cycles N] [--seed N]   one of the cases in units.json, as ctest does
  units.py LOCKSTEP_UNITS NAME --wrong                   each of its unit's wrong variants must be found
"""
import argparse
import json
import pathlib
import shutil
import sys

import designs

UNITS = designs.HERE / "units"
TOPS = {"switch": "ring_switch_bench", "cu": "sme_cu_bench"}


def build(entry, work, wrong=None):
    """The shared object of a case; `wrong`: [file, text, another text] to be exchanged once."""
    shutil.rmtree(work / "design", ignore_errors=True)
    shutil.copytree(UNITS, work / "design" / "rtl")
    if wrong:
        name, text, another = wrong
        file = work / "design" / "rtl" / name
        before = file.read_text()
        if before.count(text) != 1:
            raise designs.Failed(f"{name} has {before.count(text)} places with: {text}")
        file.write_text(before.replace(text, another))
    options = [f"-G{name.upper()}={value}" for name, value in entry["parameters"].items()]
    return designs.shared_object(work / "design", work, "-O1" if not wrong else "-O0", TOPS[entry["unit"]], options)


def run(args, entry, made, cycles, seed):
    pairs = [x for name, value in entry["parameters"].items() for x in ("--" + name, value)]
    return designs.call([args.lockstep, entry["unit"], made, made.parent, *pairs, "--cycles", cycles, "--seed", seed],
                        "lock-step").strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lockstep", type=pathlib.Path)
    parser.add_argument("name")
    parser.add_argument("--cycles", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true")
    args = parser.parse_args()
    designs.need("verilator", "g++")
    args.lockstep = args.lockstep.resolve()
    table = json.loads((designs.HERE / "units.json").read_text())
    entry = table["cases"][args.name]
    work = designs.scratch()
    try:
        if not args.wrong:
            print(run(args, entry, build(entry, work), args.cycles or entry["cycles"], args.seed))
            return 0
        for wrong in table["wrong"][entry["unit"]]:
            made = build(entry, work, wrong)
            try:
                print(f"NOT FOUND: {wrong}: {run(args, entry, made, args.cycles or 20000, args.seed)}")
                return 1
            except designs.Failed as e:
                if not str(e).startswith("lock-step failed (4)"):
                    raise
                print(f"found: {wrong[0]}: {wrong[1]} -> {wrong[2]}: {str(e).splitlines()[-1]}")
        return 0
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except designs.Failed as e:
        print(e)
        sys.exit(1)
