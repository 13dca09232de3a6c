#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Runs bench_ring, one process a case and repetition, interleaved, and prints medians in Markdown."""
import argparse
import json
import os
import statistics
import subprocess
import sys

PACKET = [
    ("full mesh of 8, links alone", "--network --level packet --fabric mesh --gpus 8 --mbytes 4"),
    ("full mesh of 64, links alone", "--network --level packet --fabric mesh --gpus 64 --mbytes 1"),
    ("full mesh of 8, egress and ingress limits", "--network --level packet --fabric ports --gpus 8 --mbytes 4"),
    ("8 GPUs on a switch, limits", "--network --level packet --fabric switch --gpus 8 --mbytes 4"),
    ("64 GPUs on a switch, limits", "--network --level packet --fabric switch --gpus 64 --mbytes 1"),
]
TRAIN = [
    ("TokenRing, N = 16, full mesh", "--gpus 16"),
    ("TokenRing, N = 64, full mesh", "--gpus 64"),
    ("TokenRing, N = 256, full mesh", "--gpus 256"),
    ("Ring Attention, N = 64, full mesh", "--gpus 64 --schedule ring"),
    ("TokenRing, N = 16, full mesh with limits", "--gpus 16 --fabric ports"),
    ("TokenRing, N = 16, one switch with limits", "--gpus 16 --fabric switch"),
]
LARGE = ("TokenRing, N = 1024, full mesh", "--gpus 1024")


def run(program, arguments):
    environment = dict(os.environ, SYSTEMC_DISABLE_COPYRIGHT_MESSAGE="1")
    done = subprocess.run([program, *arguments.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment)
    if done.returncode != 0:
        sys.exit(f"{program} {arguments} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout)


def median(results, key):
    return statistics.median(r[key] for r in results)


def spread(results):
    times = [r["run_s"] for r in results]
    return (max(times) - min(times)) / statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="N = 1024 as well, once")
    args = parser.parse_args()
    results = {}
    for _ in range(args.repetitions):
        for _, arguments in PACKET + TRAIN:
            results.setdefault(arguments, []).append(run(args.program, arguments))
    print("Level packet, every GPU sends two messages:\n")
    print("| network | M packets/s | M grants/s | spread |")
    print("|---|---|---|---|")
    for text, arguments in PACKET:
        r = results[arguments]
        time = median(r, "run_s")
        print(f"| {text} | {r[0]['packets'] / time / 1e6:.2f} | {r[0]['grants'] / time / 1e6:.2f} | {spread(r):.0%} |")
    print("\nLevel train, a layer with 49.2 MB of Q and 49.9 MB of results (98.3 MB of K and V) a GPU and step:\n")
    print("| layer | CPU s | packets stood for | simulated grants | us an operation | MiB | spread |")
    print("|---|---|---|---|---|---|---|")
    rows = TRAIN
    if args.large:
        rows = TRAIN + [LARGE]
        results[LARGE[1]] = [run(args.program, LARGE[1])]
    for text, arguments in rows:
        r = results[arguments]
        time = median(r, "run_s")
        print(f"| {text} | {time:.3f} | {r[0]['packets']:.2e} | {r[0]['grants']:.2e} | "
              f"{1e6 * time / r[0]['operations']:.2f} | {max(x['max_rss_mib'] for x in r)} | {spread(r):.0%} |")
    print(f"\nMedians of {args.repetitions} interleaved repetitions, CPU time of one core; spread is (max - min) / median.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
