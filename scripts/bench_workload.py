#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Speed of the companion on the committed model, and what writing a trace costs: bench_workload.py PROGRAM

Runs take turns, so that a busy machine slows all alike; medians are printed. CPU time is the process's own, over all
its threads, and does not count waiting for other programs.
"""
import argparse
import pathlib
import re
import resource
import statistics
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
MODEL = SOURCE / "traces" / "models" / "tiny_shakespeare"
JOBS = {
    "flexquant, pq": ["--precision", "flexquant", "--kv", "pq"],
    "int8, fp16": ["--precision", "int8", "--kv", "fp16"],
    "f32, f32": ["--precision", "f32", "--kv", "f32"],
}


def run(program, words):
    """Wall seconds, CPU seconds, tokens a second of decoding, CPU seconds of the writing thread, of one run."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    out = subprocess.run([program, "run", "--model", MODEL, "--prompt-file", SOURCE / "traces" / "samples" / "prompt.txt",
                          "-q", *words], check=True, capture_output=True).stdout.decode("latin1")
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    writing = re.search(r"^writing +([\d.]+) s", out, re.M)
    return wall, cpu, float(re.search(r"([\d.]+) tokens/s", out).group(1)), float(writing.group(1)) if writing else 0


def instructions(program, words):
    """Of a run under valgrind, all threads, without SHA-256: valgrind hides the processor's instructions for it."""
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/counts"
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, "run", "--model", MODEL, "--prompt-file",
                        SOURCE / "traces" / "samples" / "prompt.txt", "-q", "-j", "1", *words], check=True, capture_output=True)
        text = subprocess.run(["callgrind_annotate", "--threshold=100", out], check=True, capture_output=True, text=True).stdout
    total = int(re.search(r"^([\d,]+) .*PROGRAM TOTALS", text, re.M).group(1).replace(",", ""))
    return total - sum(int(n.replace(",", "")) for n in re.findall(r"^ *([\d,]+) .*Sha256::blocks", text, re.M))


def counts(program, tokens):
    with tempfile.TemporaryDirectory() as folder:
        without, with_one = (instructions(program, ["--tokens", str(tokens), *more]) for more in ([], ["-o", f"{folder}/t.tct"]))
    print(f"instructions of a run of {tokens} tokens, SHA-256 left out: {without / 1e6:.0f} million without a trace, {with_one / 1e6:.0f} "
          f"with one: {100 * (with_one - without) / with_one:.2f} % of the run")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=400)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--counts", action="store_true", help="count instructions with and without a trace instead (valgrind, minutes)")
    args = parser.parse_args()
    if args.counts:
        return counts(args.program, args.tokens)
    print(f"{args.tokens} tokens behind the prompt of traces/samples, median of {args.repetitions} runs, tokens/s of decoding")
    print(f"{'':16}" + "".join(f"{n} thread{'s' if n > 1 else ' '}".rjust(12) for n in args.threads))
    results = {}
    for _ in range(args.repetitions):
        for name, words in JOBS.items():
            for threads in args.threads:
                rate = run(args.program, [*words, "--tokens", str(args.tokens), "-j", str(threads)])[2]
                results.setdefault((name, threads), []).append(rate)
    for name in JOBS:
        print(f"{name:16}" + "".join(f"{statistics.median(results[name, n]):12.0f}" for n in args.threads))
    print("\nwhole run, flexquant and pq, without a trace and with one (weights, activations and digests, written by a thread "
          "beside\nthe decoding ones); the share of the trace in a run is (with - without) / with, its median over the pairs of runs")
    print(f"{'':16}{'without':>10}{'with':>10}{'share':>10}")
    with tempfile.TemporaryDirectory() as folder:
        pairs = {threads: [] for threads in args.threads}
        for _ in range(args.repetitions):
            for threads in args.threads:
                words = ["--tokens", str(args.tokens), "-j", str(threads)]
                pairs[threads].append((run(args.program, words), run(args.program, [*words, "-o", pathlib.Path(folder) / "t.tct"])))
    for threads in args.threads:
        for i, what in enumerate(["wall", "CPU"]):
            without, with_one = ([pair[k][i] for pair in pairs[threads]] for k in (0, 1))
            share = statistics.median((b - a) / b for a, b in zip(without, with_one))
            print(f"{threads} thread{'s' if threads > 1 else ' '}, {what:5}{statistics.median(without):9.3f} s"
                  f"{statistics.median(with_one):8.3f} s{100 * share:8.1f} %")
        share = statistics.median(with_one[3] / with_one[1] for _, with_one in pairs[threads])
        print(f"{threads} thread{'s' if threads > 1 else ' '}, the writing thread's share of the CPU time{100 * share:7.1f} %")


if __name__ == "__main__":
    main()
