# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""What each technique gains, alone and together: runs of model `system` beside the first one, and beside the papers."""
import plotly.graph_objects as go

from style import COLOURS, chart, finish, is_number, si
from system import energy

# What the papers report, and for which change of the configuration's words. [from, to]; None: any.
PAPERS = [
    {"name": "FlexQuant", "gain": 1.3, "changes": {"precision": ("int8", "trace")},
     "what": "FlexQuant (arXiv 2506.12024) reports 1.3x end to end for dynamic precision over static INT8, on its own models, GPU and thresholds. "
             "A gain needs a share f of the weights at INT4: 1.3x by weight traffic alone needs f = 0.46; what the cache, the head and the "
             "kernels' rates cost comes off it."},
    {"name": "MILLION", "gain": 2.09, "changes": {"kv": ("fp16", "pq")},
     "what": "MILLION (arXiv 2504.03661) reports 2.09x end to end at a context of 32K over an fp16 cache, on an A40. Its public code copies the "
             "whole fp16 cache once a token (kv_cache: cat); beside a cache that is not copied (preallocated) less is gained."},
]
WORDS = {"gemv": "products on", "precision": "weights", "kv": "KV cache", "kv_cache": "fp16 cache", "prefill": "prefill", "encrypted": "encrypted",
         "compute": "GPU times"}

PLAIN = {"gemv": ("gpu",), "precision": ("int8", "fp16"), "kv": ("fp16",), "kv_cache": ("cat",), "encrypted": ("none",)}


def changes(base, other):
    a, b = base.get("config") or {}, other.get("config") or {}
    return {k: (a.get(k), b.get(k)) for k in b if a.get(k) != b.get(k)}


def words(changed, summary):
    share = summary.get("int4_share")
    text = _words(changed)
    return text.replace("→ trace", f"→ trace (f = {share:.2g})") if is_number(share) else text


def _words(changed):
    return ", ".join(f"{WORDS.get(k, k)} {a} → {b}" for k, (a, b) in changed.items()) or "the same words"


def hardware(base, other):
    """Settings that tell two runs of the same words apart: [path from → to]."""
    a, b = base.get("differs") or {}, other.get("differs") or {}
    return [f"{path} {a[path]} → {b[path]}" for path in b if path in a and a[path] != b[path] and path not in WORDS]


def beside(runs, run):
    """Of a run whose words another one before it has: what they do not say."""
    first = next(r for r in runs if r["summary"].get("config") == run["summary"].get("config"))
    return hardware(first, run)


def techniques(changed):
    """The words that make a technique of their own: how an fp16 cache is kept is part of MILLION's change, which does away with it."""
    return {k: v for k, v in changed.items() if not (k == "kv_cache" and "kv" in changed)}


def paper(changed):
    """The publication whose change this is."""
    return next((p for p in PAPERS if techniques(changed) == p["changes"]), None)


def gain(base, other, value):
    a, b = value(base), value(other)
    return a / b if is_number(a) and is_number(b) and b > 0 else None


def time_of(s):
    return s.get("time_per_token_s")


def energy_of(s):
    return energy(s)[0]


def rows(runs):
    """Of every run but the first: what changed, gains in time and energy, the paper's."""
    base = runs[0]["summary"]
    for run in runs[1:]:
        changed = changes(base, run["summary"])
        same_parts = (base.get("energy_missing") or []) == (run["summary"].get("energy_missing") or [])
        more = beside(runs, run)
        yield {"name": run["name"], "words": ", ".join([words(changed, run["summary"]), *more]), "count": len(techniques(changed)), "changed": changed,
               "time": gain(base, run["summary"], time_of), "energy": gain(base, run["summary"], energy_of) if same_parts else None,
               "paper": paper(changed)}


def product(found):
    """(what the single techniques would give together if they did not mind each other, the run that has them all), or None."""
    for together in sorted((r for r in found if r["count"] > 1), key=lambda r: -r["count"]):
        value, wanted = 1.0, techniques(together["changed"])
        for r in found:
            (name, change), *more = techniques(r["changed"]).items() or [(None, None)]
            if not more and wanted.get(name) == change and name is not None:
                value *= r["time"]
                del wanted[name]
        if not wanted:
            return value, together
    return None


def steps(runs):
    """Every two runs that one technique tells apart, all else equal, or nothing but their hardware; from the plainer one."""
    order = sorted(runs, key=lambda r: (len(beside(runs, r)) > 0, -plainness(r)))
    for i, a in enumerate(order):
        for b in order[i + 1:]:
            changed, more = changes(a["summary"], b["summary"]), beside(runs, b)
            value = gain(a["summary"], b["summary"], time_of)
            single = len(techniques(changed)) == 1 or (more and not changed)
            if not value or not single or beside(runs, a):
                continue
            published = paper(changed)
            yield {"words": ", ".join(([words(changed, b["summary"])] if changed else []) + more), "base": a["name"], "run": b["name"],
                   "time": f"{value:.3g}x", "paper": f"{published['name']} {published['gain']}x" if published else ""}


def plainness(run):
    """How many of its words are those of a platform without any of the techniques."""
    config = run["summary"].get("config") or {}
    return sum(config.get(key) in plain for key, plain in PLAIN.items())


def section(runs):
    """runs: [{name, summary, differs}] of model system and of one trace, at least two, set beside the plainest of them."""
    base = max(runs, key=plainness)  # of equals the first
    runs = [base] + [r for r in runs if r is not base]
    found = [r for r in rows(runs) if r["time"]]
    if not found:
        return None
    names = [f"{r['name']}<br><span style='font-size:11px'>{r['words'].replace(', ', '<br>')}</span>" for r in found]
    lines = sum(2 + n.count("<br>") for n in names)
    figure = go.Figure()
    figure.add_bar(y=names, x=[r["time"] for r in found], orientation="h", name="time per token", text=[f"{r['time']:.3g}x" for r in found],
                   hovertemplate="%{x:.4g}x in time<extra></extra>")
    if any(r["energy"] for r in found):
        figure.add_bar(y=names, x=[r["energy"] for r in found], orientation="h", name="energy per token",
                       text=[f"{r['energy']:.3g}x" if r["energy"] else "" for r in found], hovertemplate="%{x:.4g}x in energy<extra></extra>")
    published = [(n, r["paper"]) for n, r in zip(names, found) if r["paper"]]
    if published:
        figure.add_bar(y=[n for n, _ in published], x=[p["gain"] for _, p in published], orientation="h", name="published",
                       marker={"color": COLOURS[2]}, text=[f"{p['name']} {p['gain']}x" for _, p in published],
                       hovertemplate="%{text}<extra></extra>")
    most = max([r["time"] for r in found] + [r["energy"] or 0 for r in found] + [p["gain"] for _, p in published] + [1])
    figure.add_vline(x=1, line={"color": "#57606a", "width": 1, "dash": "dot"})
    note = f"Over {runs[0]['name']} ({si(time_of(runs[0]['summary']), 's')} a token); more than 1x is better."
    multiplied = product(found)
    if multiplied:
        note += (f" The gains alone multiply to {multiplied[0]:.3g}x; together they are {multiplied[1]['time']:.3g}x "
                 f"({multiplied[1]['name']}).")
    figure.update_traces(textposition="auto", textangle=0)
    return {"steps": list(steps(runs)), "chart": chart("What each technique gains", finish(figure, 150 + 24 * lines, barmode="group", xaxis={"title": "times better",
                           "range": [0, 1.15 * most]}, yaxis={"autorange": "reversed"}), note),
            "papers": list({p["name"]: p["what"] for _, p in published}.values())}
