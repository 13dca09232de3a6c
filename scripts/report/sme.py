# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
import plotly.graph_objects as go

from drawing import MOST_LABELS, ROW, bars, components, crossbars
from style import chart, finish, is_number, number, percent, si


def tiles(s):
    yield "time", si(s.get("sim_time_s"), "s"), s.get("sim_time_s")
    energy = (s.get("energy_j") or {}).get("total")
    yield "energy", si(energy, "J"), energy
    yield "MACs", si(s.get("macs")), s.get("macs")
    yield "crossbars used", number(s.get("crossbars_used")), s.get("crossbars_used")
    yield "conventional mapping", number(s.get("crossbars_conventional")), s.get("crossbars_conventional")
    yield "area", f"{number(s['area_mm2'])} mm²" if is_number(s.get("area_mm2")) else "-", s.get("area_mm2")
    if is_number(s.get("adc_clips")):
        yield "clipped conversions", number(s["adc_clips"]), s["adc_clips"]
    yield "largest error", number(s.get("max_abs_error")), s.get("max_abs_error")
    yield "empty rows of the highest plane", percent(s.get("empty_row_share_msb")), s.get("empty_row_share_msb")


def by_layer(layers, names):
    figure = go.Figure()
    for key, text in (("crossbars_conventional", "conventional"), ("crossbars_bit_sliced", "bit-sliced"), ("crossbars_used", "used")):
        values = [layer.get(key) for layer in layers]
        if any(is_number(v) for v in values):
            figure.add_bar(name=text, y=names, x=values, orientation="h", hovertemplate="%{y}: %{x} " + text + "<extra></extra>")
    few = len(layers) <= MOST_LABELS
    return finish(figure, 130 + 1.6 * ROW * min(len(layers), MOST_LABELS), barmode="group", xaxis={"title": "crossbars"},
                  yaxis={"autorange": "reversed", "type": "category", "dtick": 1 if few else None})


def charts(s, table):
    energy = s.get("energy_j")
    if isinstance(energy, dict):
        yield chart("Energy by component", components(energy, "J"), wide=False)
    area = s.get("area_by_component_mm2")
    if isinstance(area, dict):
        parts = sorted(((k, v) for k, v in area.items() if is_number(v)), key=lambda p: -p[1])
        yield chart("Area by component", bars([k for k, _ in parts], [v for _, v in parts], "mm²"), wide=False)
    yield chart("How busy each crossbar's ADC is", crossbars(table("utilisation.csv")), "A row a bank; no colour: not used. Idle columns "
                "wait for inputs, for a bus, or hold a layer that has little to do.")
    layers = [layer for layer in s.get("layers") or [] if isinstance(layer, dict)]
    if layers:
        names = [layer.get("name", str(i)) for i, layer in enumerate(layers)]
        yield chart("Cycles by layer", bars(names, [layer.get("cycles") for layer in layers], "cycles"), wide=False)
        yield chart("Crossbars by layer", by_layer(layers, names), wide=False)
    tokens = [t for t in s.get("tokens") or [] if isinstance(t, dict)]
    if tokens:
        yield chart("Cycles by token", bars([f"token {t.get('index')}" for t in tokens], [t.get("cycles") for t in tokens], "cycles"), wide=False)
        yield chart("Energy by token", bars([f"token {t.get('index')}" for t in tokens], [t.get("energy_j") for t in tokens], "J",
                                            text=[f"{t.get('int4_layers', 0)} layers at INT4" for t in tokens]), wide=False)
