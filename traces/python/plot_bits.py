#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Plots the bits of every layer over the tokens of a trace, and the entropy that chose them, as one SVG file.

  plot_bits.py traces/samples/decode.tct -o bits.svg
"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tricycle_trace

COLOURS = {4: "#f28e2b", 8: "#4e79a7", 32: "#9c9c9c"}
WIDTH, LEFT, TOP, CURVE = 900, 60, 50, 120


def read(path):
    name, tokens = "", []
    for record in tricycle_trace.read(path):
        if record.HasField("header"):
            name = record.header.model.name
        elif record.HasField("token"):
            tokens.append((record.token.index, bytes(record.token.layer_bits), record.token.pple_smoothed))
    return name, tokens


def text(x, y, words, anchor="start"):
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{words}</text>'


def escaped(words):
    return words.replace("&", "&amp;").replace("<", "&lt;")


def cells(tokens, layers, step, row):
    """Rectangles of equal bits along a layer, one each."""
    for layer in range(layers):
        begin = 0
        for i in range(1, len(tokens) + 1):
            if i < len(tokens) and tokens[i][1][layer] == tokens[begin][1][layer]:
                continue
            bits = tokens[begin][1][layer]
            yield (f'<rect x="{LEFT + begin * step:.2f}" y="{TOP + layer * row:g}" width="{(i - begin) * step:.2f}" '
                   f'height="{row * 0.9:g}" fill="{COLOURS.get(bits, "#000")}"><title>layer {layer}, tokens '
                   f'{tokens[begin][0]} to {tokens[i - 1][0]}: {bits} bit</title></rect>')
            begin = i


def svg(name, tokens):
    layers = len(tokens[0][1])
    row = max(4, min(24, 480 / layers))
    step = (WIDTH - LEFT - 20) / len(tokens)
    bottom = TOP + layers * row
    parts = [text(LEFT, 20, f"{escaped(name)}: bits per layer over {len(tokens)} tokens")]
    for i, (bits, colour) in enumerate(COLOURS.items()):
        parts.append(f'<rect x="{LEFT + 80 * i}" y="28" width="12" height="12" fill="{colour}"/>')
        parts.append(text(LEFT + 80 * i + 18, 39, f"{bits} bit"))
    parts += cells(tokens, layers, step, row)
    parts += [text(LEFT - 6, TOP + row * 0.8, "0", "end"), text(LEFT - 6, bottom - row * 0.2, str(layers - 1), "end"),
              text(LEFT - 6, (TOP + bottom) / 2, "layer", "end")]
    top = max(t[2] for t in tokens) or 1
    points = " ".join(f"{LEFT + (i + 0.5) * step:.1f},{bottom + 20 + CURVE * (1 - t[2] / top):.1f}"
                      for i, t in enumerate(tokens))
    parts += [f'<polyline points="{points}" fill="none" stroke="#333"/>',
              text(LEFT - 6, bottom + 30, f"{top:.3g}", "end"), text(LEFT - 6, bottom + 20 + CURVE, "0", "end"),
              text(LEFT - 6, bottom + 20 + CURVE / 2, "PPLE", "end"),
              text(LEFT, bottom + CURVE + 40, str(tokens[0][0])),
              text(WIDTH - 20, bottom + CURVE + 40, f"token {tokens[-1][0]}", "end")]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + CURVE + 50:g}" '
            'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace")
    parser.add_argument("-o", "--output", default="bits.svg")
    args = parser.parse_args()
    try:
        name, tokens = read(args.trace)
        if not tokens:
            raise tricycle_trace.TraceError(f"{args.trace}: the trace has no tokens")
        pathlib.Path(args.output).write_text(svg(name, tokens))
    except (tricycle_trace.TraceError, OSError) as e:
        print(f"plot_bits.py: error: {e}", file=sys.stderr)
        return 3
    print(f"{args.output}: {len(tokens)} tokens, {len(tokens[0][1])} layers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
