# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Charts that more than one model uses. None where there is nothing to draw."""
import math

import plotly.graph_objects as go

from style import COLOURS, MISSING, finish, is_number

ROW = 19  # pixels of a bar with its label
MOST_LABELS = 70


def bars(names, values, unit, height=None, text=None):
    """Horizontal: labels stay readable on a narrow page."""
    pairs = [(str(n), v, t) for n, v, t in zip(names, values, text or [""] * len(names)) if is_number(v)]
    if not pairs:
        return None
    names, values, text = zip(*pairs)
    figure = go.Figure(go.Bar(y=names, x=values, orientation="h", text=text, hovertemplate="%{y}: %{x:.4s}" + unit + " %{text}<extra></extra>"))
    figure = finish(figure, height or 90 + ROW * min(len(pairs), MOST_LABELS), xaxis={"title": unit, "tickformat": "~s"},
                    yaxis={"autorange": "reversed", "type": "category", "dtick": 1 if len(pairs) <= MOST_LABELS else None})
    figure.update_traces(textposition="none")
    return figure


def stacked(rows, parts, unit, height=None):
    """rows: names; parts: [(name, values, colour or None)], a value a row."""
    parts = [(name, values, colour) for name, values, colour in parts if any(is_number(v) and v != 0 for v in values)]
    if not rows or not parts:
        return None
    figure = go.Figure()
    for i, (name, values, colour) in enumerate(parts):
        figure.add_bar(y=[str(r) for r in rows], x=[v if is_number(v) else None for v in values], orientation="h", name=name,
                       marker={"color": colour or COLOURS[i % len(COLOURS)]},
                       hovertemplate=f"%{{y}}, {name}: %{{x:.4s}}{unit}<extra></extra>")
    return finish(figure, height or 130 + ROW * min(len(rows), MOST_LABELS), barmode="stack", xaxis={"title": unit, "tickformat": "~s"},
                  yaxis={"autorange": "reversed", "type": "category", "dtick": 1 if len(rows) <= MOST_LABELS else None})


def components(values, unit, contained=()):
    """Bars of a {name: figure or null}: a component without a figure is shown as such, not as 0."""
    named = [(k, v) for k, v in values.items() if k not in ("total", "all", "known")]
    if not any(is_number(v) and v != 0 for _, v in named):
        return None
    known = sorted([(k, v) for k, v in named if is_number(v)], key=lambda p: -p[1])
    missing = [k for k, v in named if v is None]
    total = sum(v for k, v in known if k not in contained)
    figure = go.Figure()
    figure.add_bar(y=[k for k, _ in known], x=[v for _, v in known], orientation="h", showlegend=False,
                   text=["inside another one's figure" if k in contained else f"{100 * v / total:.3g} %" if total else "" for k, v in known],
                   hovertemplate="%{y}: %{x:.4s}" + unit + ", %{text}<extra></extra>")
    if missing:
        figure.add_bar(y=missing, x=[max(v for _, v in known)] * len(missing), orientation="h", name="no sourced figure",
                       marker={"color": "#ffffff", "line": {"color": MISSING, "width": 1}, "pattern": {"shape": "/", "fgcolor": MISSING}},
                       text=["no sourced figure"] * len(missing), hovertemplate="%{y}: no sourced figure<extra></extra>")
    return finish(figure, 100 + ROW * (len(named) + 1), barmode="overlay", xaxis={"title": unit, "tickformat": "~s"},
                  yaxis={"autorange": "reversed", "type": "category"}, uniformtext={"minsize": 10, "mode": "show"})


def crossbars(table):
    """Heat map of the file that model sme writes as utilisation.csv: a row a bank, a column a crossbar of it."""
    if table is None or not {"bank", "cu", "crossbar", "utilisation"} <= set(table.columns) or table.empty:
        return None
    chips = table["chip"] if "chip" in table.columns else 0
    width = int(table.crossbar.max()) + 1
    banks = int(table.bank.max()) + 1
    rows, columns = chips * banks + table.bank, table.cu * width + table.crossbar
    grid = [[None] * (int(columns.max()) + 1) for _ in range(int(rows.max()) + 1)]
    shares, text = [line[:] for line in grid], [[""] * len(line) for line in grid]
    layers = table["layers"].fillna("") if "layers" in table.columns else [""] * len(table)
    used = table.utilisation[table.utilisation > 0]
    # A few layers of a convolution work all the time, most hardly ever: only a logarithm shows both.
    log = len(used) > 0 and used.max() > 30 * used.median()
    for row, column, share, names in zip(rows, columns, table.utilisation, layers):
        shares[row][column] = float(f"{100 * share:.3g}")
        if not log:
            grid[row][column] = shares[row][column]
        elif share > 0:
            grid[row][column] = round(math.log10(100 * share), 3)
        text[row][column] = names if len(names) < 60 else names[:57] + "..."
    bar = {"title": "% busy", "thickness": 12}
    if log:
        ticks = range(math.ceil(math.log10(100 * used.min())), math.floor(math.log10(100 * used.max())) + 1)
        bar.update(tickvals=list(ticks), ticktext=[f"{10.0 ** t:g}" for t in ticks])
    figure = go.Figure(go.Heatmap(z=grid, text=text, customdata=shares, colorscale="Viridis", zmin=None if log else 0,
                                  zmax=None if log else max(0.001, 100 * float(table.utilisation.max())), colorbar=bar,
                                  hovertemplate="bank %{y}, crossbar %{x}: %{customdata} %<br>%{text}<extra></extra>"))
    return finish(figure, min(620, 200 + 5 * len(grid)), xaxis={"title": f"crossbar of the bank ({width} a unit)", "showgrid": False},
                  yaxis={"title": "bank", "autorange": "reversed", "showgrid": False})


def banks(stats):
    """Heat map of the banks of SME chips, from the statistics of a platform: what their ADCs did."""
    chips = ((stats or {}).get("stats") or {}).get("chips") or []
    # A loosely timed chip counts no banks.
    busy = [[bank["adc_busy"]["value"] for bank in chip["sme"].get("banks") or []] for chip in chips if isinstance(chip.get("sme"), dict)]
    if not busy or not any(any(chip) for chip in busy):
        return None
    width = 2 ** math.ceil(math.log2(max(1, len(busy[0]))) / 2)
    grid, text = [], []
    for chip, values in enumerate(busy):
        for first in range(0, len(values), width):
            row = values[first:first + width]
            grid.append([v or None for v in row] + [None] * (width - len(row)))
            text.append([f"chip {chip}, bank {first + i}" for i in range(len(row))] + [""] * (width - len(row)))
    figure = go.Figure(go.Heatmap(z=grid, text=text, colorscale="Viridis", zmin=0, xgap=1, ygap=1, colorbar={"title": "cycles", "thickness": 12},
                                  hovertemplate="%{text}: %{z:.4s} cycles<extra></extra>"))
    return finish(figure, min(560, 160 + 22 * len(grid)), xaxis={"title": f"bank, {width} a row", "showgrid": False},
                  yaxis={"title": "row", "autorange": "reversed", "showgrid": False})


def links(table):
    """Use of links: bars, or from x to where there are many."""
    if table is None or "utilisation" not in table.columns or table.empty:
        return None
    if {"from", "to"} <= set(table.columns):
        names = [f"{a}->{b}" for a, b in zip(table["from"], table["to"])]
        kinds = ["link"] * len(names)
    elif "name" in table.columns:
        kinds = [str(k) for k in table["class"]] if "class" in table.columns else ["link"] * len(table)
        what = [str(k) for k in table["what"]] if "what" in table.columns else ["link"] * len(table)
        names = [str(n) if k == "link" else f"{n} {k}" for n, k in zip(table["name"], what)]
    else:
        return None
    used = [(n, 100 * float(u), k) for n, u, k in zip(names, table.utilisation, kinds) if float(u) > 0]
    if not used:
        return None
    names, shares, kinds = map(list, zip(*used))
    if len(names) > MOST_LABELS:
        return link_map(names, shares) or bars(*zip(*sorted(zip(names, shares), key=lambda p: -p[1])[:MOST_LABELS]), "% busy")
    figure = go.Figure()
    for kind in dict.fromkeys(kinds):
        mine = [(n, s) for n, s, k in zip(names, shares, kinds) if k == kind]
        figure.add_bar(y=[n for n, _ in mine], x=[s for _, s in mine], orientation="h", name=kind, hovertemplate="%{y}: %{x:.3g} %<extra></extra>")
    return finish(figure, 150 + ROW * len(names), barmode="overlay", xaxis={"title": "% busy", "rangemode": "tozero"},
                  yaxis={"autorange": "reversed", "type": "category", "dtick": 1})


def link_map(names, shares):
    ends = [n.split("->") for n in names]
    pairs = [(e[0], e[1], s) for e, s in zip(ends, shares) if len(e) == 2]
    sources, targets = list(dict.fromkeys(p[0] for p in pairs)), list(dict.fromkeys(p[1] for p in pairs))
    if not pairs or len(sources) * len(targets) > 40000:
        return None
    at = {n: i for i, n in enumerate(sources)}, {n: i for i, n in enumerate(targets)}
    grid = [[None] * len(targets) for _ in sources]
    for source, target, share in pairs:
        grid[at[0][source]][at[1][target]] = round(share, 3)
    figure = go.Figure(go.Heatmap(z=grid, x=targets, y=sources, colorscale="Viridis", zmin=0, colorbar={"title": "% busy", "thickness": 12},
                                  hovertemplate="%{y} -> %{x}: %{z:.3g} %<extra></extra>"))
    return finish(figure, min(720, 200 + 8 * len(sources)), xaxis={"title": "to"}, yaxis={"title": "from", "autorange": "reversed"})
