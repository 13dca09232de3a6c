#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""`tricycle search`: files, simulation of the front, going on, stopping. The program is $TRICYCLE."""
import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["TRICYCLE"]
CONFIG = """model: allmod
design: {form: pipelined, n: 48, w: 6, m: 1, p: 2, e: 1, stall: global}
workload: {count: 20}
cost: {rom: bram}
"""


class Test(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="search_"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "config.yaml").write_text(CONFIG)

    def call(self, *words, code=0):
        done = subprocess.run([PROGRAM, "search", "config.yaml", "-o", "out", "-q", *words], cwd=self.folder,
                              capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout

    def test_the_front_is_found_simulated_and_gone_on_with(self):
        text = self.call("--cap", "fmax_mhz>=60", "--simulate", "6")
        self.assertIn("6 designs simulated: latency, interval and area are those of the search", text)
        out = self.folder / "out"
        found = json.loads((out / "search.json").read_text())
        with open(out / "search.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), len(found["front"]))
        self.assertGreater(len(rows), 6)
        for row, design in zip(rows, found["front"]):
            self.assertEqual(row["form"], design["form"])
            self.assertEqual(int(float(row["latency_cycles"])), design["latency_cycles"])
            self.assertGreaterEqual(design["fmax_mhz"], 60)
        pairs = [(d["latency_cycles"], d["lut_sites"]) for d in found["front"]]
        self.assertEqual(pairs, sorted(pairs))
        self.assertTrue(all(a[1] > b[1] for a, b in zip(pairs, pairs[1:])), pairs)  # a front
        best, theirs = found["template"]["best_at_its_interval"], found["template"]["authors"]
        self.assertLess(best["lut_sites"] * 1.9, theirs["lut_sites"])
        self.assertLessEqual(best["bram36"], theirs["bram36"])
        with open(out / "front/points.csv", newline="") as file:
            self.assertEqual([r["front"] for r in csv.DictReader(file)], ["true"] * 6)
        self.call(code=2)
        self.assertIn("6 were there already", self.call("--cap", "fmax_mhz>=60", "--simulate", "6", "--resume"))

    def test_an_interrupt_keeps_the_front_found_so_far(self):
        process = subprocess.Popen([PROGRAM, "search", "config.yaml", "-o", "out", "--set", "design.n=512", "--minimise",
                                    "latency_ns,lut_sites,bram36"], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 5, err)
        self.assertIn("STOPPED", out)
        found = json.loads((self.folder / "out/search.json").read_text())
        self.assertFalse(found["complete"])
        self.assertGreater(len(found["front"]), 5)


if __name__ == "__main__":
    unittest.main()
