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
    command = program if isinstance(program, list) else [program]
    out = subprocess.run([*command, "--benchmark_format=json", f"--benchmark_repetitions={repetitions}",
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
    parser.add_argument("--baseline", nargs="+", default=["plain_sum", "mpz_mod"])
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--min-time", type=float, default=0.1, help="seconds a repetition")
    args = parser.parse_args()
    rates = run(args.program, args.repetitions, args.min_time)
    for baseline in args.baseline:
        cases = {case: kinds for case, kinds in rates.items() if baseline in kinds}
        if cases:
            print_table(cases, baseline)
    print(f"medians of {args.repetitions} interleaved repetitions, CPU time of one core")
    return 0


def print_table(cases, baseline):
    kinds = [k for k in sorted(next(iter(cases.values()))) if k != baseline]
    print(f"{'case':14}{baseline + ' M/s':>16}" + "".join(f"{k + ' M/s':>20}{'ratio':>8}{'spread':>8}" for k in kinds))
    for case, by_kind in sorted(cases.items(), key=lambda item: [int(part[1:]) if part[1:].isdigit() else 0
                                                                 for part in item[0].split("/")]):
        base = statistics.median(by_kind[baseline])
        line = f"{case:14}{base / 1e6:16.3f}"
        for kind in kinds:
            values = by_kind[kind]
            median = statistics.median(values)
            line += f"{median / 1e6:20.3f}{median / base:8.2f}{(max(values) - min(values)) / median:8.0%}"
        print(line)
    print()


if __name__ == "__main__":
    sys.exit(main())
