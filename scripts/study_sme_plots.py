#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The plots of models/sme/REPRODUCTION.md. The same numbers give the same bytes."""
import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

import study_sme_tables as paper

BLUE, ORANGE, GREEN, PURPLE, GREY = "#1b6ca8", "#d1711f", "#3b8c3b", "#9b3f8f", "#8a8a8a"
plt.rcParams.update({"svg.hashsalt": "tricycle", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
                     "axes.grid": True, "grid.color": "#e4e4e4", "axes.axisbelow": True})


def save(figure, path):
    figure.savefig(path, metadata={"Date": None, "Creator": "scripts/study_sme"})
    plt.close(figure)
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")


def groups(panel, labels, series, fmt="{:,.0f}"):
    """Bars of several series beside each other; series: {name: (values, colour)}; None leaves a gap."""
    width = 0.8 / len(series)
    for i, (name, (values, colour)) in enumerate(series.items()):
        at = [x - 0.4 + width * (i + 0.5) for x in range(len(labels))]
        bars = panel.bar(at, [v or 0 for v in values], width, color=colour, label=name)
        if fmt:
            panel.bar_label(bars, [fmt.format(v) if v is not None else "" for v in values], fontsize=6, rotation=90, padding=2)
    panel.set_xticks(range(len(labels)), labels, fontsize=8)
    panel.grid(axis="x", visible=False)
    panel.margins(y=0.15)


def rows_empty(data, folder):
    figure, panel = plt.subplots(figsize=(9, 3.6), layout="constrained")
    names = list(data["networks"])
    series = {f"plane {p + 1}": ([100 * data["networks"][x]["sme_bits"]["8"][0]["empty_rows"][p] for x in names], colour)
              for p, colour in enumerate((BLUE, ORANGE, GREEN))}
    groups(panel, [x.replace(", ", ",\n") for x in names], series, "{:.0f}")
    panel.axhline(90, color=GREY, linestyle="--", linewidth=1, label="paper, plane 1 (ResNet-18): above 90 %")
    panel.set(ylabel="rows without a one, %", ylim=(0, 112))
    panel.legend(fontsize=7, ncols=4, loc="upper right")
    save(figure, folder / "fig5_empty_rows.svg")


def squeeze(data, folder):
    figure, panels = plt.subplots(1, 3, figsize=(12, 4), layout="constrained", sharey=True)
    bits = list(paper.PAPER_FIG8)
    sources = {"paper": lambda b, d: paper.PAPER_FIG8[b][d]}
    for name in paper.CIFAR:
        sources[name] = lambda b, d, c=data["networks"][name]: c["sme_bits"][str(b)][d]["used"]
    for panel, (name, value) in zip(panels, sources.items()):
        series = {f"{'bit-sliced' if d == 0 else f'D = {d}'}": ([value(b, d) for b in bits], colour)
                  for d, colour in enumerate((GREY, BLUE, GREEN, ORANGE))}
        groups(panel, [f"{b} bits" for b in bits], series)
        panel.set_title("paper: CIFAR ResNet-18" if name == "paper" else "ours: " + name, fontsize=8)
    panels[0].set_ylabel("crossbars")
    panels[0].legend(fontsize=7)
    save(figure, folder / "fig8_squeeze.svg")


def planes(data, folder):
    figure, panel = plt.subplots(figsize=(9, 3.6), layout="constrained")
    series = {"paper (read off)": ([50, 270, 650, 650, 650, 650, 650, 150], GREY)}
    for name, colour in zip(paper.CIFAR, (BLUE, GREEN)):
        series[f"ours, mixed, {name.split('synthetic ')[1]}"] = (data["networks"][name]["mixed"][0]["used_by_plane"][:8], colour)
    series["ours, 8 bits, Laplace"] = (data["networks"][paper.CIFAR[1]]["sme_bits"]["8"][0]["used_by_plane"][:8], ORANGE)
    groups(panel, [f"plane {p}" for p in range(1, 9)], series)
    panel.set_ylabel("crossbars of CIFAR ResNet-18")
    panel.legend(fontsize=7, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.1))
    save(figure, folder / "fig11_planes.svg")


def gains(data, folder):
    figure, panels = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
    names = list(data["runs"])
    designs = [d for d in data["runs"][names[0]] if d != "conventional INT8"]
    colours = (GREY, BLUE, GREEN, ORANGE)
    for panel, title, published, value in (
            (panels[0], "crossbars: conventional INT8 over SME", paper.PAPER_FIG7_AREA, lambda r: r["crossbars_allocated"]),
            (panels[1], "energy of an inference: conventional INT8 over SME", paper.PAPER_FIG7_ENERGY,
             lambda r: r["energy_j"]["total"] - r["energy_j"]["write"])):
        series = {d: ([value(data["runs"][x]["conventional INT8"]) / value(data["runs"][x][d]) for x in names], c)
                  for d, c in zip(designs, colours)}
        series["paper's SME (area or energy efficiency)"] = ([published[x.split(",")[0]] for x in names], PURPLE)
        groups(panel, names, series, "{:.2f}")
        panel.set_title(title, fontsize=9)
        panel.axhline(1, color="#444444", linewidth=0.8)
    panels[0].legend(fontsize=7, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.1))
    save(figure, folder / "fig7_gains.svg")


def accuracy(data, folder):
    figure, panel = plt.subplots(figsize=(8, 3.8), layout="constrained")
    shown = [r for r in data["accuracy"]["sme"] if r["adc_bits"] == "auto"]
    for scale, style in (("per_tensor", "o-"), ("per_channel", "s--")):
        for s, colour in ((2, ORANGE), (3, BLUE), (4, GREEN)):
            rows = [r for r in shown if r["s"] == s and r["scale"] == scale]
            panel.errorbar([r["degree"] + 0.05 * (s - 3) for r in rows], [r["nll_increase"] for r in rows],
                           [r["nll_increase_error"] for r in rows], fmt=style, color=colour, capsize=2, linewidth=1, markersize=4,
                           label=f"S = {s}, one scale a {scale[4:]}")
    int8 = data["accuracy"]["int8"]["nll_increase"]
    panel.axhline(int8, color=GREY, linestyle=":", label="INT8 (companion)")
    panel.set(xlabel="squeeze degree D", ylabel="nats a token over f32", xticks=range(4))
    panel.legend(fontsize=7, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.14))
    save(figure, folder / "accuracy.svg")


def draw(data, folder):
    for plot in (rows_empty, gains, squeeze, planes, accuracy):
        plot(data, folder)
