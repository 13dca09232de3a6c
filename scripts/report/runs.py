# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The section of one run: what it says, its charts and pictures, its configuration, how to repeat it."""
import base64
import html
import os
import re
import shlex

import markupsafe

import models
import tornado
from problems import Unreadable, read_json
from style import number, percent

PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
MOST_PICTURE_BYTES = 1 << 20
GENERAL = ("model", "version", "config_digest", "trace_digest", "partial", "sim_cycles", "sim_time_s", "wall_s", "seed")
ASSUMED = re.compile(r"^  (?P<path>\S+) = (?P<value>.*?)(?:  \((?P<source>.*)\))?$")


def flat(value, prefix=""):
    """Scalars of nested objects with dots; lists are for charts and tables of their own."""
    for key, item in value.items():
        if isinstance(item, dict):
            yield from flat(item, f"{prefix}{key}.")
        elif not isinstance(item, list):
            yield prefix + key, item


def pictures(folder, files):
    for entry in files:
        path = folder / entry.get("file", "")
        kind = PICTURES.get(path.suffix)
        if kind is None or not path.is_file() or path.stat().st_size > MOST_PICTURE_BYTES:
            continue
        data = base64.b64encode(path.read_bytes()).decode()
        yield {"text": entry.get("text", path.name), "file": path.name, "source": f"data:{kind};base64,{data}"}


def links(folder, page_folder, files):
    for entry in files:
        path = folder / entry.get("file", "")
        if path.is_file():
            yield {"file": entry["file"], "text": entry.get("text", ""),
                   "address": os.path.relpath(path.resolve(), page_folder)}


def assumed(text):
    """The table of summary.txt, which has values and sources beside the paths."""
    lines = iter(text.splitlines())
    if not any(line.startswith("This result rests on") for line in lines):
        return []
    rows = []
    for line in lines:
        match = ASSUMED.match(line)
        if not match:
            break
        rows.append(match.groupdict(default=""))
    return rows


def assumed_rows(text, summary, folder):
    """(keys, rows): assumed settings with how far each moves the keys, where that is known; what moves most first."""
    rows = assumed(text) or [{"path": a, "value": "", "source": ""} for a in summary.get("assumed_settings") or []]
    keys, moves = tornado.moves(folder)
    order = {path: place for place, path in enumerate(moves)}
    rows.sort(key=lambda row: order.get(row["path"], len(order)))
    return keys, [{**row, "moves": moves.get(row["path"], [""] * len(keys))} for row in rows]


def scaled(summary):
    """What is extrapolated, and from which share; empty where all was simulated."""
    region = summary.get("region") if isinstance(summary.get("region"), dict) else {}
    keys = list(dict.fromkeys((summary.get("extrapolated") or []) + (region.get("extrapolated") or [])))
    keys = [k for k in keys if isinstance(k, str)]
    # Of the encrypted layer a share of its own was simulated; its chart says which.
    keys = [k for k in keys if not k.startswith("encrypted")]
    share = summary.get("sampled_share", region.get("share"))
    return {"keys": keys, "share": percent(share)} if keys else None


def short(value):
    """A digest by its beginning; the whole is in summary.json."""
    return value[:12] + "…" if isinstance(value, str) and len(value) == 64 else number(value)


def sensitivity_command(summary, manifest, folder):
    """What draws how far assumed settings move this run; of a platform in its loosely timed form, which is much faster."""
    words = manifest.get("command_line", [])
    settings = [word for i, word in enumerate(words) if word == "--set" or word.startswith("--set=") or (i > 0 and words[i - 1] == "--set")]
    loose = ["--with", "fidelity.detail=fast"] if (summary.get("config") or {}).get("detail") in ("event", "clocked") else []
    return shlex.join(["tricycle", "sensitivity", manifest.get("config_file") or "CONFIG.yaml", *settings, "-o", str(folder), *loose])


def section(folder, page_folder):
    summary = read_json(folder / "summary.json")
    manifest = read_json(folder / "manifest.json")
    try:
        text = (folder / "summary.txt").read_text(encoding="utf-8")
        configuration = (folder / "config.yaml").read_text(encoding="utf-8")
    except OSError as problem:
        raise Unreadable(f"{folder}: {problem}; is it the folder of a complete run?") from problem
    files = manifest.get("files", [])
    keys, rows = assumed_rows(text, summary, folder)
    command = manifest.get("command_line", [])
    timeline = next((f["file"] for f in files if f.get("file") == "timeline.json"), None)
    return {
        "kind": "run",
        "folder": folder,
        "summary": summary,
        "title": f"{summary.get('model', '?')}: {folder.resolve().name}",
        "line": text.split("\n", 1)[0],
        "partial": bool(summary.get("partial")),
        "failure": manifest.get("failure"),
        "scaled": scaled(summary),
        "tiles": list(models.tiles(summary)),
        "facts": [(key, short(summary.get(key))) for key in GENERAL],
        "keys": [(key, number(value)) for key, value in flat(summary) if key not in GENERAL],
        "text": text,
        "charts": models.charts(summary, folder),
        "tornado": tornado.charts(folder),
        "pictures": list(pictures(folder, files)),
        "links": list(links(folder, page_folder, files)),
        "assumed": rows,
        "assumed_keys": keys,
        "configuration": markupsafe.Markup(html.escape(configuration)),
        "sensitivity": sensitivity_command(summary, manifest, folder),
        "loose": isinstance(summary.get("config"), dict) and summary["config"].get("detail") == "fast",
        "repeat": " ".join(shlex.quote(word) for word in command),
        "timeline": str(folder / timeline) if timeline else None,
    }
