# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The rows of models/REPRODUCTION.md: what is published, and where ours comes from."""
import dataclasses
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import typing


@dataclasses.dataclass
class Row:
    paper: str
    what: str
    published: float
    source: str                        # [paper] printed, [figure] read off, [code] the authors' repository
    ours: typing.Callable[[], float]
    command: str                       # that gives it
    unit: str = ""
    quick: bool = False                # in CI as well
    bound: bool = False                # published: not above this
    note: str = ""
    value: float = math.nan


class Runs:
    """Runs of the program, each once."""

    def __init__(self, root, program):
        self.root, self.program, self.known = root, program, {}

    def summary(self, config, *settings):
        key = (config, *settings)
        if key not in self.known:
            with tempfile.TemporaryDirectory() as folder:
                sets = [x for s in settings for x in ("--set", s)]
                done = subprocess.run([self.program, "run", config, *sets, "-o", f"{folder}/run", "--quiet"], cwd=self.root,
                                      capture_output=True, text=True,
                                      env={**os.environ, "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE": "1"})
                if done.returncode != 0:
                    sys.exit(f"tricycle run {' '.join(key)}\n{done.stderr}")
                with open(f"{folder}/run/summary.json") as file:
                    self.known[key] = json.load(file)
        return self.known[key]


def shown(config, *settings):
    return " ".join(["tricycle run", config, *(f"--set {s}" for s in settings)])


def committed(root, page, pattern):
    """The first group of a pattern that a committed page must have, once."""
    def value():
        found = re.findall(pattern, (root / page).read_text())
        if len(found) != 1:
            sys.exit(f"{page}: {len(found)} places for {pattern}")
        return float(found[0])
    return value


def rows(root, program):
    runs = Runs(root, program)
    return [*allmod(root, runs), *sme(root, runs), *ring(runs), *companion(root)]


def allmod(root, runs):
    base = "models/allmod/study/base.yaml"
    for n, published in ((256, 6473), (512, 890.8), (1024, 98.65), (2048, 10.14), (4096, 0.96)):
        k = 14 - int(math.log2(n))
        settings = (f"design.n={n}", f"design.w={k + 1}", "cost.rom=bram", "design.form=template")
        interval = (n + k) / (k + 1)

        def efficiency(settings=settings, interval=interval):
            return 1e9 / interval / runs.summary(base, *settings)["lut_sites"]
        yield Row("ALLMod", f"area efficiency of the template, n = {n}, at its rate of one in {interval:.1f} cycles", published,
                  "[figure] Pareto front, right end", efficiency, shown(base, *settings) + ": 1e9 / interval / `lut_sites`",
                  "ops/cycle/1e9 LUT", n in (256, 1024))
    study = "scripts/study_allmod --section readings"
    for n, gain, pattern in ((128, 1.65, r"\| `eager_baseline` \| [^|]* \| ([0-9.]+) \("),
                             (8192, 3, r"\| `eager_baseline` \|[^|]*\|[^|]*\|[^|]*\| ([0-9.]+) \(")):
        yield Row("ALLMod", f"gain in area efficiency, n = {n}, if the baseline subtracts at every adder", gain,
                  "[paper] abstract; baseline not named", committed(root, "models/allmod/STUDY.md", pattern), study, "x",
                  note="our reading")
    for n, gain, pattern in ((128, 1.65, r"\| `best_vs_best` \| [^|]* \| ([0-9.]+) \(over"),
                             (8192, 3, r"\| `best_vs_best` \|[^|]*\|[^|]*\|[^|]*\| ([0-9.]+) \(over")):
        yield Row("ALLMod", f"the same, n = {n}, against the best reducer of one kind", gain,
                  "[paper] abstract; baseline not named", committed(root, "models/allmod/STUDY.md", pattern), study, "x",
                  note="our reading")


def sme(root, runs):
    results = json.loads((root / "models/sme/study/results.json").read_text())
    fig8 = "configs/sme/paper/fig8_squeeze.yaml"
    yield Row("SME", "Fig. 8: crossbars, CIFAR ResNet-18, conventional", 5550, "[figure]",
              lambda: runs.summary("configs/sme/paper/fig8_conventional.yaml")["crossbars_conventional"],
              shown("configs/sme/paper/fig8_conventional.yaml"), quick=True, note="synthetic weights")
    for bits, degree, published in ((8, 0, 4400), (8, 1, 4070), (8, 2, 3860), (8, 3, 3200), (4, 0, 1650), (4, 3, 590)):
        settings = (f"quantizer.bits={bits}", f"squeeze.degree={degree}")
        yield Row("SME", f"Fig. 8: crossbars, {bits} bits, D = {degree}", published, "[figure]",
                  lambda s=settings: runs.summary(fig8, *s)["crossbars_used"], shown(fig8, *settings),
                  quick=(bits, degree) in ((8, 3), (4, 3)), note="synthetic weights")
    yield Row("SME", "Fig. 5: rows of the first plane that have a one, ResNet-18, below", 0.10, "[paper]",
              lambda: 1 - runs.summary("configs/sme/paper/fig5_empty_rows.yaml")["empty_row_share_msb"],
              shown("configs/sme/paper/fig5_empty_rows.yaml"), bound=True, note="synthetic weights, Laplace")
    networks = {"MobileNet-v2": ("MobileNet-v2, real", 0.7874, "real weights"),
                "CIFAR ResNet-18": ("ResNet-18 (CIFAR), synthetic Laplace", 0.8319, "synthetic weights"),
                "ResNet-50": ("ResNet-50, synthetic Laplace", 0.6735, "synthetic weights")}
    for name, (key, published, note) in networks.items():
        yield Row("SME", f"Table II: share of zero bits, {name}", published, "[paper]",
                  lambda k=key: results["networks"][k]["sme_bits"]["8"][0]["bit_sparsity"], "scripts/study_sme", note=note)
    for name, area, energy in (("resnet50", 3.88, 3.32), ("resnet18", 3.28, 3.14)):
        config = ("configs/sme/paper/fig7_isaac.yaml", f"workload.network={name}")
        ours = ("configs/sme/paper/fig7_sme.yaml", f"workload.network={name}", "squeeze.degree=3")

        def crossbars(config=config, ours=ours):
            return runs.summary(*config)["crossbars_conventional"] / runs.summary(*ours)["crossbars_used"]

        def joules(config=config, ours=ours):
            a, b = (runs.summary(*c)["energy_j"] for c in (config, ours))
            return (a["total"] - a["write"]) / (b["total"] - b["write"])
        both = f"{shown(*config)} over {shown(*ours)}"
        yield Row("SME", f"Fig. 7: area efficiency over ISAAC, {name}", area, "[figure] degree and pruning not said", crossbars,
                  both + ": crossbars", "x", note="ours at D = 3, not pruned; synthetic weights")
        yield Row("SME", f"Fig. 7: energy efficiency over ISAAC, {name}", energy, "[figure] degree and pruning not said", joules,
                  both + ": `energy_j` without writing", "x", note="the same ADC on both sides")
    headline = ("configs/sme/paper/headline_resnet50.yaml",)
    yield Row("SME", "headline: fewer crossbars, ResNet-50", 8.7, "[paper] reference not named",
              lambda: runs.summary("configs/sme/paper/fig7_isaac.yaml", "workload.network=resnet50")["crossbars_conventional"]
              / runs.summary(*headline)["crossbars_used"],
              f"{shown('configs/sme/paper/fig7_isaac.yaml')} over {shown(*headline)}", "x",
              note="conventional INT8 over 4-bit SME, D = 3")
    yield Row("SME", "headline: fewer crossbars, MobileNet-v2", 2.1, "[paper] reference not named",
              lambda: results["networks"]["MobileNet-v2, real"]["int8"][0]["conventional"]
              / results["networks"]["MobileNet-v2, real"]["sme_bits"]["6"][3]["used"], "scripts/study_sme", "x",
              note="conventional INT8 over 6-bit SME, D = 3; real weights")


def ring(runs):
    def a10(what, published, config, pick, note):
        return Row("TokenRing", what, published, "[code] README and profile", lambda: 1e3 * pick(runs.summary(config)),
                   shown(config), "ms", quick=True, note=note)
    yield a10("4 x A10, Ring Attention, a round", 7.6, "configs/ring/a10x4_ring.yaml", lambda s: max(s["step_times_s"][:3]),
              "fitted: one rate, from this number")
    for step, published in enumerate((3.5, 3.5, 4.6)):
        yield a10(f"4 x A10, TokenRing, step {step}", published, "configs/ring/a10x4_prediction.yaml",
                  lambda s, i=step: s["step_times_s"][i], "prediction from Ring Attention alone")
    for step, published in enumerate((3.5, 3.5, 4.6)):
        yield a10(f"4 x A10, TokenRing, step {step}, with the profile", published, "configs/ring/a10x4_tokenring.yaml",
                  lambda s, i=step: s["step_times_s"][i], "fitted to the profile: predicts nothing")


def companion(root):
    page, command = "traces/RESULTS.md", "traces/RESULTS.md (tricycle-workload bench on one H200)"

    def row(paper, what, published, source, pattern, note):
        return Row(paper, what, published, source, committed(root, page, pattern), command, "x", note=note)
    yield row("MILLION", "time per token at 32K, fp16 cache (copied) over PQ, llama2-7b", 2.55, "[code]",
              r"llama2-7b at 32K, fp16 \(cache copied\) -> PQ \|[^|]*\| [^,|]*, ([0-9.]+)x", "another GPU; measured")
    yield row("MILLION", "the same at 1K", 1.04, "[code]", r"\| the same at 1K \|[^|]*\| [^,|]*, ([0-9.]+)x", "another GPU; measured")
    yield row("MILLION", "the same at 32K, llama3.1-8b", 2.55, "[code]",
              r"llama3.1-8b at 32K, cache copied -> PQ \|[^|]*\| [^,|]*, ([0-9.]+)x", "another GPU; measured")
    yield row("FlexQuant", "end to end over static INT8", 1.3, "[paper]",
              r"FlexQuant, end to end over static INT8 \|[^|]*\| ([0-9.]+)x", "another GPU and model; measured")
