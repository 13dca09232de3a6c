# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Tiles and charts of each model, from its summary.json and tables. What is absent or null makes no tile and no chart."""
import json

import pandas

import allmod
import ring
import sme
import system

MODELS = {"allmod": allmod, "sme": sme, "ring": ring, "system": system}


def table(folder, name):
    """A CSV (a pandas frame) or JSON of the run folder; None without one, or where it is damaged."""
    try:
        if name.endswith(".json"):
            return json.loads((folder / name).read_text(encoding="utf-8"))
        return pandas.read_csv(folder / name, dtype={"bits": str})
    except (OSError, ValueError):
        return None


def tiles(summary):
    """[(label, text, number or None)], the headline first; the numbers are compared between runs."""
    model = MODELS.get(summary.get("model"))
    return [tile for tile in (model.tiles(summary) if model else []) if tile[1] != "-"]


def charts(summary, folder):
    model = MODELS.get(summary.get("model"))
    made = model.charts(summary, lambda name: table(folder, name)) if model else []
    return [c for c in made if c["figure"] is not None]
