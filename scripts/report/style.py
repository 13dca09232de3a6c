# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""What all charts and tables share."""
COLOURS = ["#1f6feb", "#d1590a", "#1a7f37", "#8250df", "#bf3989", "#9a6700", "#0a7ea4", "#6e7781"]
MISSING = "#d0d7de"  # what has no figure
PREFIXES = [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"),
            (1e-12, "p"), (1e-15, "f")]


def finish(figure, height=420, **layout):
    figure.update_layout(template="plotly_white", colorway=COLOURS, height=height, margin={"l": 50, "r": 20, "t": 56, "b": 44},
                         font={"family": "system-ui, sans-serif", "size": 13},
                         legend={"orientation": "h", "y": 1.01, "x": 0, "yanchor": "bottom", "traceorder": "normal"}, **layout)
    if len(figure.data) == 1 or not any(t.name for t in figure.data):
        figure.update_layout(margin={"t": 30}, showlegend=False)
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure


def chart(heading, figure, note="", wide=True):
    """One chart of a section. `wide`: all columns of the page."""
    return {"heading": heading, "figure": figure, "note": note, "wide": wide}


def number(value):
    """For tables: four significant digits, whole numbers whole, nothing for null."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"
    return str(value)


def si(value, unit=""):
    """"5.096 ms", "1.22 J", "12.3 M"; for tiles."""
    if not is_number(value):
        return "-"
    if value == 0:
        return f"0 {unit}".strip()
    size = abs(value)
    if not unit and size < 10000:
        return number(float(f"{value:.4g}"))
    factor, prefix = next(((f, p) for f, p in PREFIXES if size >= f * 0.99995), PREFIXES[-1])
    return f"{value / factor:.4g} {prefix}{unit}".strip()


def percent(share):
    return f"{100 * share:.3g} %" if is_number(share) else "-"


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
