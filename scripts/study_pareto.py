#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Our designs over the authors' digitised Pareto curves. A section of scripts/study_allmod."""
import csv
import math

import study_runs
from study_errors import author_k

CURVES = study_runs.ROOT / "models" / "allmod" / "data" / "allmod_pareto_digitised.csv"
POINTS = study_runs.ROOT / "models" / "allmod" / "study" / "points.csv"
CLASSES = {"1xMaxTP": 1, "1/2xMaxTP": 2, "1/4xMaxTP": 4, "1/8xMaxTP": 8}
SLACK = 2  # cycles that our repaired template takes beyond m*: one look-up, and m + 1 steps instead of m


def theirs():
    curves = {}
    with CURVES.open() as file:
        for row in csv.DictReader(file):
            curves.setdefault((int(row["n"]), row["curve"]), []).append(
                (int(row["latency_cycles"]), float(row["area_eff_ops_per_cycle_per_1e9LUT"])))
    return {key: sorted(points) for key, points in curves.items()}


def m_star(n):
    """Cycles between two operands of the balanced template with the authors' table size."""
    return (n + author_k(n)) / (author_k(n) + 1)


def series(n):
    """1, 2, 3, 4, 6, 8, 12, ... up to n"""
    return sorted({v for k in range(14) for v in (1 << k, 3 << k >> 1) if v <= n})


def designs(n, short, serial):
    k = author_k(n)
    for w in sorted({k, k + 1, 6}):
        base = {"design.n": n, "design.w": w, "cost.rom": "bram"}
        yield {**base, "design.form": "template"}
        steps = [0, 1, 2, 4, 8] + [v for v in series(round(m_star(n))) if v > 8 and not short]
        for m in steps:
            for r in (1, 2) if short else (1, 2, 4):
                for rho in (2,) if short else (2, 3, 4):
                    yield {**base, "design.form": "pipelined", "design.m": m, "design.r": r, "design.rho": rho}
        if not serial:
            continue
        groups = -(-n // w)
        for t in series(groups)[:: 3 if short else 1]:
            for u in (1, 2, 4) if short else series(16):
                for m in (0, "balanced"):
                    yield {**base, "design.form": "serial", "design.m": m, "design.t": t, "design.u": u}


def front(points):
    """Least latency first; each further one has to be more efficient."""
    kept = []
    for q in sorted(points, key=lambda q: (q["latency"], -q["efficiency"])):
        if not kept or q["efficiency"] > kept[-1]["efficiency"]:
            kept.append(q)
    return kept


def collect(runs, short):
    serial = runs.priced("serial")
    curves = theirs()
    sizes = (256,) if short else sorted({n for n, _ in curves})
    data = {"serial": serial, "curves": curves, "fronts": {}, "templates": {}, "ends": {}, "short": short}
    for n in sizes:
        tried = list(designs(n, short, serial))
        found = []
        for settings, s in zip(tried, runs.many(tried)):
            if s is None or s["lut_sites"] is None:
                continue
            found.append({"form": s["form"], "settings": settings, "latency": s["latency_cycles"], "ii": s["ii_cycles"],
                          "lut": s["lut_sites"], "bram": s["bram36"], "key": s["area_efficiency"]})
        found += lanes(runs, n)
        for name, divisor in CLASSES.items():
            interval = divisor * m_star(n)
            fits = [{**q, "efficiency": 1e9 / (max(interval, q["ii"]) * q["lut"])}
                    for q in found if q["ii"] <= divisor * (m_star(n) + SLACK)]
            data["fronts"][n, name] = front(fits)
            data["templates"][n, name] = [q for q in fits if q["form"] == "template"
                                          and q["settings"]["design.w"] <= author_k(n) + 1]
        data["ends"][n] = ends(runs, n)
    if not short:
        write(data)
    return data


def lanes(runs, n):
    """The folded end points, which the program prices beside every design."""
    for worth in (547, 100, 30):
        settings = {"design.n": n, "design.w": author_k(n), "cost.rom": "bram", "design.form": "template",
                    "cost.device.bram36_luts": worth}
        for e in runs.one(settings)["end_points"]:
            if e["name"] in ("deep-ROM lane", "iterative, folded"):
                yield {"form": e["name"], "settings": settings, "latency": e["latency_cycles"], "ii": e["ii_cycles"],
                       "lut": e["lut_sites"], "bram": e["bram36"], "key": e["area_efficiency"]}


def ends(runs, n):
    """Efficiency at each design's own interval, which is what key area_efficiency says."""
    s = runs.one({"design.n": n, "design.w": author_k(n), "cost.rom": "bram", "design.form": "template"})
    return {"template": s["area_efficiency"], **{e["name"]: e["area_efficiency"] for e in s["end_points"]}}


def write(data):
    with POINTS.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["n", "class", "form", "latency_cycles", "ii_cycles", "lut_sites", "bram36",
                      "ops_per_cycle_per_1e9LUT", "settings"])
        for (n, name), points in data["fronts"].items():
            for q in points:
                out.writerow([n, name, q["form"].replace(",", ""), q["latency"], q["ii"], q["lut"], q["bram"],
                              f"{q['efficiency']:.4g}", study_runs.words(q["settings"])])


def tables(data):
    lines = ["" if data["serial"] else "Form `serial`: area not modelled by this program; its points are left out.", "",
             "| n | class | interval | authors, fewest cycles | ours | authors, most efficient | our template | our best |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]

    def cell(latency, efficiency, form=""):
        return f"{latency} cycles: {efficiency:.4g}" + (f" ({form})" if form else "")

    for (n, name), points in data["fronts"].items():
        curve = data["curves"][n, name]
        best = max(points, key=lambda q: q["efficiency"])
        template = max(data["templates"][n, name], key=lambda q: q["efficiency"], default=None)
        lines.append(f"| {n} | {name} | {CLASSES[name] * m_star(n):.1f} | {cell(*curve[0])} "
                     f"| {cell(points[0]['latency'], points[0]['efficiency'], points[0]['form'])} "
                     f"| {cell(*max(curve, key=lambda q: q[1]))} "
                     f"| {cell(template['latency'], template['efficiency']) if template else '-'} "
                     f"| {cell(best['latency'], best['efficiency'], best['form'])} |")
    names = list(next(iter(data["ends"].values())))
    lines += ["", "At its own interval instead of the class's (key `area_efficiency`, block RAM free):", "",
              "| n | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for n, values in data["ends"].items():
        lines.append(f"| {n} | " + " | ".join(f"{values[name]:.4g}" for name in names) + " |")
    example = {"design.n": 256, "design.w": 6, "cost.rom": "bram", "design.form": "template"}
    return lines + ["", f"`{study_runs.command(example)}`"]


def problems(data):
    for (n, name), points in data["fronts"].items():
        if not points:
            yield f"n = {n}, {name}: no design of ours fits"
    for (n, name), points in data["templates"].items():
        curve = data["curves"][n, name]
        if name == "1xMaxTP":
            best = max(points, key=lambda q: q["efficiency"], default=None)
            if best is None:
                yield f"n = {n}: no template reaches the authors' throughput"
            elif not 0.5 < best["efficiency"] / max(q[1] for q in curve) < 2:
                yield f"n = {n}: the template is at {best['efficiency']:.4g}, far from the authors' right end"
