#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""`tricycle sensitivity` with the toy model. The program is $TRICYCLE."""
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


class Test(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sensitivity_"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("model: toy\ndesign: {latency: {value: 10, provenance: assumed, source: a guess}}\n")

    def write(self, text):
        (self.folder / "toy.yaml").write_text(text)

    def call(self, *words, code=0):
        done = subprocess.run([PROGRAM, *map(str, words)], cwd=self.folder, capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout + done.stderr

    def sensitivity(self, *words, code=0):
        return self.call("sensitivity", "toy.yaml", "-q", *words, code=code)

    def result(self, folder="out"):
        return json.loads((self.folder / folder / "sensitivity.json").read_text())

    def test_assumed_settings_move_the_headline(self):
        said = self.sensitivity("-o", "out")
        self.assertRegex(said, r"sim_time_s = 5e-05\n.*\n +design.latency +10 cycle +-20 % +\+20 %\n")
        row, = self.result()["settings"]
        self.assertEqual((row["path"], row["low"]["value"], row["high"]["value"]), ("design.latency", "8", "12"))
        move = row["moves"]["sim_time_s"]
        self.assertAlmostEqual(move["low"]["change_percent"], -20)
        self.assertAlmostEqual(move["high"]["value"], 6e-5)
        self.assertFalse((self.folder / "out/sensitivity").exists())
        self.call("compare", "out", "out")  # the folder is still a run's

    def test_a_run_that_is_there_is_used_and_another_is_refused(self):
        self.call("run", "toy.yaml", "-q", "-o", "out")
        before = (self.folder / "out/manifest.json").read_text()
        self.sensitivity("-o", "out", "--key", "sim_cycles", "--key", "operations", "--percent", "50")
        self.assertEqual((self.folder / "out/manifest.json").read_text(), before)
        self.assertEqual(self.result()["base"], {"sim_cycles": 10000, "operations": 1000})
        self.assertEqual(self.result()["settings"][0]["moves"]["operations"]["high"]["change_percent"], 0)
        self.assertIn("another configuration", self.sensitivity("-o", "out", "--set", "workload.count=7", code=2))
        (self.folder / "other").mkdir()
        (self.folder / "other/notes").write_text("mine")
        self.assertIn("not the folder of a run", self.sensitivity("-o", "other", code=2))
        self.assertEqual([p.name for p in (self.folder / "other").iterdir()], ["notes"])

    def test_whole_numbers_move_by_one_and_what_cannot_is_told(self):
        self.write("model: toy\ndesign: {latency: 1}\n")
        said = self.sensitivity("-o", "out", "--setting", "design.latency", "--setting", "trouble.fault", "--setting", "trouble.at",
                                "--setting", "design.clock_mhz")
        rows = {r["path"]: r for r in self.result()["settings"]}
        self.assertIsNone(rows["design.latency"]["low"])  # 0 is outside of its range
        self.assertEqual(rows["design.latency"]["high"]["value"], "2")
        self.assertEqual(rows["design.clock_mhz"]["low"]["value"], "160")
        self.assertIn("trouble.fault (not a number), trouble.at (0 has no percent)", said.replace("\n   ", ""))
        self.assertEqual(next(iter(rows)), "design.latency")  # the largest effect first

    def test_a_variation_that_fails_is_told_and_the_rest_goes_on(self):
        self.write("model: toy\ndesign: {latency: {value: 10, provenance: assumed, source: a guess}}\ntrouble: {fault: internal, at: 950}\nworkload: {count: 900}\n")
        said = self.sensitivity("-o", "out", "--setting", "workload.count")
        self.assertRegex(said, r"workload.count +900 op +-20 % +fails\n")
        self.assertIsNotNone(self.result()["settings"][0]["high"]["error"])

    def test_variations_of_a_cheaper_run(self):
        self.call("run", "toy.yaml", "-q", "-o", "out")
        said = self.sensitivity("-o", "out", "--with", "workload.count=500", "--key", "operations", "--key", "sim_time_s")
        self.assertIn("in runs with workload.count=500", said)
        self.assertIn("sim_time_s = 2.5e-05 (the run itself: 5e-05)", said)
        result = self.result()
        self.assertEqual((result["with"], result["base"]["operations"], result["run"]["operations"]), (["workload.count=500"], 500, 1000))
        move = result["settings"][0]["moves"]["sim_time_s"]["high"]
        self.assertAlmostEqual(move["change_percent"], 20)  # of 500 operations
        self.assertAlmostEqual(move["value"], 3e-5)
        self.assertIn("did you mean 'count'", self.sensitivity("-o", "out", "--with", "workload.cuont=500", code=2))

    def test_wrong_usage(self):
        self.assertIn("-o DIR is missing", self.sensitivity(code=2))
        self.assertIn("(0, 100)", self.sensitivity("-o", "out", "--percent", "100", code=2))
        self.assertIn("did you mean 'design.latency'", self.sensitivity("-o", "out", "--setting", "design.latenzy", code=2))
        self.assertFalse((self.folder / "out").exists())
        self.assertIn("did you mean 'sim_cycles'", self.sensitivity("-o", "out", "--key", "sim_cycle", code=2))
        self.write("model: toy\ntrouble: {hang_at: 3}\n")
        self.assertIn("itself fails", self.sensitivity("-o", "hangs", code=4))

    def test_stopped_goes_on(self):
        self.write("model: toy\ndesign: {latency: {value: 10, provenance: assumed, source: a guess}}\ntrouble: {work_ms: 1}\nworkload: {count: 300}\n")
        self.call("run", "toy.yaml", "-q", "-o", "out")
        process = subprocess.Popen([PROGRAM, "sensitivity", "toy.yaml", "-q", "-j", "1", "-o", "out"], cwd=self.folder, stderr=subprocess.PIPE,
                                   text=True)
        points = self.folder / "out/sensitivity/points"
        def complete():
            return {p: p.stat().st_mtime_ns for p in points.glob("*/*/summary.json") if ".partial" not in str(p)}

        for _ in range(1000):
            if complete():
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        self.assertIn("goes on from there", process.communicate(timeout=50)[1])
        self.assertEqual(process.returncode, 5)
        self.assertEqual(len(complete()), 1)
        self.sensitivity("-o", "out")
        self.assertAlmostEqual(self.result()["settings"][0]["moves"]["sim_time_s"]["high"]["change_percent"], 20)


if __name__ == "__main__":
    unittest.main()
