#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Runs bench_engine_styles, one process a style and repetition, interleaved, and prints medians in Markdown."""
import argparse
import json
import os
import statistics
import subprocess
import sys

# In the order of --style: name in the program, text, whether a stage can make the one before it wait.
PIPELINES = [
    ("method_signal", "SC_METHOD per stage, `sc_signal` valid/data, `sc_clock`", "no"),
    ("thread_signal", "SC_THREAD per stage, `sc_signal`, `wait()` on `sc_clock`", "no"),
    ("nb_transport", "`nb_transport` per stage, `peq_with_get`", "no"),
    ("thread_fifo", "SC_THREAD per stage, `sc_fifo(2)`, `wait(period)`", "yes"),
    ("clock_domain", "one `ClockDomain`, plain stages, registered `Fifo(2)`", "yes"),
]
CLOCKS = [
    ("bare_sc_clock", "`sc_clock` and one empty SC_METHOD", "-"),
    ("bare_domain", "`ClockDomain`, one member awake", "-"),
    ("bare_domain_1000_idle", "`ClockDomain`, one member awake, 1000 asleep", "-"),
]


def run(program, number, name, min_time):
    """Cycles a second of CPU time of one fresh process."""
    environment = dict(os.environ, SYSTEMC_DISABLE_COPYRIGHT_MESSAGE="1")
    done = subprocess.run([program, "--style", str(number), "--benchmark_format=json",
                           f"--benchmark_min_time={min_time}"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{program} --style {number} ended with {done.returncode}:\n{done.stderr}")
    [result] = json.loads(done.stdout)["benchmarks"]
    if result["name"].partition("/")[0] != name:
        sys.exit(f"--style {number} of {program} is {result['name']} and not {name}; correct the lists in {__file__}")
    return result["items_per_second"]


def table(rows, rates):
    print("| style | M cycles/s | ratio | spread | back-pressure |")
    print("|---|---|---|---|---|")
    base = statistics.median(rates[rows[0][0]])
    for name, text, back_pressure in rows:
        median = statistics.median(rates[name])
        spread = (max(rates[name]) - min(rates[name])) / median
        print(f"| {text} | {median / 1e6:.3g} | {median / base:.2f} | {spread:.0%} | {back_pressure} |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--min-time", type=float, default=0.2, help="seconds of CPU time a process measures")
    args = parser.parse_args()
    rates = {}
    for _ in range(args.repetitions):
        for number, (name, _, _) in enumerate(PIPELINES + CLOCKS, 1):
            rates.setdefault(name, []).append(run(args.program, number, name, args.min_time))
    print("Source, 16 stages and sink, one integer a cycle:\n")
    table(PIPELINES, rates)
    print("The clock alone:\n")
    table(CLOCKS, rates)
    print(f"Medians of {args.repetitions} interleaved repetitions, CPU time of one core; ratio to the first line of "
          "each table; spread is (max - min) / median.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
