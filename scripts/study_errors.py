#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""How often the authors' drawing is wrong, by modulus. A section of scripts/study_allmod."""
import math
import random

import study_runs

OPERANDS = 10000


def author_k(n):
    """Address bits for which the end points of the authors' curves are those of the template."""
    return max(1, 14 - int(math.log2(n)))


def moduli(n, seeds):
    """Name, settings of each modulus. Offsets are drawn here, so that they are the same on every machine."""
    def hexes(base, sign, bits):
        return [{"modulus.hex": hex(base + sign * random.Random(f"{n} {bits} {seed}").randrange(1, 1 << bits, 2))}
                for seed in range(1, seeds + 1)]

    return [
        ("2^(n-1) + 1", [{"modulus.kind": "pow2_plus1"}]),
        ("2^(n-1) + x, x < 2^(n/2)", hexes(1 << (n - 1), 1, n // 2)),
        ("2^(n-1) + x, x < 2^(n-8)", hexes(1 << (n - 1), 1, n - 8)),
        ("random", [{"modulus.kind": "random", "modulus.seed": s} for s in range(1, 2 * seeds + 1)]),
        ("2^n - x, x < 2^(n-8)", hexes(1 << n, -1, n - 8)),
        ("2^n - x, x < 2^(n/2)", hexes(1 << n, -1, n // 2)),
        ("2^n - 1", [{"modulus.kind": "all_ones"}]),
    ]


def settings(form, n, modulus, operands):
    return {"design.form": form, "design.n": n, "design.w": author_k(n), "fidelity.value": "register_true",
            "workload.count": operands, **modulus}


def collect(runs, short):
    rows = []
    operands = 1000 if short else OPERANDS
    for n in (128,) if short else (128, 256, 512):
        for name, some in moduli(n, 2 if short else 8):
            literal = runs.many([settings("template_literal", n, m, operands) for m in some])
            repaired = runs.many([settings("template", n, m, operands) for m in some])
            wrong = [s["literal_errors"] / operands for s in literal]
            extra = [s["extra_adjustments"] / operands for s in repaired]
            mismatches = sum(s["mismatches"] for s in literal + repaired)
            rows.append({"n": n, "w": author_k(n), "m": literal[0]["design"]["m"], "modulus": name, "wrong": wrong,
                         "extra": extra, "mismatches": mismatches})
    return {"rows": rows, "operands": operands}


def share(values):
    mean = sum(values) / len(values)
    if len(values) == 1:
        return f"{100 * mean:.2f} %"
    return f"{100 * mean:.2f} % ({100 * min(values):.2f}..{100 * max(values):.2f})"


def tables(data):
    example = study_runs.command(settings("template_literal", 128, {"modulus.kind": "pow2_plus1"}, data["operands"]))
    lines = [f"{data['operands']} random operands for each modulus; mean (least..most) over the moduli of a row.", "",
             "| n | w | m | modulus | moduli | `template_literal`: wrong answers | `template`: x - 3M needed |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for r in data["rows"]:
        lines.append(f"| {r['n']} | {r['w']} | {r['m']} | {r['modulus']} | {len(r['wrong'])} | {share(r['wrong'])} "
                     f"| {share(r['extra'])} |")
    return lines + ["", f"`{example}`, key `literal_errors`; with `design.form=template` key `extra_adjustments`. "
                        "The offsets x are odd, from Python's generator seeded with \"n bits seed\" "
                        "(`scripts/study_errors.py`), given by `modulus.hex`."]


def problems(data):
    for r in data["rows"]:
        if r["mismatches"]:
            yield f"n = {r['n']}, {r['modulus']}: {r['mismatches']} results are not what they should be"
        if r["modulus"] == "2^(n-1) + 1" and not min(r["wrong"]) > 0.1:
            yield f"n = {r['n']}: the drawing is nearly right at 2^(n-1) + 1, which it cannot be"
        if r["modulus"] == "2^n - 1" and max(r["extra"]) > 0:
            yield f"n = {r['n']}: 2^n - 1 needs x - 3M"
