#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The page of `tricycle report`, in a browser. The program is $TRICYCLE. Exit 77: no browser or no python packages."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ["TRICYCLE"]
SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "scripts/report/report.py"
CHROMIUM = shutil.which("chromium")
SWEEP = """sweep: toys
base: toy.yaml
axes:
  - {path: design.latency, range: [1, 4]}
  - {path: workload.count, values: [10, 20]}
  - {path: trouble.fault, values: [none, elaborate]}
require: [trouble.fault == none || design.latency == 3]
objectives: [{minimise: sim_time_s, name: "time </script><b>"}, {maximise: operations}]
"""


class Test(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="report_"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "toy.yaml").write_text("model: toy\n")
        (self.folder / "sweep.yaml").write_text(SWEEP)

    def call(self, *words, code=0):
        done = subprocess.run(list(map(str, words)), cwd=self.folder, capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def report(self, *words, code=0):
        return self.call("/usr/bin/python3", "-B", SCRIPT, *words, code=code)

    def in_browser(self, page, width):
        """The page's elements after its scripts ran, and what the console said."""
        done = self.call(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                         f"--user-data-dir={self.folder}/profile", f"--window-size={width},2000", "--virtual-time-budget=5000",
                         "--dump-dom", f"file://{self.folder / page}")
        errors = [line for line in done.stderr.splitlines() if "CONSOLE" in line and "Uncaught" in line]
        return done.stdout, errors

    def test_a_sweep_and_a_run_are_drawn_without_network(self):
        self.call(PROGRAM, "sweep", "sweep.yaml", "-o", "out", "-q")
        self.call(PROGRAM, "run", "toy.yaml", "-o", "one", "-q")
        self.report("out", "one", "-o", "page.html")
        text = (self.folder / "page.html").read_text()
        self.assertFalse(re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(?!data:)', text))
        for width in (1280, 400):
            dom, errors = self.in_browser("page.html", width)
            self.assertEqual(errors, [])
            self.assertEqual(len(re.findall(r'class="figure[^"]*js-plotly-plot', dom)), 4)  # front, coordinates, two effects
            self.assertTrue("main-svg" in dom)
        for needed in ("cannot be built", "Simulated 1000 operations", "tricycle run toy.yaml"):
            self.assertTrue(needed in text, needed)  # the page is too long to be shown

    def test_what_is_no_run_is_refused(self):
        (self.folder / "empty").mkdir()
        for words, message in ((["none"], "there is no folder none"), (["empty"], "neither a run folder"),):
            self.assertIn(message, self.report(*words, code=3).stderr)
        broken = self.folder / "broken"
        broken.mkdir()
        (broken / "summary.json").write_text('{"model": "toy"')
        self.assertIn("cannot be read", self.report("broken", code=3).stderr)
        (broken / "sweep.sqlite").write_text("no database, but long enough to look at" * 30)
        self.assertIn("sweep.sqlite", self.report("broken", code=3).stderr)


if __name__ == "__main__":
    if CHROMIUM is None:
        print("skipped: chromium is not installed")
        sys.exit(77)
    try:
        import jinja2, pandas, plotly  # noqa: E401,F401
    except ImportError as absent:
        print(f"skipped: {absent.name} is not installed")
        sys.exit(77)
    unittest.main()
