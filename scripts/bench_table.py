#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Runs a Google Benchmark program with interleaved repetitions and prints medians and ratios to its baseline."""
import argparse
import json
import os
import statistics
import subprocess
import sys


def run(program, repetitions, min_time):
    environment = dict(os.environ, SYSTEMC_DISABLE_COPYRIGHT_MESSAGE="1")
    out = subprocess.run([program, "--benchmark_format=json", f"--benchmark_repetitions={repetitions}",
                          "--benchmark_enable_random_interleaving=true", f"--benchmark_min_time={min_time}"],
                         check=True, stdout=subprocess.PIPE, env=environment).stdout
    rates = {}
    for b in json.loads(out)["benchmarks"]:
        if b.get("run_type") == "aggregate":
            continue
        kind, _, case = b["run_name"].partition("/")
        rates.setdefault(case, {}).setdefault(kind, []).append(b["items_per_second"])
    return rates


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--baseline", default="plain_sum")
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--min-time", type=float, default=0.1, help="seconds a repetition")
    args = parser.parse_args()
    rates = run(args.program, args.repetitions, args.min_time)
    kinds = [k for k in next(iter(rates.values())) if k != args.baseline]
    print(f"{'case':14}{args.baseline + ' M/s':>16}" + "".join(f"{k + ' M/s':>22}{'ratio':>8}{'spread':>8}" for k in kinds))
    for case, by_kind in rates.items():
        base = statistics.median(by_kind[args.baseline])
        line = f"{case:14}{base / 1e6:16.3f}"
        for kind in kinds:
            values = by_kind[kind]
            median = statistics.median(values)
            spread = (max(values) - min(values)) / median
            line += f"{median / 1e6:22.3f}{median / base:8.2f}{spread:8.0%}"
        print(line)
    print(f"medians of {args.repetitions} interleaved repetitions, CPU time of one core; ratio to {args.baseline}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
