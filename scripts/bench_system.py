#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""How fast each model works in the main job (configs/system/llm_decode.yaml), beside the same records in a run of its own.

Processor time of the simulation (cpu_s of manifest.json), interleaved, medians; the ratio is taken within each
repetition. In the main job a model is charged with
  sme     the whole platform while it decodes on crossbars: host, bus, GPU and memory with it, prompt and encrypted layer left out;
  allmod  a run with an encrypted layer less one without, the products on the GPU in both; layer after layer;
  ring    a run with the prompt on the cluster less one without, for one token; at level packet in packets of 16 bytes, so
          that there is something to measure.
Alone it is `tricycle run` of model sme, allmod or ring on the same trace; for allmod, all records less one record."""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAIN = ROOT / "configs/system/llm_decode.yaml"
TRACE = ROOT / "traces/samples/decode.tct"
RING = """model: ring
include: [{root}/configs/tech/h200_pair.yaml, {root}/configs/tech/gpu_h200.yaml]
schedule: {{kind: token_ring_zigzag}}
workload: {{trace: {root}/traces/samples/decode.tct, pad: pad}}
kv: pq
"""
PACKETS = ["level=packet", "fabric.link.payload_bytes=16"]
GPU, PLAIN, EMPTY, ONE = "map.gemv=gpu", "map.encrypted=none", "map.prefill=none", ["region.measure=1", "region.every=192"]


class Runs:
    def __init__(self, program, folder):
        self.program, self.folder, self.peak = str(program), pathlib.Path(folder), 0

    def run(self, config, *words):
        """(set-up, simulation) in seconds of processor time, and summary.json."""
        out = self.folder / "run"
        command = [self.program, "run", str(config), "-q", "--overwrite", "-o", str(out)]
        for word in words:
            command += ["--set", word]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
        manifest = json.loads((out / "manifest.json").read_text())
        self.peak = manifest["peak_memory_bytes"]
        return manifest["cpu_s"]["set_up"], manifest["cpu_s"]["simulation"], json.loads((out / "summary.json").read_text())


def sme(runs):
    _, inside, s = runs.run(MAIN, PLAIN, EMPTY)
    _, alone, own = runs.run(ROOT / "configs/sme/trace_decode.yaml")
    assert s["sme"]["macs"] == own["macs"], "not the same products"
    return s["sme"]["macs"] / inside, own["macs"] / alone


def allmod(runs):
    reductions = inside = 0
    for layer in range(8):
        _, without, _ = runs.run(MAIN, GPU, PLAIN, EMPTY)
        _, with_it, s = runs.run(MAIN, GPU, EMPTY, f"map.encrypted_layer={layer}")
        inside += with_it - without
        reductions += s["allmod"]["reductions"]
    config = ROOT / "configs/allmod/trace_paillier.yaml"
    set_up, simulation, every = runs.run(config)
    first_set_up, first_simulation, first = runs.run(config, "workload.replay.parts=1")
    alone = set_up + simulation - first_set_up - first_simulation
    return reductions / inside, (every["reductions"] - first["reductions"]) / alone


def ring(runs):
    config = runs.folder / "ring.yaml"
    config.write_text(RING.format(root=ROOT))
    packets = inside = alone = own = 0
    for _ in range(3):
        _, without, _ = runs.run(MAIN, GPU, PLAIN, EMPTY, *ONE)
        _, with_it, s = runs.run(MAIN, GPU, PLAIN, *ONE, *PACKETS)
        inside += with_it - without
        packets += s["ring"]["packets"]
        _, simulation, r = runs.run(config, *PACKETS)
        alone += simulation
        own += r["packets"]
    return packets / inside, own / alone


MODELS = [("sme", sme, "MAC/s"), ("allmod", allmod, "reductions/s"), ("ring", ring, "packets/s")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--repetitions", type=int, default=5)
    args = parser.parse_args()
    rates = {name: [] for name, _, _ in MODELS}
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(args.program.resolve(), folder)
        whole, reports = [], []
        for _ in range(args.repetitions):
            for name, measure, _ in MODELS:
                rates[name].append(measure(runs))
            whole.append(runs.run(MAIN)[:2])
            peak = runs.peak
            begin = time.monotonic()
            subprocess.run([args.program, "report", f"{folder}/run", "-o", f"{folder}/page.html"], check=True,
                           stdout=subprocess.DEVNULL)
            reports.append(time.monotonic() - begin)
    print("| model | in the main job | alone | ratio | spread | target |")
    print("|---|---|---|---|---|---|")
    for name, _, unit in MODELS:
        ratios = [inside / alone for inside, alone in rates[name]]
        median = statistics.median(ratios)
        inside, alone = (statistics.median(r[i] for r in rates[name]) for i in (0, 1))
        print(f"| {name} | {inside:.2e} {unit} | {alone:.2e} {unit} | {median:.0%} | "
              f"{(max(ratios) - min(ratios)) / median:.0%} | 70 % |")
    set_up, simulation = (statistics.median(w[i] for w in whole) for i in (0, 1))
    print(f"\nThe main job as a whole: {set_up:.2f} s of processor time to set up, {simulation:.2f} s to simulate; "
          f"{peak / 2**20:.0f} MiB at the most (target: below 2048); its page in {statistics.median(reports):.1f} s "
          "(target: below 10).")
    print(f"Medians of {args.repetitions} interleaved repetitions; spread is (max - min) / median of the ratio.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
