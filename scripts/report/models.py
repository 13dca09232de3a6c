# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Charts of each model's summary.json. A list of (heading, figure); a key that is absent or null makes no chart."""
import plotly.graph_objects as go

from style import finish


def charts(summary, folder):
    del folder
    made = {"allmod": allmod, "sme": sme, "ring": ring}.get(summary.get("model"), lambda _: [])(summary)
    return [(heading, figure) for heading, figure in made if figure is not None]


def bars(names, values, unit, height=340):
    pairs = [(n, v) for n, v in zip(names, values) if v is not None]
    if not pairs:
        return None
    figure = go.Figure(go.Bar(x=[n for n, _ in pairs], y=[v for _, v in pairs],
                              hovertemplate="%{x}: %{y:.4g} " + unit + "<extra></extra>"))
    return finish(figure, height, yaxis={"title": unit})


def allmod(summary):
    points = summary.get("end_points")
    if not points:
        return
    here = {"name": "this design", **{k: summary.get(k) for k in ("lut_sites", "latency_cycles", "ii_cycles", "bram36")}}
    all_points = [here] + points
    figure = go.Figure(go.Scatter(
        x=[p.get("latency_cycles") for p in all_points], y=[p.get("lut_sites") for p in all_points], mode="markers+text",
        text=[p.get("name") for p in all_points], textposition="top center",
        marker={"size": [14] + [9] * len(points)},
        hovertemplate="%{text}<br>%{x} cycles, %{y} LUT sites<extra></extra>"))
    yield "Beside its end points", finish(figure, xaxis={"title": "latency, cycles", "type": "log"},
                                          yaxis={"title": "LUT sites", "type": "log"})


def sme(summary):
    energy = summary.get("energy_j")
    if isinstance(energy, dict):
        parts = {k: v for k, v in energy.items() if k != "total" and isinstance(v, (int, float))}
        yield "Energy by component", bars(list(parts), list(parts.values()), "J")
    layers = [layer for layer in summary.get("layers") or [] if isinstance(layer, dict)]
    if layers:
        names = [layer.get("name", str(i)) for i, layer in enumerate(layers)]
        figure = go.Figure()
        for key, text in (("crossbars_conventional", "conventional"), ("crossbars_bit_sliced", "bit-sliced"),
                          ("crossbars_used", "used")):
            values = [layer.get(key) for layer in layers]
            if any(v is not None for v in values):
                figure.add_bar(name=text, x=names, y=values)
        yield "Crossbars by layer", finish(figure, barmode="group", yaxis={"title": "crossbars"})
        yield "Cycles by layer", bars(names, [layer.get("cycles") for layer in layers], "cycles")


def ring(summary):
    steps = summary.get("step_times_s")
    if steps:
        yield "Time of each step", bars([f"step {i}" for i in range(len(steps))], [1e3 * s for s in steps], "ms")
    sent = summary.get("bytes_sent_per_gpu")
    if sent:
        yield "Sent by each GPU", bars([f"gpu{i}" for i in range(len(sent))], [b / 1e6 for b in sent], "MB")
