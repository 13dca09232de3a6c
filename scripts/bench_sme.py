#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Speed of model sme: products of the function library alone, whole runs (values, cycles and energy together), cycles
alone, mapping, and a run of ResNet-50; beside what other simulators do. Medians of interleaved repetitions, CPU time of
one core."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = {"avx512": 2.5e9, "avx2": 1.5e9, "portable": 2e8}
# Rates of others on one core of a machine like ours, as measured for this project.
PEERS = [("NeuroSim V1.3 core", "5e6", "no values"),
         ("analog-cim-sim", "1.3e7 to 2.6e7", "values"),
         ("PIMSIM-NN", "1.4e8", "cycles (SystemC), no values"),
         ("MNSIM, bit-sliced", "3.4e8 to 5.5e8", "values, no cycles")]


def measure(program, repetitions, min_time):
    environment = dict(os.environ, SYSTEMC_DISABLE_COPYRIGHT_MESSAGE="1")
    out = subprocess.run([program, "--benchmark_format=json", f"--benchmark_repetitions={repetitions}",
                          "--benchmark_enable_random_interleaving=true", f"--benchmark_min_time={min_time}"],
                         check=True, stdout=subprocess.PIPE, env=environment).stdout
    found = {}
    for b in json.loads(out)["benchmarks"]:
        if b.get("run_type") != "aggregate":
            found.setdefault(b["run_name"], []).append(b)
    return found


def median(runs, key):
    return statistics.median(r[key] for r in runs)


def rates(title, found, prefix):
    cases = {name: runs for name, runs in found.items() if name.startswith(prefix)}
    if not cases:
        return
    print(f"{title:42}{'MAC/s':>10}{'spread':>8}{'clipped':>9}{'target':>9}{'diff./one':>11}")
    for name, runs in sorted(cases.items()):
        _, sign, data, level = name.split("/")[:4]
        rate = median(runs, "MAC/s")
        spread = (max(r["MAC/s"] for r in runs) - min(r["MAC/s"] for r in runs)) / rate
        clips = f"{median(runs, 'clip_share'):.1%}" if "clip_share" in runs[0] else "-"
        target = f"{TARGETS[level]:.1e}" if level in TARGETS and sign == "one_sign_set" else ""
        one = cases.get(name.replace("differential", "one_sign_set"))
        share = f"{rate / median(one, 'MAC/s'):.0%}" if sign == "differential" and one else ""
        print(f"  {sign + ', ' + data + ', ' + level:40}{rate:10.2e}{spread:8.0%}{clips:>9}{target:>9}{share:>11}")
    print()


def network(tricycle):
    """CPU seconds and memory of ResNet-50's cycles and energy: all products, and one a layer (what setting up costs)."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, more in (("one product a layer", ["--set", "workload.positions=1"]), ("all products", [])):
            command = [tricycle, "run", str(ROOT / "configs/sme/resnet50_synthetic.yaml"), "-q", "--overwrite", "-o",
                       f"{folder}/run", "--set", "fidelity.value=none", *more]
            seconds = []
            for _ in range(3):
                before = os.times()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                after = os.times()
                seconds.append(after.children_user + after.children_system - before.children_user - before.children_system)
            manifest = json.loads(pathlib.Path(folder, "run", "manifest.json").read_text())
            summary = json.loads(pathlib.Path(folder, "run", "summary.json").read_text())
            found[name] = (statistics.median(seconds), manifest["peak_memory_bytes"], summary["gemvs"])
    whole, setup = found["all products"], found["one product a layer"]
    print("ResNet-50, cycles and energy without values (tricycle run configs/sme/resnet50_synthetic.yaml)")
    print(f"  drawing, quantising and mapping 25.6 M weights, results   {setup[0]:.2f} s of CPU time")
    print(f"  the inference itself, {whole[2]} products               {whole[0] - setup[0]:.2f} s (target < 1 s)")
    print(f"  memory                                                    {whole[1] / 2**20:.0f} MiB (target < 2048 MiB)\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=pathlib.Path, help="bench_sme_chip; bench_sme_function beside it")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--min-time", type=float, default=0.1, help="seconds a repetition")
    args = parser.parse_args()
    program = args.program.resolve()
    function = measure(program.parent / "bench_sme_function", args.repetitions, args.min_time)
    whole = measure(program, args.repetitions, args.min_time)
    rates("values alone", function, "gemv/")
    rates("values + cycles + energy in one run", whole, "whole/")
    print("cycles and energy alone")
    for name, runs in whole.items():
        if name.startswith("cycles_only/"):
            print(f"  {name.split('/', 1)[1][:-2]:40}{median(runs, 'MAC/s'):10.2e} MAC/s,"
                  f"{median(runs, 'tiles/s'):10.2e} tile products/s")
    print()
    for name, runs in function.items():
        if name.startswith("map/"):
            print(f"mapping {name[4:]:34}{median(runs, 'cpu_time'):10.0f} {runs[0]['time_unit']} (target < 1000 ms)")
    print()
    network(program.parent.parent.parent / "models/tricycle")
    print("others, MAC/s on one core")
    for name, rate, what in PEERS:
        print(f"  {name:24}{rate:>16}  {what}")
    print(f"medians of {args.repetitions} interleaved repetitions, CPU time of one core")
    return 0


if __name__ == "__main__":
    sys.exit(main())
