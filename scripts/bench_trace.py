#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Runs bench_trace and prints MB/s of uncompressed records and of the file, medians of repetitions."""
import argparse
import json
import statistics
import subprocess
import sys

NAMES = {"write": "write", "read<Use::skip>": "read, records not parsed", "read<Use::parse>": "read, all parsed",
         "read<Use::validate>": "validate"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--repetitions", type=int, default=9)
    args = parser.parse_args()
    out = subprocess.run([args.program, "--benchmark_format=json", f"--benchmark_repetitions={args.repetitions}",
                          "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.1"],
                         check=True, stdout=subprocess.PIPE).stdout
    cases = {}
    for b in json.loads(out)["benchmarks"]:
        if b.get("run_type") != "aggregate":
            cases.setdefault(b["run_name"], []).append(b)
    print(f"{'case':28}{'content':10}{'records MB/s':>14}{'spread':>8}{'file MB/s':>12}{'record MB':>11}{'file MB':>9}")
    for name, runs in cases.items():
        kind, _, content = name.partition("/")
        rates = [b["bytes_per_second"] / 1e6 for b in runs]
        rate = statistics.median(rates)
        record, file = runs[0]["record_MB"], runs[0]["file_MB"]
        print(f"{NAMES[kind]:28}{'weights' if content.endswith('1') else 'decode':10}{rate:14.0f}"
              f"{(max(rates) - min(rates)) / rate:8.0%}{rate * file / record:12.0f}{record:11.1f}{file:9.1f}")
    print(f"medians of {args.repetitions} interleaved repetitions, CPU time of one core, files in the page cache")
    return 0


if __name__ == "__main__":
    sys.exit(main())
