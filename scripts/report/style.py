# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""What all charts share."""
COLOURS = ["#1f6feb", "#d1590a", "#1a7f37", "#8250df", "#bf3989", "#9a6700", "#0a7ea4", "#6e7781"]


def finish(figure, height=420, **layout):
    figure.update_layout(template="plotly_white", colorway=COLOURS, height=height, margin={"l": 60, "r": 20, "t": 40, "b": 50},
                         font={"family": "system-ui, sans-serif", "size": 13}, legend={"orientation": "h", "y": -0.2},
                         **layout)
    return figure


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
