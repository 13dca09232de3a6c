# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The section of one run: what it says, its charts and pictures, its configuration, how to repeat it."""
import base64
import html
import os
import shlex

import markupsafe

import models
from problems import Unreadable, read_json
from style import number

PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
MOST_PICTURE_BYTES = 4 << 20
GENERAL = ("model", "version", "config_digest", "trace_digest", "partial", "sim_cycles", "sim_time_s", "wall_s", "seed")


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


def section(folder, page_folder):
    summary = read_json(folder / "summary.json")
    manifest = read_json(folder / "manifest.json")
    try:
        text = (folder / "summary.txt").read_text(encoding="utf-8")
        configuration = (folder / "config.yaml").read_text(encoding="utf-8")
    except OSError as problem:
        raise Unreadable(f"{folder}: {problem}; is it the folder of a complete run?") from problem
    files = manifest.get("files", [])
    command = manifest.get("command_line", [])
    return {
        "kind": "run",
        "title": f"{summary.get('model', '?')}: {folder.resolve().name}",
        "partial": bool(summary.get("partial")),
        "facts": [(key, number(summary.get(key))) for key in GENERAL],
        "keys": [(key, number(value)) for key, value in flat(summary) if key not in GENERAL],
        "text": text,
        "charts": models.charts(summary, folder),
        "pictures": list(pictures(folder, files)),
        "links": list(links(folder, page_folder, files)),
        "assumed": summary.get("assumed_settings") or [],
        "configuration": markupsafe.Markup(html.escape(configuration)),
        "repeat": " ".join(shlex.quote(word) for word in command),
        "timeline": next((f["file"] for f in files if f.get("file") == "timeline.json"), None),
    }
