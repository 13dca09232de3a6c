#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Tables of traces/RESULTS.md (GPU part) from what `tricycle-workload bench` and bench_gpu_peers.py wrote.

  scripts/bench_gpu_tables.py DIR     DIR: kernels.jsonl, peers.jsonl, tokens.jsonl, power.csv. The last is the log of
                                      nvidia-smi --query-gpu=timestamp,power.draw --format=csv,noheader,nounits -lms 100
                                      on a machine whose clock shows UTC
"""
import datetime
import json
import pathlib
import sys

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__))


def lines(name):
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


def power():
    readings = []
    for line in (FOLDER / "power.csv").read_text().splitlines():
        stamp, watts = line.split(", ")
        time = datetime.datetime.strptime(stamp, "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=datetime.timezone.utc)
        readings.append((time.timestamp(), float(watts)))
    return readings


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |")


def kernels():
    measured = [k for k in lines("kernels.jsonl") if "us" in k]
    read = next(k for k in lines("kernels.jsonl") if k["what"] == "read bandwidth")["bytes_per_s"]
    print(f"\nread bandwidth {read / 1e12:.2f} TB/s\n")
    row("kernel", "microseconds", "TB/s", f"of {read / 1e12:.2f} TB/s")
    print("|---|---|---|---|")
    for k in measured:
        row(k["what"], f"{k['us']:.2f}", f"{k['bytes_per_s'] / 1e12:.2f}", f"{100 * k['of_read_bandwidth']:.1f} %")
    print()
    for k in lines("peers.jsonl"):
        row(k["what"], f"{k['us']:.2f}", f"{k['bytes_per_s'] / 1e12:.2f}")
    return {k["what"]: k for k in measured}


def tokens(shape, measured, readings):
    contexts = sorted({t["context"] for t in measured})
    kinds = {}
    for t in measured:  # of two runs of a setup, the first
        kinds.setdefault((t["setup"], t["int4_layers"]), {}).setdefault(t["context"], t)
    kinds = {k: v for k, v in kinds.items() if len(v) == len(contexts)}
    names = {k: k[0] if k[1] == 0 else f"INT8, {k[1]} layers INT4, PQ asynchronous" for k in kinds}

    def table(title, cell):
        for kind, by_context in kinds.items():
            row(title + names[kind], *(cell(by_context[c]) for c in contexts))

    def ratio(title, over, under):
        row(title, *(f"{kinds[over][c]['ms'] / kinds[under][c]['ms']:.2f}x" for c in contexts))

    def joules(t):
        inside = [w for time, w in readings if t["begin_s"] <= time <= t["end_s"]]
        return f"{sum(inside) / len(inside) * t['ms'] * 1e-3:.2f}"

    print(f"\n**{shape}**, milliseconds a token\n")
    row("weights, cache", *contexts)
    print("|---" * (len(contexts) + 1) + "|")
    table("", lambda t: f"{t['ms']:.3f}")
    ratio("copied cache / PQ", ("fp16, fp16 cache copied", 0), ("fp16, PQ asynchronous", 0))
    ratio("preallocated cache / PQ", ("fp16, fp16 cache", 0), ("fp16, PQ asynchronous", 0))
    for kind in kinds:
        if kind[1] > 0:
            ratio(f"INT8 / {kind[1]} layers at INT4, both with PQ", ("INT8, PQ asynchronous", 0), kind)
    for kind in (("fp16, fp16 cache", 0), ("INT8, PQ asynchronous", 0)):
        row("share of the read bandwidth: " + names[kind],
            *(f"{100 * kinds[kind][c]['of_read_bandwidth']:.0f} %" for c in contexts))
    table("joules a token: ", joules)


def curve(measured, kernel):
    """Dynamic precision at 2K: measured beside the bounds."""
    four = [t for t in measured if t["context"] == 2048 and t["int4_layers"] > 0]
    static = [t for t in measured if t["context"] == 2048 and t["setup"] == "INT8, PQ asynchronous"][0]
    shapes = ("qkv 12288x4096", "gate_up 22016x4096", "o 4096x4096", "down 4096x11008")
    eight_us = sum(kernel["gemv_int8 " + s]["us"] for s in shapes)
    four_us = sum(kernel["gemv_int4 group 128 " + s]["us"] for s in shapes)
    print(f"\nproducts of a layer alone: INT8 {eight_us:.2f} us, INT4 {four_us:.2f} us\n")
    row("layers at INT4", "f", "1/(1 - f/2)", "by the kernels' rates", "by bytes with the cache", "ms", "measured")
    print("|---" * 7 + "|")
    for t in sorted(four, key=lambda t: t["int4_layers"]):
        f = t["int4_share"]
        row(f"{t['int4_layers']} of 32", f"{f:.3f}", f"{1 / (1 - f / 2):.2f}x",
            f"{1 / (1 - f * (1 - four_us / eight_us)):.2f}x", f"{static['bytes'] / t['bytes']:.2f}x", f"{t['ms']:.3f}",
            f"{static['ms'] / t['ms']:.3f}x")


def main():
    kernel = kernels()
    readings = power()
    all_tokens = lines("tokens.jsonl")
    for shape in dict.fromkeys(t["shape"] for t in all_tokens):
        tokens(shape, [t for t in all_tokens if t["shape"] == shape], readings)
    curve([t for t in all_tokens if t["shape"] == "llama2-7b"], kernel)


main()
