# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The section of several runs side by side: their tiles as a table, settings that differ, gains of techniques."""
import json
import os
import subprocess

import gains
from style import is_number, number

MOST_RUNS = 12
MOST_SETTINGS = 40


def change(base, value):
    if not is_number(base) or not is_number(value) or base == 0 or base == value:
        return ""
    percent = 100 * (value - base) / abs(base)
    return f"{percent:+.3g} %" if abs(percent) >= 0.001 else ""


def table(runs):
    """Rows of the tiles that at least two runs have."""
    labels = list(dict.fromkeys(label for run in runs for label, _, _ in run["tiles"]))
    for label in labels:
        cells = []
        base = next((v for name, _, v in runs[0]["tiles"] if name == label), None)
        for run in runs:
            text, value = next(((t, v) for name, t, v in run["tiles"] if name == label), ("", None))
            cells.append({"text": text, "change": change(base, value) if run is not runs[0] else ""})
        if sum(1 for c in cells if c["text"]) > 1:
            yield {"label": label, "cells": cells}


def settings(folders):
    """Settings that differ, as `tricycle compare` finds them; the page can be made without the program, and then lacks them."""
    program = os.environ.get("TRICYCLE_PROGRAM")
    if not program:
        return []
    done = subprocess.run([program, "compare", "--format", "json", "--", *map(str, folders)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return []
    return [{"path": row["key"], "values": [number(v) if v is not None else "" for v in row["values"]]}
            for row in json.loads(done.stdout)["settings"] if row["differs"]][:MOST_SETTINGS]


def plays_another_trace(run, first):
    """Of two platforms: what one takes for a token of another model says nothing about the other."""
    return first["summary"].get("model") == "system" and run["summary"].get("trace_digest") != first["summary"].get("trace_digest")


def section(runs):
    """None unless there are two runs or more."""
    if len(runs) < 2:
        return None
    same = len({r["summary"].get("model") for r in runs}) == 1
    for run in runs:
        run["name"] = run["folder"].resolve().name if same else run["title"]
    if len({r["name"] for r in runs}) < len(runs):  # folders of one name in different places
        for run in runs:
            run["name"] = str(run["folder"])
    other_trace = [r for r in runs if same and plays_another_trace(r, runs[0])]
    runs = [r for r in runs if r not in other_trace]
    shown = runs[:MOST_RUNS]
    if len(shown) < 2:
        return None
    rows = list(table(shown))
    folders = [r["folder"] for r in shown]
    differing = settings(folders)
    for number_of_run, run in enumerate(shown):
        run["differs"] = {row["path"]: row["values"][number_of_run] for row in differing}
    system = [r for r in runs if r["summary"].get("model") == "system"]
    gained = gains.section(system) if len(system) > 1 else None
    if not rows and not gained:
        return None
    return {"kind": "together", "title": "Side by side", "names": [r["name"] for r in shown], "rows": rows,
            "settings": differing, "other_trace": [r["name"] for r in other_trace], "gains": gained, "charts": [gained["chart"]] if gained else [], "left_out": len(runs) - len(shown),
            "repeat": "tricycle compare " + " ".join(str(f) for f in folders)}
