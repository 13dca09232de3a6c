#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The tables of models/sme/REPRODUCTION.md, from the results of scripts/study_sme."""

PAPER_FIG8 = {8: (4400, 4070, 3860, 3200), 7: (3810, 3490, 3160, 2520), 6: (3030, 2790, 2470, 1830), 5: (2330, 2090, 1780, 1230),
              4: (1650, 1310, 1100, 590)}
PAPER_FIG7_ENERGY = {"ResNet-50": 3.32, "ResNet-18": 3.14, "MobileNet-v2": 1.76}
PAPER_FIG7_AREA = {"ResNet-50": 3.88, "ResNet-18": 3.28, "MobileNet-v2": 1.75}
PAPER_TABLE2 = {"MobileNet-v2, real": ("78.74 %", "84.51 %"), "ResNet-18 (CIFAR), synthetic Gaussian": ("83.19 %", "96.97 %"),
                "ResNet-18 (CIFAR), synthetic Laplace": ("83.19 %", "96.97 %"),
                "ResNet-50, synthetic Gaussian": ("67.35 %", "91.23 %"), "ResNet-50, synthetic Laplace": ("67.35 %", "91.23 %")}
CIFAR = ("ResNet-18 (CIFAR), synthetic Gaussian", "ResNet-18 (CIFAR), synthetic Laplace")


def table(head, rows):
    lines = ["| " + " | ".join(map(str, head)) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in rows])


def n(value):
    return f"{value:,.0f}"


def percent(value, digits=1):
    return f"{100 * value:.{digits}f} %"


def used(rows):
    return [r["used"] for r in rows]


def overview(data):
    rows = []
    for name, c in data["networks"].items():
        sme = c["sme_bits"]["8"]
        rows.append([name, n(sme[0]["conventional"]), n(sme[0]["bit_sliced"]), n(c["int8"][0]["used"]), *map(n, used(sme)),
                     n(sme[0]["packed"]), n(sme[3]["packed"]), n(used(c["per_channel"])[0])])
    return table(["network", "conventional INT8", "bit-sliced", "INT8 used", "SME used", "D = 1", "D = 2", "D = 3",
                  "packed, D = 0", "packed, D = 3", "SME used, scale a channel"], rows)


def fig5(data):
    rows = [[name, *[percent(e) for e in c["sme_bits"]["8"][0]["empty_rows"][:4]]] for name, c in data["networks"].items()]
    return table(["network", "plane 1", "plane 2", "plane 3", "plane 4"], rows)


def fig7(data):
    rows = []
    for network, runs in data["runs"].items():
        base = runs["conventional INT8"]
        energy = {k: r["energy_j"]["total"] - r["energy_j"]["write"] for k, r in runs.items()}
        for name, run in runs.items():
            ours = name != "conventional INT8"
            rows.append([network, name, n(run["crossbars_allocated"]), n(run["sim_cycles"]), f"{1e3 * energy[name]:.2f}",
                         f"{base['crossbars_allocated'] / run['crossbars_allocated']:.2f}",
                         f"{energy['conventional INT8'] / energy[name]:.2f}",
                         f"{PAPER_FIG7_AREA[network.split(',')[0]]} / {PAPER_FIG7_ENERGY[network.split(',')[0]]}" if ours else "1 / 1"])
    return table(["network", "design", "crossbars", "cycles", "energy, mJ (without writing)", "crossbars, gain", "energy, gain",
                  "paper's SME: area / energy efficiency"], rows)


def fig8(data):
    rows = []
    for bits, paper in PAPER_FIG8.items():
        row = [bits, " / ".join(map(n, paper))]
        for name in CIFAR:
            row.append(" / ".join(map(n, used(data["networks"][name]["sme_bits"][str(bits)]))))
        rows.append(row)
    return table(["bits", "paper: sliced / D = 1 / 2 / 3", "ours, Gaussian", "ours, Laplace"], rows)


def fig11(data):
    paper = ["~50", "~270", "~650", "~650", "~650", "~650", "~650", "~150"]
    rows = [["paper (CIFAR ResNet-18)", *paper, "~3,850"]]
    for name in (*CIFAR, "MobileNet-v2, real"):
        c = data["networks"][name]
        for label, row in (("SME, 8 bits", c["sme_bits"]["8"][0]), ("mixed", c["mixed"][0])):
            rows.append([f"{name}: {label}", *map(n, row["used_by_plane"][:8]), n(row["used"])])
    return table(["crossbars of plane", *range(1, 9), "total"], rows)


def fig12(data):
    rows = []
    for name, c in data["networks"].items():
        mlc = c["mlc"]
        rows.append([name, n(mlc[0]["conventional"]), *map(n, used(mlc)), percent(1 - mlc[2]["used"] / mlc[0]["conventional"])])
    return table(["network", "conventional", "sliced", "D = 1", "D = 2", "D = 3", "saved at D = 2"], rows)


def table2(data):
    rows = []
    for name, c in data["networks"].items():
        paper = PAPER_TABLE2.get(name, ("", ""))
        rows.append([name, paper[0], percent(c["sme_bits"]["8"][0]["bit_sparsity"], 2),
                     percent(c["sme_bits"]["8"][3]["bit_sparsity_squeezed"], 2), paper[1], percent(c["pim_prune"]["bit_sparsity"], 2)])
    return table(["network", "paper, SME", "ours, SME codes", "after D = 3", "paper, SME + PIM-Prune",
                  "ours, SME + pruning of half the row pieces"], rows)


def headline(data):
    rows = []
    for name, c in data["networks"].items():
        base = c["int8"][0]["conventional"]
        cells = [f"{base / c['sme_bits'][b][d]['used']:.2f}" for b, d in (("8", 1), ("8", 3), ("6", 3), ("5", 3), ("4", 3))]
        paper = "8.7" if "ResNet-50" in name else "2.1" if "MobileNet" in name else ""
        rows.append([name, n(base), *cells, f"{base / c['pim_prune']['sme_squeezed']['used']:.2f}", paper])
    return table(["network", "conventional INT8", "8 bits, D = 1", "8 bits, D = 3", "6 bits, D = 3", "5 bits, D = 3",
                  "4 bits, D = 3", "8 bits, D = 3, half pruned", "paper"], rows)


def baselines(data):
    rows = []
    for name, c in data["networks"].items():
        sme = c["sme_bits"]["8"]
        kb = lambda b: f"{b / 1024:,.1f}"
        rows.append([name, n(sme[0]["conventional"]), f"{n(c['sre']['int8']['crossbars'])} ({kb(c['sre']['int8']['index_bytes'])})",
                     f"{n(c['pim_prune_int8']['conventional'])} ({kb(c['pim_prune_int8']['conventional_index_bytes'])})",
                     f"{n(sme[1]['used'])} ({kb(sme[1]['rcmr_bytes'])})", f"{n(sme[3]['used'])} ({kb(sme[3]['rcmr_bytes'])})",
                     f"{n(c['pim_prune']['sme_squeezed']['used'])} "
                     f"({kb(c['pim_prune']['index_bytes'] + c['pim_prune']['sme_squeezed']['rcmr_bytes'])})"])
    return table(["network", "conventional INT8", "SRE-style", "PIM-Prune-style, half", "SME, D = 1", "SME, D = 3",
                  "SME, D = 3 + PIM-Prune-style"], rows)


def accuracy(data):
    a = data["accuracy"]
    rows = [["f32", "", "", "", f"{a['f32']['perplexity']:.4f}", "", "", ""],
            ["INT8 (companion)", "", "", "", f"{a['int8']['perplexity']:.4f}",
             f"{a['int8']['nll_increase']:+.5f} ± {a['int8']['nll_increase_error']:.5f}", "", ""]]
    for r in a["sme"]:
        rows.append([f"SME, S = {r['s']}", r["scale"].replace("per_", "a ").replace("channel", "channel"), r["degree"], r["adc_bits"],
                     f"{r['perplexity']:.4f}", f"{r['nll_increase']:+.5f} ± {r['nll_increase_error']:.5f}", n(r["crossbars"]),
                     f"{100 * r['clips'] / r['conversions']:.4f} %" if r["clips"] else "0"])
    return table(["weights", "scale", "D", "ADC bits", "perplexity", "nll over f32, nats a token", "crossbars", "conversions clipped"],
                 rows)


def tables(data):
    return {f.__name__: f(data) for f in (overview, fig5, fig7, fig8, fig11, fig12, table2, headline, baselines, accuracy)}
