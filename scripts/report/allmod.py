# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
import plotly.graph_objects as go

from drawing import stacked
from style import chart, finish, number, si


def tiles(s):
    yield "reductions", number(s.get("reductions")), s.get("reductions")
    yield "latency", si(s.get("latency_cycles"), "cycles"), s.get("latency_cycles")
    yield "reductions a cycle", number(s.get("throughput_per_cycle")), s.get("throughput_per_cycle")
    yield "LUT sites", number(s.get("lut_sites")), s.get("lut_sites")
    yield "RAMB36", number(s.get("bram36")), s.get("bram36")
    yield "f_max", si(1e6 * s["fmax_mhz"], "Hz") if s.get("fmax_mhz") else "-", s.get("fmax_mhz")
    yield "mismatches with GMP", number(s.get("mismatches")), s.get("mismatches")


def charts(s, table):
    del table
    area = s.get("area")
    if isinstance(area, dict):
        parts = {k: v for k, v in area.items() if isinstance(v, dict)}
        rows = [k for k, v in parts.items() if v.get("lut_sites") or v.get("ff")]
        yield chart("Area by part", stacked(rows, [(text, [parts[r].get(key) for r in rows], None) for key, text in
                                                   (("lut_sites", "LUT sites"), ("ff", "flip-flops"))], ""), wide=False)
    points = s.get("end_points")
    if points:
        here = {"name": "this design", **{k: s.get(k) for k in ("lut_sites", "latency_cycles", "ii_cycles", "bram36")}}
        figure = go.Figure()
        for i, p in enumerate([here] + points):
            figure.add_scatter(x=[p.get("latency_cycles")], y=[p.get("lut_sites")], mode="markers", name=p.get("name", "?"),
                               marker={"size": 15 if i == 0 else 10, "symbol": "star" if i == 0 else "circle"},
                               hovertemplate=f"{p.get('name')}<br>%{{x}} cycles, %{{y}} LUT sites, one every {p.get('ii_cycles')} cycles"
                                             f"<br>{p.get('parameters', '')}<extra></extra>")
        yield chart("Beside its end points", finish(figure, 420, xaxis={"title": "latency, cycles", "type": "log"},
                                                    yaxis={"title": "LUT sites", "type": "log"}), wide=False)
