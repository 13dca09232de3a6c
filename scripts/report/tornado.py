# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""How far the assumed settings move the headline: sensitivity.json, which `tricycle sensitivity` writes."""
import plotly.graph_objects as go

from drawing import ROW
from problems import read_json
from style import COLOURS, chart, finish, is_number, number

MOST = 30
LITTLE = 0.1  # percent: below it a bar would not be seen beside those that matter
SIDES = ("low", "high")


def read(folder):
    file = folder / "sensitivity.json"
    return read_json(file) if file.is_file() else None


def bar(row, side):
    value = row.get(side) or {}
    return value.get("change_percent") if is_number(value.get("change_percent")) else None


def values(row):
    """"0 ← 1 → 2 cycle": whole numbers move by more than the percents said."""
    low, high = (f"{row[side]['value']}" if row.get(side) else None for side in SIDES)
    return (f"{low} ← " if low else "") + str(row.get("value")) + (f" → {high}" if high else "") + (f" {row['unit']}" if row.get("unit") else "")


def why_not(row):
    """Of a setting that has no value beside its own, or whose run with it fails; else nothing."""
    failed = [f"{row[side]['value']} fails: {row[side]['error']}" for side in SIDES if row.get(side) and row[side].get("error")]
    return row.get("why_not") or "; ".join(failed)


def method(data, key):
    """How the changes were found, for notes."""
    text = f"Each assumed setting by -{number(data.get('percent'))} % and +{number(data.get('percent'))} % alone, whole numbers by 1 at least."
    if data.get("with"):
        base, run = (data.get(which, {}).get(key) for which in ("base", "run"))
        differs = f", whose {key} differs from that of this run by {100 * (base - run) / run:+.2g} %" if is_number(base) and is_number(run) and run else ""
        text += f" Runs with {', '.join(data['with'])}, beside another such run{differs}."
    return text


def charts(folder):
    data = read(folder)
    if data is None:
        return []
    made = []
    for key in data.get("keys", []):
        rows = [r for r in data.get("settings", []) if any(bar((r.get("moves") or {}).get(key) or {}, side) is not None for side in SIDES)]
        reach = {r["path"]: max(abs(bar(r["moves"][key], side) or 0) for side in SIDES) for r in rows}
        rows = sorted(rows, key=lambda r: -reach[r["path"]])
        drawn = [r for r in rows if reach[r["path"]] >= LITTLE][:MOST] or [r for r in rows if reach[r["path"]] > 0][:MOST]
        names = [f"{r['path']}<br><span style='font-size:11px'>{values(r)}</span>" for r in drawn]
        figure = go.Figure()
        for side, colour in zip(SIDES, COLOURS):
            figure.add_bar(y=names, x=[bar(r["moves"][key], side) for r in drawn], orientation="h", marker={"color": colour},
                           name={"low": "less of it", "high": "more of it"}[side],
                           text=[f"{r['path']} = {r[side]['value']} instead of {r['value']}" if r.get(side) else "" for r in drawn],
                           hovertemplate="%{text}: %{x:+.3g} %<extra></extra>")
        figure.update_traces(textposition="none")
        note = method(data, key)
        little = [r for r in rows if 0 < reach[r["path"]] < LITTLE and r not in drawn]
        still = [r for r in rows if reach[r["path"]] == 0]
        if little:
            note += f" {len(little)} move it by less than {LITTLE} %."
        if still:
            note += f" {len(still)} do not move it at all."
        if len(drawn) == MOST:
            note += f" The {MOST} that move it most."
        held = sum(bool(why_not(r)) for r in data.get("settings", []))
        if held:
            note += f" {held} could not be varied; the table below says why."
        if not drawn:
            made.append(chart(f"How far assumed settings move {key}", None, note))
            continue
        axis = {"title": "change, %", "zeroline": True, "zerolinecolor": "#57606a"}
        figure = finish(figure, 130 + 2 * ROW * len(drawn), barmode="overlay", bargap=0.4, xaxis=axis, yaxis={"autorange": "reversed", "type": "category"})
        made.append(chart(f"How far assumed settings move {key}", figure, note))
    return made


def moves(folder):
    """(keys, {path: [text of a key]}) for the table of assumed settings: "-24.1 … +24.1 %"."""
    data = read(folder)
    if data is None:
        return [], {}
    keys = data.get("keys", [])

    def text(row, key):
        if key == keys[0] and why_not(row):
            return f"not varied: {why_not(row)}"
        sides = [bar((row.get("moves") or {}).get(key) or {}, side) for side in SIDES]
        if all(side is None for side in sides):
            return ""
        return " … ".join("-" if side is None else "0" if side == 0 else f"{side:+.3g}" for side in sides) + " %"

    return keys, {row["path"]: [text(row, key) for key in keys] for row in data.get("settings", [])}
