# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Writes models/REPRODUCTION.md and its picture."""
import math

PAPERS = {
    "ALLMod": ("large-number modular reduction, arXiv 2503.15916", "allmod/STUDY.md", """
Areas are sites of the cost model, not of synthesis. The abstract's gains have no named baseline: two readings are shown, five are in the study.
**Not reproduced**: the authors' designs at 1/2 MaxTP and below, whose shrinking is not described; the synthesised gain."""),
    "SME": ("ReRAM crossbars with bit-slicing and squeeze-out, arXiv 2103.01705", "sme/REPRODUCTION.md", """
Assumed: the reference of Fig. 7 is conventional INT8 on the same chip with the same 6-bit ADCs; weights of ResNets are synthetic, which has no crossbar
without a one. **Not reproduced**: Fig. 7's energy gains (1.3 instead of 3.3: a squeezed tile is read for 8 + D cycles, and we do not give ISAAC a
larger ADC); Table II and Fig. 7 with pruning (the pruned networks are not at hand); ResNet-50's 67.35 % (codes with three ones in eight bits cannot have
less than 62.5 %, and no usual weights come near); ImageNet accuracy."""),
    "TokenRing": ("attention over a ring of GPUs, arXiv 2412.20501", "ring/README.md", """
Assumed: header sizes and latencies of PCIe, no slowdown of kernels in the prediction. **Not reproduced**: step 2 from Ring Attention alone (two
transfers beside a kernel slow it, which one number cannot know); the paper's other clusters, for which it prints no times."""),
    "MILLION": ("product-quantised KV cache, arXiv 2504.03661", "../traces/RESULTS.md", """
Measured by the companion on one H200, the authors' on another GPU: ratios can be set side by side, milliseconds cannot. The authors' code copies the fp16
cache at every token; against a cache that is not copied ours gains 1.44x at 32K. **Not reproduced**: perplexity on WikiText-2 of the 7B models (their
weights are not at hand); on the committed small model 4-bit PQ costs 0.0001 nats."""),
    "FlexQuant": ("precision chosen token by token, arXiv 2506.12024", "../traces/RESULTS.md", """
Measured on one H200 with the precision schedule of the small model's run. **Not reproduced**: the paper's models and accuracy tables."""),
}

# Made by scripts/study_allmod, scripts/study_sme and scripts/ring_where; scripts/reproduce --studies runs the first two.
PICTURES = {
    "ALLMod": (("Pareto fronts, ours over the authors'", "allmod/study/pareto.svg"),),
    "SME": (("Fig. 5: rows without a one", "sme/study/fig5_empty_rows.svg"), ("Fig. 7: gains", "sme/study/fig7_gains.svg"),
            ("Fig. 8: crossbars", "sme/study/fig8_squeeze.svg"), ("Fig. 11: crossbars by plane", "sme/study/fig11_planes.svg")),
    "TokenRing": (("Time of Ring Attention over time of TokenRing", "ring/where_it_helps.svg"),),
}


def number(x, unit=""):
    if x == 0 or not math.isfinite(x):
        return "0" if x == 0 else "-"
    text = f"{x:,.0f}" if abs(x) >= 1000 else f"{x:.4g}"
    return text + (f" {unit}" if unit else "")


def line(row):
    deviation = f"{100 * (row.value / row.published - 1):+.1f} %"
    if row.bound:
        deviation = "holds" if row.value <= row.published else "does not hold"
    tick = "``" if "`" in row.command else "`"  # a code span that holds backticks
    pad = " " if row.command.endswith("`") else ""
    return (f"| {row.what} | {number(row.published, row.unit)} {row.source} | {number(row.value, row.unit)} | {deviation} | "
            f"{row.note} | {tick}{pad}{row.command}{pad}{tick} |")


def picture(rows, file):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    matplotlib.rcParams["svg.hashsalt"] = "tricycle"
    rows = [r for r in rows if not r.bound]
    colours = dict(zip(PAPERS, ("tab:blue", "tab:orange", "tab:green", "tab:red", "tab:purple")))
    figure, axes = plt.subplots(figsize=(10, 0.27 * len(rows) + 1.2))
    for i, row in enumerate(rows):
        ratio = row.value / row.published
        axes.plot([1, ratio], [-i, -i], color=colours[row.paper], linewidth=1.5)
        axes.plot(ratio, -i, "o", color=colours[row.paper], markersize=5)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.axvspan(0.9, 1.1, color="0.92", zorder=0)
    axes.set_xscale("log", base=2)
    ticks = (0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2)
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.set_yticks([-i for i in range(len(rows))], [f"{r.paper}: {r.what}" for r in rows], fontsize=7)
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set_xlabel("ours / published (grey: within 10 %)")
    axes.grid(axis="x", linewidth=0.3)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def write(root, rows):
    picture(rows, root / "models/reproduction.svg")
    close = sum(1 for r in rows if r.bound or abs(r.value / r.published - 1) <= 0.1)
    text = [f"""# The papers' numbers beside ours

`scripts/reproduce` writes this page: it runs the simulator for the rows that name `tricycle run`, and takes the others from results that are committed
with the command that made them. `scripts/reproduce --short` runs with every test and fails when a quick row has moved. [paper]: printed; [figure]: read
off, about 2 %; [code]: the authors' repository. {len(rows)} numbers, {close} of them within 10 % or the bound. A deviation is no verdict: the remarks
and the pages behind them say what was assumed and what differs.

![Ours over published, one line a number](reproduction.svg)
"""]
    for paper, (title, page, remarks) in PAPERS.items():
        text.append(f"## {paper}\n\n{title[0].upper()}{title[1:]}; all of it: [{page.split('/')[-1]}]({page}).\n{remarks}\n")
        text.append("| what | published | ours | deviation | remark | command |\n|---|---|---|---|---|---|")
        text += [line(r) for r in rows if r.paper == paper]
        text += ["", *(f"![{caption}]({file})\n" for caption, file in PICTURES.get(paper, ()))]
    (root / "models/REPRODUCTION.md").write_text("\n".join(text))
