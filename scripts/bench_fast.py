#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""How much faster fidelity.detail: fast is than event, and by how much its times are off.

Processor time of whole runs (set-up and results included) and of the simulation alone (cpu_s of manifest.json), without
values in both; event and fast take turns, medians, ratios within each repetition."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIGS = ["llama2_7b_32k", "llm_decode"]


def run(program, config, detail, out):
    """(whole, simulation) in seconds of processor time, and summary.json."""
    command = [str(program), "run", str(ROOT / f"configs/system/{config}.yaml"), "-q", "--overwrite", "-o", str(out),
               "--set", f"fidelity.detail={detail}", "--set", "fidelity.value=timing"]
    before = os.times()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    after = os.times()
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    whole = after.children_user + after.children_system - before.children_user - before.children_system
    manifest = json.loads((out / "manifest.json").read_text())
    return whole, manifest["cpu_s"]["simulation"], json.loads((out / "summary.json").read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--config", choices=CONFIGS, action="append", help="of configs/system; default: both")
    args = parser.parse_args()
    print("| configuration | event, whole | fast, whole | ratio | simulation alone | time a token | prompt |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for config in args.config or CONFIGS:
            times = {"event": [], "fast": []}
            keys = {}
            for _ in range(args.repetitions):
                for detail in times:
                    *took, keys[detail] = run(args.program.resolve(), config, detail, pathlib.Path(folder) / detail)
                    times[detail].append(took)
            median = {d: [statistics.median(t[i] for t in times[d]) for i in (0, 1)] for d in times}
            ratio = [statistics.median(e[i] / f[i] for e, f in zip(times["event"], times["fast"])) for i in (0, 1)]
            error = [100 * (keys["fast"][k] / keys["event"][k] - 1) for k in ("time_per_token_s",)]
            error.append(100 * (keys["fast"]["prefill"]["time_s"] / keys["event"]["prefill"]["time_s"] - 1))
            print(f"| {config} | {median['event'][0]:.2f} s | {median['fast'][0]:.2f} s | {ratio[0]:.1f} | {ratio[1]:.0f} | "
                  f"{error[0]:+.3f} % | {error[1]:+.3f} % |")
    print(f"\nProcessor time, medians of {args.repetitions} interleaved repetitions; errors: fast against event. "
          "`tricycle compare EVENT FAST` prints every one.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
