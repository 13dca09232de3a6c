# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""How far the assumed settings move the headline: sensitivity.json, which `tricycle sensitivity` writes."""
import plotly.graph_objects as go

from drawing import ROW
from problems import read_json
from style import COLOURS, chart, finish, is_number, number

MOST = 30


def bar(row, side):
    value = row.get(side) or {}
    return value.get("change_percent") if is_number(value.get("change_percent")) else None


def charts(folder):
    file = folder / "sensitivity.json"
    if not file.is_file():
        return []
    data = read_json(file)
    made = []
    for key in data.get("keys", []):
        rows = [r for r in data.get("settings", []) if any(bar((r.get("moves") or {}).get(key) or {}, side) is not None for side in ("low", "high"))]
        reach = {r["path"]: max(abs(bar(r["moves"][key], side) or 0) for side in ("low", "high")) for r in rows}
        rows = sorted(rows, key=lambda r: -reach[r["path"]])
        moved = [r for r in rows if reach[r["path"]] > 0]
        still = [r["path"] for r in rows if reach[r["path"]] == 0]
        figure = go.Figure()
        for side, colour in (("low", COLOURS[0]), ("high", COLOURS[1])):
            drawn = moved[:MOST]
            figure.add_bar(y=[r["path"] for r in drawn], x=[bar(r["moves"][key], side) for r in drawn], orientation="h", marker={"color": colour},
                           name={"low": "less", "high": "more"}[side],
                           text=[f"{r['path']} = {r[side]['value']} instead of {r['value']}" if r.get(side) else "" for r in drawn],
                           hovertemplate="%{text}: %{x:+.3g} %<extra></extra>")
        figure.update_traces(textposition="none")
        note = f"Each assumed setting by -{number(data.get('percent'))} % and +{number(data.get('percent'))} % alone."
        if still:
            note += " It does not move at all with " + ", ".join(still) + "."
        if len(moved) > MOST:
            note += f" The {MOST} that move it most of {len(moved)}."
        not_varied = [f"{r['path']} ({r['why_not']})" for r in data.get("settings", []) if r.get("why_not")]
        not_varied += [f"{r['path']} = {r[side]['value']} ({r[side]['error']})" for r in data.get("settings", []) for side in ("low", "high")
                       if r.get(side) and r[side].get("error")]
        if not_varied:
            note += " Not varied: " + ", ".join(not_varied) + "."
        if moved:
            made.append(chart(f"How far assumed settings move {key}",
                              finish(figure, 150 + ROW * min(len(moved), MOST), barmode="overlay", xaxis={"title": f"change of {key}, %",
                                     "zeroline": True, "zerolinecolor": "#57606a"}, yaxis={"autorange": "reversed", "type": "category"}), note))
        else:
            made.append({**chart(f"How far assumed settings move {key}", None, note)})
    return made


