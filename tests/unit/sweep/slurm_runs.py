#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Sweeps through a real Slurm on this machine. The program is $TRICYCLE. Exit 77: cannot be started here."""
import csv
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from slurm_cluster import SlurmCluster  # noqa: E402

PROGRAM = os.environ["TRICYCLE"]
ROOT = pathlib.Path(__file__).resolve().parents[3]
SWEEP = """sweep: toys
base: toy.yaml
set: [trouble.work_ms=%s]
axes:
  - {path: design.latency, range: [1, 6]}
  - {path: workload.count, values: [10, 20]}
objectives: [{minimise: sim_cycles}]
slurm: {chunk: 3, memory_mib: 500}
"""


class Test(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sweep_"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "toy.yaml").write_text("model: toy\n")
        self.cluster = SlurmCluster()
        self.addCleanup(self.cluster.__exit__)
        self.cluster.__enter__()

    def words(self, out, *more):
        return [PROGRAM, "sweep", "sweep.yaml", "-o", out, "-q", *more]

    def run_it(self, out, *more, code=0):
        done = subprocess.run(self.words(out, *more), cwd=self.folder, env=self.cluster.env, capture_output=True, text=True,
                              timeout=100)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout

    def start(self, out, *more):
        return subprocess.Popen(self.words(out, *more), cwd=self.folder, env=self.cluster.env, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def summaries(self, out):
        found = {}
        for file in (self.folder / out).glob("points/*/*/summary.json"):
            if file.parent.name.endswith(".partial"):
                continue
            found[file.parent.name] = {**json.loads(file.read_text()), "wall_s": None}
        return found

    def texts(self, out):
        """Every summary.json as it is, but for the time that it took."""
        return {f.parent.name: re.sub(r'"wall_s": [^,]*', '"wall_s": T', f.read_text())
                for f in (self.folder / out).glob("points/*/*/summary.json")}

    def wait_for_a_point(self, out):
        deadline = time.time() + 40
        while not self.summaries(out):
            self.assertLess(time.time(), deadline, "no point was simulated")
            time.sleep(0.1)

    def test_slurm_gives_what_local_gives(self):
        (self.folder / "sweep.yaml").write_text(SWEEP % 0)
        self.run_it("local")
        self.run_it("slurm", "--engine", "slurm")
        self.assertEqual(len(self.summaries("local")), 12)
        self.assertEqual(self.texts("local"), self.texts("slurm"))  # byte for byte
        self.assertTrue(all('"wall_s": T' in text for text in self.texts("local").values()))
        self.assertFalse((self.folder / "slurm/points").exists() and list((self.folder / "slurm").glob("points/*/*.partial")))

    def test_a_shipped_study_gives_what_local_gives(self):
        shorter = json.loads(os.environ.get("SWEEP_SET", '["axes[0].values=[256]", "axes[1].values=[template, serial, iterative]", '
                                            '"axes[2].values=[6]", "axes[6].values=[1, 8]", "axes[7].values=[1, 2]"]'))
        for engine in ("local", "slurm"):
            words = [os.environ["TRICYCLE_ALL"], "sweep", ROOT / "configs/sweeps/allmod_pareto.yaml", "-o", engine, "-q", "--engine", engine]
            for assignment in [*shorter, "slurm.chunk=8", "slurm.memory_mib=500"]:
                words += ["--set", assignment]
            started = time.time()
            done = subprocess.run(list(map(str, words)), cwd=self.folder, env=self.cluster.env, capture_output=True, text=True, timeout=550)
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
            print(f"{engine}: {time.time() - started:.1f} s, {done.stdout.splitlines()[0]}")
        self.assertGreaterEqual(len(self.texts("local")), 8)
        self.assertEqual(self.texts("local"), self.texts("slurm"))  # byte for byte
        self.assertEqual(*([{k: v for k, v in row.items() if k not in ("wall_s", "point_wall_s")} for row in csv.DictReader(file.read_text().splitlines())]
                           for file in (self.folder / "local/points.csv", self.folder / "slurm/points.csv")))

    def test_a_killed_task_is_tried_again(self):
        (self.folder / "sweep.yaml").write_text(SWEEP % 20)
        sweep = self.start("out", "--engine", "slurm")
        self.wait_for_a_point("out")
        killed = subprocess.run(["pkill", "-KILL", "-f", f"sweep task {self.folder}/out"], check=False).returncode
        self.assertEqual(killed, 0)
        text, _ = sweep.communicate(timeout=100)
        self.assertEqual(sweep.returncode, 0, text)
        self.assertIn("12 points done, 0 failed", text)
        self.assertGreater(len(list((self.folder / "out/slurm").glob("batch-*"))), 1)

    def test_a_killed_controller_comes_back(self):
        (self.folder / "sweep.yaml").write_text(SWEEP % 100)
        sweep = self.start("out", "--engine", "slurm")
        self.wait_for_a_point("out")
        self.cluster.wait_until_saved()
        self.cluster.kill("slurmctld")
        time.sleep(4)  # long enough for the sweep to ask in vain
        self.assertIsNone(sweep.poll())
        self.cluster.start_controller()
        text, _ = sweep.communicate(timeout=100)
        self.assertEqual(sweep.returncode, 0, text)
        self.assertIn("12 points done, 0 failed", text)

    def test_a_killed_sweep_takes_its_jobs_over(self):
        (self.folder / "sweep.yaml").write_text(SWEEP % 20)
        sweep = self.start("out", "--engine", "slurm")
        self.wait_for_a_point("out")
        sweep.send_signal(signal.SIGKILL)
        sweep.communicate()
        self.assertIn("12 points done, 0 failed", self.run_it("out", "--engine", "slurm", "--resume"))
        self.assertEqual([p.name for p in (self.folder / "out/slurm").glob("batch-*")], ["batch-1"])

    def test_points_that_fail_are_no_reason_to_try_again(self):
        (self.folder / "sweep.yaml").write_text((SWEEP % 0).replace(
            "design.latency, range: [1, 6]", "trouble.fault, values: [none, elaborate]"))
        self.assertIn("2 points done, 2 failed", self.run_it("out", "--engine", "slurm"))
        with open(self.folder / "out/points.csv", newline="") as file:
            errors = [row["error"] for row in csv.DictReader(file) if row["status"] == "failed"]
        self.assertTrue(all("cannot be built" in e for e in errors) and len(errors) == 2, errors)

    def test_without_slurm_it_says_so(self):
        (self.folder / "sweep.yaml").write_text(SWEEP % 0)
        env = {**self.cluster.env, "PATH": "/nowhere"}
        done = subprocess.run(self.words("out", "--engine", "slurm"), cwd=self.folder, env=env, capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("engine: local", done.stderr)
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    if SlurmCluster.missing():
        print("skipped: " + SlurmCluster.missing())
        sys.exit(77)
    unittest.main()
