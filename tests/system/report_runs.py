#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The page of `tricycle report` of real runs, in a browser, as wide as a screen and as a phone.

  report_runs.py TRICYCLE CASE      exit 77: skipped, with the reason
"""
import importlib.util
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
WIDTHS = (1280, 390)
# Every chart that drew something has marks; `wide`: how far the page sticks out of its window.
PROBE = """<body><script>
const frames = WIDTHS.map(width => { const f = document.createElement("iframe"); f.width = width; f.height = 3000; f.src = "PAGE";
                                     document.body.append(f); return f; });
function look(frame) {
  const page = frame.contentDocument, marks = {};
  for (const figure of page.querySelectorAll(".figure")) {
    marks[figure.id] = figure.querySelectorAll(".point, .points path, .heatmaplayer image, .hm image, .scatterlayer path, canvas, .parcoords path").length;
  }
  return {marks, wide: page.documentElement.scrollWidth - page.documentElement.clientWidth,
          pictures: [...page.images].filter(i => i.naturalWidth === 0).length, headings: page.querySelectorAll("h2").length};
}
addEventListener("load", () => setTimeout(() => { document.body.textContent = "PROBED" + JSON.stringify(frames.map(look)) + "DEBORP"; }, 3000));
</script></body>"""


def call(folder, *words, code=0):
    done = subprocess.run(list(map(str, words)), cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done


def probed(folder, page):
    """What a browser makes of the page at each width; it says nothing on its console."""
    (folder / "probe.html").write_text(PROBE.replace("WIDTHS", str(list(WIDTHS))).replace("PAGE", page))
    done = call(folder, CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--allow-file-access-from-files",
                f"--user-data-dir={folder}/profile", "--window-size=1800,3200", "--virtual-time-budget=20000", "--dump-dom",
                f"file://{folder}/probe.html")
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not console, console
    found = re.search(r"PROBED(.*)DEBORP", done.stdout, re.S)
    assert found, done.stdout[-2000:]
    return json.loads(found.group(1))


def drawn(folder, page, least):
    for width, seen in zip(WIDTHS, probed(folder, page)):
        empty = [name for name, marks in seen["marks"].items() if marks == 0]
        assert not empty, f"{width} px: nothing is drawn in {empty}"
        assert len(seen["marks"]) >= least, f"{width} px: {len(seen['marks'])} charts, {least} are wanted"
        assert seen["wide"] <= 0, f"{width} px: the page is {seen['wide']} px wider than its window"
        assert seen["pictures"] == 0, f"{width} px: {seen['pictures']} broken pictures"


def self_contained(text):
    outside = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(?!data:)', text)
    assert not outside, outside


def models(tricycle, folder):
    """Every model alone, and what stands beside each other."""
    runs = {"ring": "ring/a10x4_ring.yaml", "token": "ring/a10x4_tokenring.yaml", "crossbars": "sme/trace_decode.yaml", "mod": "allmod/n128_hybrid.yaml"}
    short = {"mod": ["--set", "workload.count=100", "--record", "perfetto"], "crossbars": ["--set", "workload.count=4"]}
    for name, config in runs.items():
        call(folder, tricycle, "run", ROOT / "configs" / config, "-q", "-o", name, *short.get(name, []))
    said = call(folder, tricycle, "report", *runs, "-o", "page.html", "--open-timeline").stdout
    assert "mod/timeline.json  (open https://ui.perfetto.dev" in said and "--record perfetto" in said, said
    text_before = text = (folder / "page.html").read_text()
    self_contained(text)
    for wanted in ("Side by side", "schedule.kind", "token_ring_zigzag", "How busy each crossbar", "Link utilisation", "What each GPU did",
                   "Energy by component", "Beside its end points", "mod/timeline.json", "fabric.link.latency_ns"):
        assert wanted in text, wanted
    drawn(folder, "page.html", 17)
    # What no run writes is refused with exit 3, never a traceback.
    for file, text in (("summary.json", '{"model": "ring", "step_times_s": 7}'), ("summary.json", '{"model": "sme", "layers": 3, "energy_j": {"a": {}}}'),
                       ("manifest.json", "[]"), ("sensitivity.json", '{"keys": 5}'), ("sensitivity.json", '{"keys": ["a"], "settings": [1]}'),
                       ("links.csv", "name,utilisation\na,b\n")):
        kept = (folder / "ring" / file).read_text() if (folder / "ring" / file).exists() else None
        (folder / "ring" / file).write_text(text)
        error = call(folder, tricycle, "report", "ring", "-o", "page.html", code=3).stderr
        assert error.startswith("tricycle report: error: ring") and "Traceback" not in error, error
        (folder / "ring" / file).unlink() if kept is None else (folder / "ring" / file).write_text(kept)
    assert (folder / "page.html").read_text() == text_before


def system(tricycle, folder):
    """The main job with and without crossbars and techniques, and how far an assumed setting moves it."""
    config = ROOT / "configs/system/llm_decode.yaml"
    common = ["--set", "region.measure=1", "--set", "region.every=64"]
    gpu = ["--set", "map.gemv=gpu", "--set", "kv_cache=cat"]
    runs = {"main": [], "plain": [*gpu, "--set", "precision=int8", "--set", "kv=fp16"], "flex": [*gpu, "--set", "kv=fp16"], "both": gpu,
            "wide": ["--set", "chip.chip_bus_bytes=256"]}
    for name, words in runs.items():
        call(folder, tricycle, "run", config, "-q", "-o", name, *common, *words)
    call(folder, tricycle, "sensitivity", config, "-q", "-o", "main", *common, "--with", "fidelity.detail=fast", "--setting", "bus.latency_ns")
    call(folder, tricycle, "report", *runs, "-o", "page.html")
    text = (folder / "page.html").read_text()
    self_contained(text)
    for wanted in ("What each technique gains", "FlexQuant 1.3x", "One technique at a time", "Precision and latency of every token",
                   "Who a token waits for", "no sourced figure", "Crossbars: what each bank", "Encrypted layer, apart", "Link utilisation", "How far assumed settings move time_per_token_s", "over static INT8",
                   "Runs with fidelity.detail=fast, beside another such run", "chip.chip_bus_bytes 64 → 256"):
        assert wanted in text, wanted
    assert "Over plain (" in text  # the run without any technique, whatever comes first
    drawn(folder, "page.html", 20)


def main():
    if CHROMIUM is None:
        print("skipped: chromium is not installed")
        return 77
    missing = [m for m in ("plotly", "pandas", "jinja2") if importlib.util.find_spec(m) is None]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed")
        return 77
    tricycle, case = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="report_") as scratch:
        {"models": models, "system": system}[case](tricycle, pathlib.Path(scratch))
    return 0


if __name__ == "__main__":
    sys.exit(main())
