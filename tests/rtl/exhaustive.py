#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Every operand of every modulus of 2 to 5 bits through the emitted RTL (Icarus Verilog), against the function
library and, but for the literal drawing, against Python's own remainder.

  exhaustive.py TRICYCLE [--step N | --all]     every Nth design of the list below; --all: all, with every modulus
"""
import argparse
import itertools
import pathlib
import shutil
import sys

import designs


def designs_of(n):
    """Every form with its parameters about their ends."""
    stalls = ("elastic", "global")
    some = lambda top: sorted({0, 1, top // 2, top})
    for w, m in itertools.product((1, 2, 3), some(n)):
        groups = -(-(n - m) // w)
        levels = (groups - 1).bit_length() if groups > 0 else 0
        for p, e, r, segment, stall in itertools.product(some(m + 1), {0, levels}, (1, 2), (0, 2), stalls):
            yield dict(form="pipelined", n=n, w=w, m=m, p=p, e=e, r=r, rho=2, segment=segment, stall=stall)
        for rho, stall in itertools.product((3, 8), stalls):
            yield dict(form="pipelined", n=n, w=w, m=m, p=m, e=0, rho=rho, stall=stall)
        for stall in stalls:
            yield dict(form="pipelined", n=n, w=w, m=m, p=m + 1, e=0, rho=2, eager=True, stall=stall)
            yield dict(form="template", n=n, w=w, m=m, stall=stall)
            yield dict(form="template_literal", n=n, w=w, m=m, stall=stall)
        if groups > 0:
            for p, t, u, stall in itertools.product(some(m + 1), {1, groups, (groups + 1) // 2}, (1, 2, n + 1), stalls):
                yield dict(form="serial", n=n, w=w, m=m, p=p, t=t, u=u, stall=stall)
    for u, stall in itertools.product((1, 2, n + 1), stalls):
        yield dict(form="iterative", n=n, u=u, stall=stall)


def run(program, design, modulus, work):
    n = design["n"]
    folder = work / "design"
    shutil.rmtree(folder, ignore_errors=True)
    operands = work / f"all{n}.txt"
    if not operands.exists():
        operands.write_text("".join(f"{x:x}\n" for x in range(1 << 2 * n)))
    yaml = work / "design.yaml"
    text = designs.config(design).replace("  kind: random\n  seed: 1\n", f"  hex: '{modulus:x}'\n")
    yaml.write_text(text + f"workload:\n  source: file\n  file: {operands}\n  count: all\n")
    designs.call([program, "rtl", yaml, "-o", folder], "tricycle rtl")
    wanted = [int(y, 16) for y in (folder / "vectors/y.hex").read_text().split()]
    if design["form"] != "template_literal" and wanted != [x % modulus for x in range(1 << 2 * n)]:
        raise designs.Failed("the function library is not X mod M")
    said = designs.call(["make", "-s", "icarus"], "Icarus Verilog", cwd=folder)
    if f"PASS: {3 << 2 * n} results" not in said:
        raise designs.Failed(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tricycle", type=pathlib.Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--step", type=int, default=7, help="prime to 2, 3 and 5 (default: %(default)s, 375 designs)")
    args = parser.parse_args()
    designs.need("iverilog", "vvp", "make")
    program = args.tricycle.resolve()
    work = designs.scratch()
    done, step = 0, args.step
    try:
        for n in (2, 3, 4, 5):
            moduli = range(1 << n - 1, 1 << n)
            for i, design in enumerate(designs_of(n)):
                # A step that is prime to all the list's periods, and every modulus at least for some design.
                for modulus in moduli if args.all else [moduli[(i // step) % len(moduli)]] if i % step == 3 else []:
                    try:
                        run(program, design, modulus, work)
                    except designs.Failed as e:
                        print(f"{designs.text(design)}, M = {modulus}: {e}")
                        return 1
                    done += 1
    finally:
        shutil.rmtree(work)
    print(f"{done} designs, every operand of 2n bits in three passes: equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
