#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""At which restoring step the iterative result should join. A section of scripts/study_allmod."""
import study_runs

CASES = [(128, 8), (128, 15), (256, 29), (512, 57), (1024, 114)]


def settings(n, m, p):
    return {"design.n": n, "design.w": 8, "design.m": m, "design.p": p, "design.e": "auto", "cost.rom": "bram"}


def groups_of(n, m, w=8):
    return -(-(n - m) // w)


def steps_after(n, m, p):
    """Rule B4: conditional subtractions that are left after the fusion."""
    return ((1 << (m + 1 - p)) + groups_of(n, m) - 1).bit_length()


def rule_b5(n, m):
    """Rule B5: the last p at which 2^(m+1-p) >= groups."""
    return max(0, m + 1 - (groups_of(n, m) - 1).bit_length())


def collect(runs, short):
    cases = []
    for n, m in CASES[:1] if short else CASES:
        all_p = range(m + 2)
        points = [{"p": p, "J": steps_after(n, m, p), "latency": s["latency_cycles"], "lut": s["lut_sites"],
                   "ff": s["ff"], "e": s["design"]["e"]}
                  for p, s in zip(all_p, runs.many([settings(n, m, p) for p in all_p]))]
        cases.append({"n": n, "m": m, "groups": groups_of(n, m), "b5": rule_b5(n, m), "points": points})
    return {"cases": cases}


def best(case):
    fastest = min(case["points"], key=lambda q: (q["latency"], q["lut"]))
    smallest = min(case["points"], key=lambda q: (q["lut"], q["latency"]))
    return fastest, smallest


def tables(data):
    lines = ["p: J, latency, LUT sites", "",
             "| n | m | groups | p = 0 | B5 | p = m + 1 | least latency | least LUT sites |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]

    def cell(q):
        return f"p = {q['p']}: {q['J']}, {q['latency']}, {q['lut']}"

    for c in data["cases"]:
        fastest, smallest = best(c)
        cells = [cell(q) for q in (c["points"][0], c["points"][c["b5"]], c["points"][-1], fastest, smallest)]
        lines.append(f"| {c['n']} | {c['m']} | {c['groups']} | " + " | ".join(cells) + " |")
    c = data["cases"][0]
    lines += ["", f"All p of n = {c['n']}, m = {c['m']} ({c['groups']} tables):", "",
              "| p | J | e | latency | LUT sites | FF |", "| --- | --- | --- | --- | --- | --- |"]
    lines += [f"| {q['p']}{' (B5)' if q['p'] == c['b5'] else ''} | {q['J']} | {q['e']} | {q['latency']} | {q['lut']} "
              f"| {q['ff']} |" for q in c["points"]]
    return lines + ["", f"`{study_runs.command(settings(c['n'], c['m'], c['b5']))}`"]


def problems(data):
    for c in data["cases"]:
        at_rule = c["points"][c["b5"]]
        total = c["m"] + 1
        if at_rule["p"] + at_rule["J"] > total + 1:
            yield f"n = {c['n']}, m = {c['m']}: fusing at B5 costs {at_rule['p'] + at_rule['J'] - total} more steps"
        for q in c["points"]:
            if q["lut"] is None:
                yield f"n = {c['n']}, m = {c['m']}, p = {q['p']}: form pipelined has no area"
