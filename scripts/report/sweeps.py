# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The section of a sweep: front, parallel coordinates, main effects, table."""
import json
import os
import sqlite3

import pandas
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from problems import Unreadable
from style import COLOURS, finish, number

STATUS = ["pending", "done", "failed"]
MOST_DRAWN = 20000  # dots of a chart; the front is always whole
MOST_ROWS = 200     # of the table


def read(folder):
    """Meta data, and one row a point: axes, objectives, status. Summaries stay where they are."""
    try:
        with sqlite3.connect(f"file:{folder / 'sweep.sqlite'}?mode=ro", uri=True) as database:
            meta = dict(database.execute("SELECT key, value FROM meta"))
            rows = database.execute("SELECT id, digest, status, labels, objectives, accepted, front, wall_s, error FROM points "
                                    "ORDER BY id").fetchall()
    except sqlite3.Error as problem:
        raise Unreadable(f"{folder / 'sweep.sqlite'} cannot be read: {problem}") from problem
    axes, objectives = json.loads(meta.get("axes", "[]")), json.loads(meta.get("objectives", "[]"))
    table = []
    for number_, digest, status, labels, values, accepted, front, wall, error in rows:
        row = {"id": number_, "digest": digest, "status": STATUS[status], "accepted": bool(accepted), "front": bool(front),
               "wall_s": wall, "error": error or ""}
        row.update(zip(["axis:" + a for a in axes], json.loads(labels or "[]")))
        row.update(zip(["objective:" + o for o in objectives], json.loads(values or "[]")))
        table.append(row)
    return meta, axes, objectives, pandas.DataFrame(table)


def as_sorted(text):
    """Numbers by value, then words by letter."""
    try:
        return (0, float(text), "")
    except ValueError:
        return (1, 0.0, text)


def address(folder, digest, page_folder):
    return os.path.relpath((folder / "points" / digest[:2] / digest).resolve(), page_folder)


def hover(frame, axes):
    return ["<br>".join(f"{a}: {row['axis:' + a]}" for a in axes if row.get("axis:" + a) not in (None, ""))
            for row in frame.to_dict("records")]


def pareto(done, axes, objectives, senses, links):
    if len(objectives) < 2 or done.empty:
        return None
    x, y = "objective:" + objectives[0], "objective:" + objectives[1]
    front = done[done.front].sort_values(x)
    others = done[~done.front]
    if len(others) > MOST_DRAWN:
        others = others.sample(MOST_DRAWN, random_state=1)
    figure = go.Figure()
    for name, frame, colour, size in (("other points", others, "#9aa4ad", 6), ("front", front, COLOURS[1], 10)):
        figure.add_scattergl(x=frame[x], y=frame[y], mode="markers", name=name, marker={"color": colour, "size": size},
                             text=hover(frame, axes), customdata=[links[d] for d in frame.digest],
                             hovertemplate="%{text}<br>" + f"{objectives[0]}: %{{x:.5g}}<br>{objectives[1]}: %{{y:.5g}}"
                             + "<extra></extra>")
    if len(objectives) == 2 and not front.empty:
        figure.add_scatter(x=front[x], y=front[y], mode="lines", line={"color": COLOURS[1], "width": 1, "shape": "hv"},
                           showlegend=False, hoverinfo="skip")

    def axis(i):
        values = done["objective:" + objectives[i]].dropna()
        spread = len(values) and values.min() > 0 and values.max() / values.min() > 30
        return {"title": f"{objectives[i]} ({senses[i]})", "type": "log" if spread else "linear"}

    return finish(figure, 520, xaxis=axis(0), yaxis=axis(1))


def views(folder, meta, done, axes, links):
    """One chart for each of the sweep's views: a front for each group, published curves over them."""
    listed = json.loads(meta.get("views", "[]"))
    if not listed:
        return []
    with sqlite3.connect(f"file:{folder / 'sweep.sqlite'}?mode=ro", uri=True) as database:
        points = pandas.read_sql_query("SELECT view, digest, grp, x, y, front FROM view_points", database)
    texts = dict(zip(done.digest, hover(done, axes)))
    charts = []
    for number_, view in enumerate(listed):
        mine = points[points.view == number_]
        curves = view["published"]["curves"]
        figure = go.Figure()
        names = sorted(set(mine.grp) | set(curves), key=as_sorted)
        for i, name in enumerate(names):
            colour = COLOURS[i % len(COLOURS)]
            label = f"{view['group']} = {name}" if name else "front"
            group = mine[mine.grp == name]
            rest = group[group.front == 0]
            if len(rest) > MOST_DRAWN // max(1, len(names)):
                rest = rest.sample(MOST_DRAWN // len(names), random_state=1)
            front = group[group.front == 1].sort_values("x")
            where = f"{view['axes'][0]}: %{{x:.5g}}<br>{view['axes'][1]}: %{{y:.5g}}<extra>{name}</extra>"
            figure.add_scattergl(x=rest.x, y=rest.y, mode="markers", marker={"color": colour, "size": 4, "opacity": 0.25},
                                 text=[texts.get(d, "") for d in rest.digest], customdata=[links.get(d) for d in rest.digest],
                                 hovertemplate="%{text}<br>" + where, legendgroup=label, showlegend=False)
            figure.add_scatter(x=front.x, y=front.y, mode="lines+markers", name=label, legendgroup=label,
                               line={"color": colour, "width": 2, "shape": "hv"}, marker={"size": 7},
                               text=[texts.get(d, "") for d in front.digest], customdata=[links.get(d) for d in front.digest],
                               hovertemplate="%{text}<br>" + where)
            if curves.get(name):
                whose = view["published"]["name"] or "published"
                figure.add_scatter(x=[x for x, _ in curves[name]], y=[y for _, y in curves[name]], mode="lines+markers",
                                   name=f"{whose}, {name}" if name else whose, legendgroup=label,
                                   line={"color": colour, "width": 5, "dash": "dot"}, marker={"size": 4, "symbol": "diamond"},
                                   opacity=0.55, hovertemplate=where.replace("<extra>", f"<extra>{whose} "))
        values = [list(mine.x) + [x for c in curves.values() for x, _ in c], list(mine.y) + [y for c in curves.values() for _, y in c]]
        kinds = ["log" if v and min(v) > 0 and max(v) / min(v) > 30 else "linear" for v in values]
        titles = [f"{a} ({sense})" for a, sense in zip(view["axes"], view["senses"])]
        charts.append((view["name"], finish(figure, 560, xaxis={"title": titles[0], "type": kinds[0]},
                                            yaxis={"title": titles[1], "type": kinds[1]})))
    return charts


def coordinates(done, axes, objectives):
    if done.empty or not axes:
        return None
    frame = done if len(done) <= 3000 else pandas.concat([done[done.front], done[~done.front].sample(2000, random_state=1)])
    dimensions = []
    for a in axes:
        texts = frame["axis:" + a].fillna("").astype(str)
        numbers = pandas.to_numeric(texts, errors="coerce")
        if numbers.notna().all() and numbers.nunique() > 12:
            dimensions.append({"label": a, "values": numbers})
        else:
            words = sorted(texts.unique(), key=as_sorted)
            dimensions.append({"label": a, "values": texts.map({w: i for i, w in enumerate(words)}),
                               "tickvals": list(range(len(words))), "ticktext": [w or "-" for w in words]})
    for o in objectives:
        dimensions.append({"label": o, "values": frame["objective:" + o]})
    figure = go.Figure(go.Parcoords(dimensions=dimensions, labelangle=-20,
                                    line={"color": frame.front.astype(int), "colorscale": [[0, "#c4ccd3"], [1, COLOURS[1]]],
                                          "cmin": 0, "cmax": 1}))
    finish(figure, 480)
    figure.update_layout(margin={"l": 70, "r": 60, "t": 110, "b": 30})
    return figure


def effects(done, axes, objectives):
    """How far the mean of each objective moves over the values of each axis, the others as they come."""
    figures = []
    for o in objectives:
        curves = []
        for a in axes:
            taking_part = done[done["axis:" + a].fillna("") != ""]
            means = taking_part.groupby("axis:" + a)["objective:" + o].mean()
            if len(means) > 1:
                curves.append((a, means.loc[sorted(means.index, key=as_sorted)]))
        if not curves:
            continue
        figure = make_subplots(1, len(curves), shared_yaxes=True, horizontal_spacing=0.02,
                               subplot_titles=[a for a, _ in curves])
        for i, (a, means) in enumerate(curves):
            figure.add_scatter(row=1, col=i + 1, x=[str(v) for v in means.index], y=list(means), mode="lines+markers", name=a,
                               showlegend=False, hovertemplate=f"{a} = %{{x}}: %{{y:.5g}}<extra></extra>")
        figure.update_xaxes(type="category", automargin=True)
        figure.update_yaxes(title=f"mean of {o}", col=1)
        figures.append((f"Main effects on {o}", finish(figure, 340)))
    return figures


def rows(done, axes, objectives, links):
    ordered = done.sort_values(["front"] + (["objective:" + objectives[0]] if objectives else []), ascending=[False] + [True] * bool(objectives))
    for row in ordered.head(MOST_ROWS).to_dict("records"):
        yield {"front": row["front"], "address": links[row["digest"]], "digest": row["digest"][:10],
               "cells": [row.get("axis:" + a) or "" for a in axes] + [number(row.get("objective:" + o)) for o in objectives]}


def section(folder, page_folder):
    meta, axes, objectives, table = read(folder)
    senses = json.loads(meta.get("senses", "[]"))
    done = table[table.status == "done"] if len(table) else table
    failed = table[table.status == "failed"] if len(table) else table
    links = {d: address(folder, d, page_folder) for d in (table.digest if len(table) else [])}
    charts = []
    if len(done):
        charts = views(folder, meta, done, axes, links)
        charts += [("Front", pareto(done, axes, objectives, senses, links)),
                   ("Parallel coordinates", coordinates(done, axes, objectives))] + effects(done, axes, objectives)
    return {
        "kind": "sweep",
        "title": f"sweep {meta.get('name', '?')}",
        "model": meta.get("model", "?"),
        "counts": [(s, int((table.status == s).sum()) if len(table) else 0) for s in STATUS],
        "front": int(table.front.sum()) if len(table) else 0,
        "charts": [(heading, figure) for heading, figure in charts if figure is not None],
        "axes": axes,
        "objectives": objectives,
        "rows": list(rows(done, axes, objectives, links)) if len(done) else [],
        "most_rows": MOST_ROWS,
        "failures": [{"digest": r["digest"][:10], "error": r["error"]} for r in failed.head(20).to_dict("records")],
        "configuration": meta.get("sweep", ""),
        "repeat": " ".join(json.loads(meta.get("command", "[]"))),
    }
