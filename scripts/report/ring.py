# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
import plotly.graph_objects as go

from drawing import bars, links, stacked
from style import chart, finish, is_number, number, percent, si


def tiles(s):
    yield "time of the attention", si(s.get("time_s"), "s"), s.get("time_s")
    yield "schedule", s.get("schedule") or "-", None
    yield "GPUs", number(s.get("gpus")), s.get("gpus")
    yield "tokens", number(s.get("seq_len")), s.get("seq_len")
    yield "tokens a second", si(s.get("tokens_per_s")), s.get("tokens_per_s")
    exposed, time = s.get("exposed_comm_s"), s.get("time_s")
    yield "exposed communication", si(exposed, "s") + (f" ({percent(exposed / time)})" if is_number(exposed) and time else ""), exposed
    yield "busiest link", percent(s.get("max_link_utilisation")), s.get("max_link_utilisation")
    sent = s.get("bytes_sent_per_gpu")
    if sent:
        yield "sent by a GPU, at most", si(max(sent), "B"), max(sent)


def gpus(table):
    """What each GPU did, summed over the steps."""
    if table is None or not {"gpu", "kernels_ps", "exposed_ps", "idle_ps"} <= set(table.columns) or table.empty:
        return None
    sums = table.groupby("gpu")[["kernels_ps", "exposed_ps", "idle_ps"]].sum() / 1e12
    return stacked([f"gpu{g}" for g in sums.index], [("kernels", list(sums.kernels_ps), None), ("exposed communication", list(sums.exposed_ps), None),
                                                     ("idle", list(sums.idle_ps), "#d0d7de")], "s")


def more_gpus(table):
    if table is None or not {"gpus", "compute_s", "communication_s", "time_s"} <= set(table.columns) or table.empty:
        return None
    figure = go.Figure()
    for key, text in (("time_s", "time"), ("compute_s", "compute"), ("communication_s", "communication")):
        drawn = table[table[key] > 0]
        figure.add_scatter(x=drawn["gpus"], y=drawn[key], name=text, mode="lines+markers", hovertemplate="%{x} GPUs: %{y:.4s}s<extra>" + text + "</extra>")
    ticks = list(table["gpus"])
    return finish(figure, 360, xaxis={"title": "GPUs", "type": "log", "tickvals": ticks, "ticktext": [str(t) for t in ticks]},
                  yaxis={"title": "s", "type": "log", "tickformat": "~s", "dtick": "D2"})


def charts(s, table):
    steps = s.get("step_times_s")
    if steps:
        yield chart("Time of each step", bars([f"step {i}" for i in range(len(steps))], steps, "s"), "Of the slowest rank.", wide=False)
    yield chart("What each GPU did", gpus(table("steps.csv")), wide=False)
    yield chart("Link utilisation", links(table("links.csv")), "Share of the run in which a link or port carried something.", wide=False)
    yield chart("The same tokens on more GPUs", more_gpus(table("curve.csv")), "Closed form.", wide=False)
    sent = s.get("bytes_sent_per_gpu")
    if sent:
        yield chart("Sent by each GPU", bars([f"gpu{i}" for i in range(len(sent))], sent, "B"), wide=False)
