#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Runs a Google Benchmark program with interleaved repetitions and prints the median CPU time of each case and its
counters."""
import argparse
import json
import os
import statistics
import subprocess

KNOWN = {"name", "run_name", "run_type", "repetitions", "repetition_index", "threads", "iterations", "real_time",
         "cpu_time", "time_unit", "family_index", "per_family_instance_index", "items_per_second", "aggregate_name",
         "aggregate_unit", "label"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    out = subprocess.run([options.program, "--benchmark_format=json",
                          f"--benchmark_repetitions={options.repetitions}",
                          "--benchmark_enable_random_interleaving=true", "--benchmark_min_time=0.05"],
                         check=True, stdout=subprocess.PIPE,
                         env=dict(os.environ, SYSTEMC_DISABLE_COPYRIGHT_MESSAGE="1")).stdout
    cases = {}
    for b in json.loads(out)["benchmarks"]:
        if b.get("run_type") != "aggregate":
            cases.setdefault(b["run_name"], []).append(b)
    counters = sorted({key for runs in cases.values() for key in runs[0]} - KNOWN)
    print(f"{'case':<28}{'CPU':>12}" + "".join(f"{c:>14}" for c in counters))
    for name, runs in cases.items():
        cpu = statistics.median(r["cpu_time"] for r in runs)
        print(f"{name:<28}{cpu:>9.2f} {runs[0]['time_unit']}" +
              "".join(f"{runs[0].get(c, 0):>14.6g}" for c in counters))


if __name__ == "__main__":
    main()
