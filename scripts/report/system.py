# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from drawing import banks, bars, components, crossbars, links, stacked
from style import COLOURS, chart, finish, is_number, number, percent, si

WAITS = {"gpu": COLOURS[0], "hbm": COLOURS[1], "sme": COLOURS[2], "allmod": COLOURS[3], "bus": COLOURS[4], "queue": COLOURS[5],
         "host": COLOURS[7], "ring": COLOURS[6]}
BITS = {"f": 16}  # characters of `bits` that are no digit


def energy(s):
    """(figure, complete?): the total, or the part of it that has sourced figures."""
    total = s.get("energy_per_token_j")
    if is_number(total):
        return total, True
    known = s.get("energy_known_j")
    return (known if is_number(known) else None), False


def tiles(s):
    yield "time per token", si(s.get("time_per_token_s"), "s"), s.get("time_per_token_s")
    yield "tokens a second", si(s.get("tokens_per_s")), s.get("tokens_per_s")
    joules, complete = energy(s)
    if joules is not None:
        missing = ", ".join(s.get("energy_missing") or [])
        yield ("energy per token", si(joules, "J"), joules) if complete else (
            "energy per token, incomplete", f"{si(joules, 'J')} without {missing or 'some components'}", joules)
    waits = {k: v for k, v in (s.get("breakdown_s") or {}).items() if is_number(v)}
    if waits and sum(waits.values()) > 0:
        most = max(waits, key=waits.get)
        yield "a token waits most for", f"{most}: {percent(waits[most] / sum(waits.values()))}", None
    if is_number(s.get("int4_share")):
        yield "weights read at INT4", percent(s["int4_share"]), s["int4_share"]
    area = (s.get("sme") or {}).get("area_mm2")
    yield "area of the SME chips", f"{number(area)} mm²" if is_number(area) else "-", area
    trace = s.get("trace") or {}
    yield "context", f"{number(trace.get('context_tokens'))} tokens" if is_number(trace.get("context_tokens")) else "-", None
    prefill = s.get("prefill")
    if isinstance(prefill, dict):
        whole = is_number(prefill.get("attention_s")) or is_number(prefill.get("gemm_s"))
        yield "prefill" if whole else "prefill: encoding of the cache only", si(prefill.get("time_s"), "s"), prefill.get("time_s")
    wrong = [(k, (s.get(k) or {}).get("mismatches")) for k in ("sme", "allmod")]
    for name, count in wrong:
        if is_number(count):
            checked = (s[name].get("checked") or s[name].get("reductions")) or 0
            if checked:
                yield f"values of {name} checked", f"{si(checked)}, {number(count)} wrong", count
    encrypted = s.get("encrypted")
    if isinstance(encrypted, dict):
        yield f"encrypted layer {number(encrypted.get('layer'))}, extrapolated", si(encrypted.get("time_s"), "s"), encrypted.get("time_s")


def tokens(table):
    """Above: the precision of every layer; below: who the token waited for."""
    if table is None or table.empty or "index" not in table.columns:
        return None
    table = table.fillna({c: 0 for c in table.columns if c.startswith("wait_")})
    waits = [c for c in table.columns if c.startswith("wait_") and c.endswith("_s") and table[c].abs().sum() > 0]
    index = [str(i) for i in table["index"]]  # tokens that were left out leave no gap
    grid = layer_bits(table)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.42, 0.58])
    if grid:
        figure.add_heatmap(z=grid, x=index, y=list(range(len(grid))), zmin=4, zmax=8, showscale=False, xgap=int(len(index) <= 64), ygap=int(len(grid) <= 16),
                           colorscale=[[0, "#1a7f37"], [0.5, "#54aeff"], [1, "#0a3069"]], row=1, col=1,
                           hovertemplate="token %{x}, layer %{y}: %{z} bits<extra></extra>")
    elif "int4_share" in table.columns:
        figure.add_scatter(x=index, y=table["int4_share"], mode="lines", name="share at INT4", row=1, col=1)
    for column in waits:
        name = column[5:-2]
        figure.add_bar(x=index, y=table[column], name=name, marker={"color": WAITS.get(name)}, row=2, col=1,
                       hovertemplate="token %{x}, " + name + ": %{y:.4s}s<extra></extra>")
    if not waits and "time_s" in table.columns:
        figure.add_bar(x=index, y=table["time_s"], name="time", row=2, col=1)
    figure.update_xaxes(type="category", nticks=16)
    figure.update_xaxes(title="token", row=2, col=1)
    figure.update_yaxes(title="layer" if grid else "INT4 share", row=1, col=1)
    figure.update_yaxes(title="s", tickformat="~s", row=2, col=1)
    return finish(figure, 560, barmode="stack", bargap=0.1)


def layer_bits(table):
    if "bits" not in table.columns:
        return None
    words = [w if isinstance(w, str) else "" for w in table["bits"]]
    deep = max(map(len, words), default=0)
    if deep == 0 or any(len(w) != deep for w in words):
        return None
    value = {**{str(d): d for d in range(10)}, **BITS}
    return [[value.get(w[layer]) for w in words] for layer in range(deep)]


def shares(values):
    """Bars of a {name: seconds}, the largest first, with their shares."""
    some = sorted(((k, v) for k, v in (values or {}).items() if is_number(v) and v > 0), key=lambda p: -p[1])
    total = sum(v for _, v in some)
    figure = bars([k for k, _ in some], [v for _, v in some], "s", text=[percent(v / total) for _, v in some])
    if figure is not None:
        figure.update_traces(textposition="auto", marker={"color": [WAITS.get(k, COLOURS[0]) for k, _ in some]})
    return figure


def token_energy(table, contained):
    columns = [c for c in (table.columns if table is not None else []) if c.startswith("energy_") and c.endswith("_j")]
    # What another figure contains is not added to it.
    columns = [c for c in columns if table[c].notna().any() and c[7:-2] not in contained]
    if not columns:
        return None
    figure = go.Figure()
    for column in columns:
        figure.add_bar(x=[str(i) for i in table["index"]], y=table[column], name=column[7:-2], marker={"color": WAITS.get(column[7:-2])},
                       hovertemplate="token %{x}: %{y:.4s}J<extra>" + column[7:-2] + "</extra>")
    return finish(figure, 300, barmode="stack", xaxis={"title": "token", "type": "category", "nticks": 16}, yaxis={"title": "J", "tickformat": "~s"})


def encrypted(s):
    e = s.get("encrypted")
    if not isinstance(e, dict) or not is_number(e.get("time_s")):
        return None, ""
    names, values, colours = ["one layer,<br>encrypted,<br>extrapolated"], [e["time_s"]], [COLOURS[3]]
    if is_number(s.get("time_per_token_s")):
        names.append("one token,<br>all layers,<br>plain")
        values.append(s["time_per_token_s"])
        colours.append(COLOURS[0])
    figure = go.Figure(go.Bar(y=names, x=values, orientation="h", marker={"color": colours, "pattern": {"shape": ["/", ""][:len(names)]}},
                              hovertemplate="%{y}: %{x:.4s}s<extra></extra>"))
    note = (f"Layer {number(e.get('layer'))} alone, by itself: no other figure contains it. Extrapolated: "
            f"{number(e.get('multiplications'))} of {number(e.get('layer_multiplications'))} modular multiplications were simulated "
            f"({percent(e.get('sampled_share'))}); {number(e.get('checked'))} results compared with GMP's, {number(e.get('mismatches'))} differ.")
    return finish(figure, 200, xaxis={"title": "s, logarithmic", "type": "log", "tickformat": "~s", "nticks": 6, "tickangle": 0}, yaxis={"autorange": "reversed"}), note


def busy(table):
    if table is None or not {"unit", "busy_s"} <= set(table.columns):
        return None
    some = table[table["busy_s"].fillna(0) > 0].sort_values("busy_s", ascending=False).head(40)
    return bars(list(some["unit"]), list(some["busy_s"]), "s")


def charts(s, table):
    yield chart("Precision and latency of every token", tokens(table("tokens.csv")), "Above: bits of each layer's weights (green 4, dark 8). "
                "Below: who the token waited for, along the chain of commands that decided when it was done.")
    yield chart("Who a token waits for", shares(s.get("breakdown_s")), "The mean token, along the chain of commands that decides its end.", wide=False)
    yield chart("What its time is spent on", shares(s.get("operations_s")), "The same time by what was done.", wide=False)
    joules, complete = energy(s)
    note = "" if complete or joules is None else ("The total is incomplete: no sourced figure for " +
                                                  (", ".join(s.get("energy_missing") or []) or "some components") + ".")
    if isinstance(s.get("energy_j"), dict):
        yield chart("Energy of a token by component", components(s["energy_j"], "J", s.get("energy_contained") or []), note, wide=False)
    yield chart("Energy of every token", token_energy(table("tokens.csv"), s.get("energy_contained") or []), note, wide=False)
    yield chart("How busy each crossbar's ADC is", crossbars(table("crossbars.csv")), "A row a bank of a chip; no colour: not used.")
    yield chart("Crossbars: what each bank's ADCs did", banks(table("stats.json")), "Cycles in which ADCs of the bank's crossbars converted, summed over "
                "its units; no colour: not used, or its layers stay on the GPU.", wide=False)
    yield chart("Link utilisation", links(table("links.csv")), "Of the prefill's attention on the GPU cluster.", wide=False)
    prefill = s.get("prefill")
    if isinstance(prefill, dict):
        parts = {k: prefill.get(k) for k in ("gemm_s", "attention_s", "encode_s", "store_s") if is_number(prefill.get(k))}
        if is_number(prefill.get("time_s")) and "encode_s" in parts:
            parts["launches, waits_s"] = max(0.0, prefill["time_s"] - sum(parts.values()))
        yield chart("Prefill", stacked(["prefill"], [(k[:-2], [v], None) for k, v in parts.items()], "s", 190),
                    f"{number(prefill.get('seq_len'))} tokens, {number(prefill.get('layers'))} layers on {number(prefill.get('gpus'))} GPUs, "
                    f"{prefill.get('schedule')}; of the attention {si(prefill.get('exposed_comm_s'), 's')} exposed communication. encode: keys and values into "
                    "MILLION's codes; store: into the memory of the GPU that decodes.", wide=False)
    yield chart("Encrypted layer, apart", *encrypted(s))
    yield chart("How long each unit worked", busy(table("units.csv")), wide=False)
    waits = sorted((w for w in s.get("waits") or [] if isinstance(w, dict) and is_number(w.get("seconds")) and w["seconds"] > 0),
                   key=lambda w: -w["seconds"])[:30]
    yield chart("Contention: who waited for whom", bars([f"{w.get('unit')} for {w.get('waits_for')}" for w in waits],
                                                        [w["seconds"] for w in waits], "s"), "Over the whole run.", wide=False)
