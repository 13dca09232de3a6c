#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The plots of models/allmod/STUDY.md. The same numbers give the same bytes."""
import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

import study_runs

FOLDER = study_runs.ROOT / "models" / "allmod" / "study"
COLOURS = {"1xMaxTP": "#1b6ca8", "1/2xMaxTP": "#d1711f", "1/4xMaxTP": "#3b8c3b", "1/8xMaxTP": "#9b3f8f"}
SHAPES = {"pipelined": "^", "template": "s", "serial": "o", "deep-ROM lane": "D", "iterative, folded": "v"}
plt.rcParams.update({"svg.hashsalt": "tricycle", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
                     "axes.grid": True, "grid.color": "#e4e4e4", "axes.axisbelow": True})


def save(figure, name):
    path = FOLDER / name
    figure.savefig(path, metadata={"Date": None, "Creator": "scripts/study_allmod"})
    plt.close(figure)
    lines = [line.rstrip() for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines) + "\n")


def pareto(data):
    figure, panels = plt.subplots(2, 3, figsize=(12, 8), layout="constrained")
    sizes = sorted({n for n, _ in data["fronts"]})
    for n, panel in zip(sizes, panels.flat):
        for name, colour in COLOURS.items():
            panel.plot(*zip(*data["curves"][n, name]), color=colour, alpha=0.35, linewidth=5, solid_capstyle="round")
            points = data["fronts"][n, name]
            panel.plot([q["latency"] for q in points], [q["efficiency"] for q in points], color=colour, linewidth=0.8,
                       drawstyle="steps-post")
            for q in points + data["templates"][n, name]:
                panel.plot(q["latency"], q["efficiency"], SHAPES[q["form"]], color=colour, markersize=5,
                           markeredgecolor="white", markeredgewidth=0.5)
        panel.set(title=f"n = {n}", xscale="log", yscale="log", xlabel="latency, cycles",
                  ylabel="operations / cycle / 10⁹ LUT sites")
    legend = panels.flat[5]
    legend.axis("off")
    handles = [Line2D([], [], color=c, linewidth=5, alpha=0.35, label=f"authors, {name}") for name, c in COLOURS.items()]
    handles += [Line2D([], [], color="#555555", marker=SHAPES[f], linewidth=0.8, label=f"ours, {f}")
                for f in SHAPES if f != "serial" or data["serial"]]
    legend.legend(handles=handles, loc="center", frameon=False, fontsize=11,
                  title="" if data["serial"] else "form serial: area not modelled")
    save(figure, "pareto.svg")


def fusion(data):
    cases = data["cases"]
    figure, panels = plt.subplots(2, len(cases), figsize=(2.6 * len(cases), 5.5), layout="constrained", sharex="col")
    for column, c in enumerate(cases):
        p = [q["p"] for q in c["points"]]
        upper, lower = panels[0][column], panels[1][column]
        upper.plot(p, [q["latency"] for q in c["points"]], ".-", color="#1b6ca8", label="latency, cycles")
        upper.plot(p, [q["J"] for q in c["points"]], ".-", color="#d1711f", label="J, steps after the fusion")
        lower.plot(p, [q["lut"] / 1000 for q in c["points"]], ".-", color="#3b8c3b", label="LUT sites, thousands")
        for panel in (upper, lower):
            panel.axvline(c["b5"], color="#888888", linestyle="--", linewidth=1, label="rule B5")
        upper.set_title(f"n = {c['n']}, m = {c['m']}")
        lower.set_xlabel("p, steps before the fusion")
        upper.set_ylim(bottom=0)
    panels[0][0].legend(fontsize=7)
    panels[1][0].legend(fontsize=7)
    panels[0][0].set_ylabel("cycles, steps")
    panels[1][0].set_ylabel("thousand LUT sites")
    save(figure, "fusion.svg")


def errors(data):
    sizes = sorted({r["n"] for r in data["rows"]})
    names = list(dict.fromkeys(r["modulus"] for r in data["rows"]))
    figure, panels = plt.subplots(1, 2, figsize=(12, 4.5), layout="constrained", sharey=True)
    titles = (("wrong", "template_literal: wrong answers"), ("extra", "template: x − 3M needed"))
    for panel, (key, title) in zip(panels, titles):
        for i, (n, colour) in enumerate(zip(sizes, COLOURS.values())):
            rows = {r["modulus"]: r[key] for r in data["rows"] if r["n"] == n}
            y = [k + (i - (len(sizes) - 1) / 2) * 0.24 for k in range(len(names))]
            means = [100 * sum(rows[name]) / len(rows[name]) for name in names]
            panel.barh(y, means, height=0.22, color=colour, alpha=0.6, label=f"n = {n}")
            for at, name in zip(y, names):
                panel.plot([100 * v for v in rows[name]], [at] * len(rows[name]), "|", color="#333333", markersize=6)
        panel.set(title=title, xlabel="% of operands", yticks=range(len(names)), yticklabels=names)
    panels[0].invert_yaxis()
    panels[1].legend(loc="lower right", title="bar: mean; strokes: moduli")
    save(figure, "errors.svg")
