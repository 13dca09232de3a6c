#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The emitted folder as its user meets it: lint, then the self-checking bench in both simulators; and a bench whose
results were tampered with must fail.

  bench_runs.py TRICYCLE CONFIG icarus|verilator|tampered [PATH=VALUE...]
"""
import pathlib
import shutil
import sys

import designs


def main():
    program, config, what = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
    designs.need("make", "iverilog", "vvp", "verilator")
    work = designs.scratch()
    folder = work / "rtl"
    try:
        sets = [word for setting in sys.argv[4:] for word in ("--set", setting)]
        designs.call([program, "rtl", config, "-o", folder, "--vectors", "200", *sets], "tricycle rtl")
        if what == "tampered":
            y = folder / "vectors/y.hex"
            lines = y.read_text().split()
            lines[150] = f"{int(lines[150], 16) ^ 4:x}"
            y.write_text("\n".join(lines) + "\n")
            try:
                designs.call(["make", "-s", "icarus"], "the bench", cwd=folder)
            except designs.Failed as e:
                if "wrong result" in str(e) and "FAIL: 3 errors" in str(e):
                    return 0
                raise
            print("the bench did not see a wrong result")
            return 1
        said = designs.call(["make", "-s", "lint"], "lint", cwd=folder)
        if "arning" in said:
            raise designs.Failed(said)
        said = designs.call(["make", "-s", what], what, cwd=folder)
        if "PASS: 600 results" not in said:
            raise designs.Failed(said)
        print(said.strip())
    except designs.Failed as e:
        print(e)
        return 1
    finally:
        shutil.rmtree(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
