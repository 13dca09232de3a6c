#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Whole sweeps of the toy model. The program is $TRICYCLE."""
import csv
import fcntl
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["TRICYCLE"]
SWEEP = """sweep: toys
base: toy.yaml
axes:
  - {path: design.latency, range: [1, %d]}
  - {path: workload.count, values: [10, 20]}
objectives: [{minimise: sim_cycles}, {maximise: operations}]
"""


class Test(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sweep_"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "toy.yaml").write_text("model: toy\n")
        self.dir = self.folder / "out"

    def sweep(self, text):
        (self.folder / "sweep.yaml").write_text(text)

    def call(self, *words, code=0):
        done = subprocess.run([PROGRAM, "sweep", *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                              timeout=100)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout, done.stderr

    def run_it(self, *words, code=0):
        return self.call("sweep.yaml", "-o", "out", "-q", *words, code=code)

    def rows(self):
        with open(self.dir / "points.csv", newline="") as file:
            return list(csv.DictReader(file))

    def summaries(self):
        """Every summary of the points' folders by digest, without the time it took."""
        found = {}
        for file in self.dir.glob("points/*/*/summary.json"):
            if file.parent.name.endswith(".partial"):
                continue
            summary = json.loads(file.read_text())
            summary["wall_s"] = None
            found[file.parent.name] = json.dumps(summary)
        return found

    def test_a_grid_is_simulated_and_its_front_is_right(self):
        self.sweep(SWEEP % 6)
        out, _ = self.run_it()
        self.assertIn("12 points done, 0 failed, 0 left", out)
        rows = self.rows()
        self.assertEqual(len(rows), 12)
        for row in rows:
            cycles = int(row["axis.design.latency"]) * int(row["axis.workload.count"])
            self.assertEqual((row["sim_cycles"], row["operations"]), (str(cycles), row["axis.workload.count"]))
            self.assertTrue((self.dir / row["folder"] / "summary.json").exists())
        front = {(r["sim_cycles"], r["operations"]) for r in rows if r["front"] == "true"}
        self.assertEqual(front, {("10", "10"), ("20", "20")})

    def test_nothing_is_simulated_twice(self):
        self.sweep(SWEEP % 3)
        self.run_it()
        before = {f: f.stat().st_mtime_ns for f in self.dir.glob("points/*/*/manifest.json")}
        self.call("sweep.yaml", "-o", "out", "-q", code=2)  # not without --resume
        out, _ = self.run_it("--resume")
        self.assertIn("6 were there already", out)
        self.assertEqual(before, {f: f.stat().st_mtime_ns for f in self.dir.glob("points/*/*/manifest.json")})

    def test_another_sweep_is_refused_and_nothing_changes(self):
        self.sweep(SWEEP % 3)
        self.run_it()
        before = self.summaries()
        self.sweep(SWEEP % 4)
        _, err = self.run_it("--resume", code=2)
        self.assertIn("holds another sweep", err)
        self.assertEqual(before, self.summaries())
        other = self.folder / "other"
        other.mkdir()
        (other / "mine.txt").write_text("x")
        self.call("sweep.yaml", "-o", "other", code=2)
        self.assertEqual([p.name for p in other.iterdir()], ["mine.txt"])

    def test_failed_points_keep_their_error_and_can_be_tried_alone(self):
        self.sweep("sweep: s\nbase: toy.yaml\naxes:\n  - {path: trouble.fault, values: [none, conclude, elaborate]}\n"
                   "  - {path: trouble.hang_at, values: [0, 2000]}\n")
        out, _ = self.run_it()
        # hang_at 2000 is refused by the model's checks (fewer operations), elaborate fails with exit 3, conclude with 4.
        self.assertIn("1 points done, 5 failed", out)
        codes = sorted(r["exit_code"] for r in self.rows())
        self.assertEqual(codes, ["0", "2", "2", "2", "3", "4"])
        for row in self.rows():
            self.assertEqual(row["status"] == "failed", bool(row["error"]), row)
        refused = [r for r in self.rows() if r["exit_code"] == "2"]
        self.assertTrue(all("fewer operations" in r["error"] for r in refused))
        out, _ = self.run_it("--resume")
        self.assertIn("6 were there already", out)
        out, _ = self.run_it("--resume", "--retry-failed")
        self.assertIn("1 points done, 5 failed", out)

    def test_kill_at_any_moment_loses_and_doubles_nothing(self):
        self.sweep(SWEEP % 20 + "set: [trouble.work_ms=0.2]\n")
        self.run_it()
        want = self.summaries()
        shutil.rmtree(self.dir)
        dice = random.Random(os.environ.get("SWEEP_KILL_SEED", "1"))
        rounds = int(os.environ.get("SWEEP_KILLS", "20"))
        for _ in range(rounds):
            process = subprocess.Popen([PROGRAM, "sweep", "sweep.yaml", "-o", "out", "-q", "--resume"], cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            time.sleep(dice.uniform(0, 0.25))
            process.send_signal(signal.SIGKILL)
            process.wait()
            # Its own error, if it had one, is a failure; killed or done are the two ways to end.
            self.assertIn(process.returncode, (0, -signal.SIGKILL), process.stderr.read())
            process.stderr.close()
            for file in self.dir.glob("points/*/*/summary.json"):
                if not file.parent.name.endswith(".partial"):
                    json.loads(file.read_text())  # what has its name is whole
        self.run_it("--resume")
        self.assertEqual(self.summaries(), want)
        self.assertEqual(len(self.rows()), len(want))
        self.assertTrue(all(r["status"] == "done" for r in self.rows()))
        with sqlite3.connect(self.dir / "sweep.sqlite") as db:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            self.assertEqual(db.execute("SELECT max(attempts) FROM points").fetchone(), (1,))

    def test_interrupt_keeps_what_is_complete(self):
        self.sweep(SWEEP % 40 + "set: [trouble.work_ms=5]\n")
        process = subprocess.Popen([PROGRAM, "sweep", "sweep.yaml", "-o", "out"], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        deadline = time.time() + 30
        while time.time() < deadline and not self.summaries():
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 5)
        self.assertIn("--resume", err)
        self.assertTrue(any(r["status"] == "done" for r in self.rows()))
        self.assertTrue(any(r["status"] == "pending" for r in self.rows()))

    def test_two_processes_do_not_share_a_folder(self):
        self.sweep(SWEEP % 20 + "set: [trouble.work_ms=20]\n")
        first = subprocess.Popen([PROGRAM, "sweep", "sweep.yaml", "-o", "out", "-q"], cwd=self.folder)
        deadline = time.time() + 30
        while time.time() < deadline and not (self.dir / "sweep.sqlite").exists():
            time.sleep(0.02)
        time.sleep(0.2)
        _, err = self.run_it("--resume", code=2)
        self.assertIn("another process works", err)
        out, _ = self.call("status", "out")
        self.assertIn("running", out)
        first.kill()
        first.wait()
        out, _ = self.call("status", "out")
        self.assertIn("stopped", out)

    def test_a_lock_that_a_dead_process_left_is_none(self):
        self.sweep("sweep: s\nbase: toy.yaml\nset: [trouble.work_ms=15, workload.count=10]\naxes: [{path: design.latency, range: [1, 6]}]\n")
        process = subprocess.Popen([PROGRAM, "sweep", "sweep.yaml", "-o", "out", "-q", "-j", "1"], cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lock = self.folder / "out/sweep.lock"
        deadline = time.time() + 30
        while not self.summaries():
            self.assertLess(time.time(), deadline, "no point was simulated")
            time.sleep(0.02)
        self.assertEqual(lock.read_text(), f"process {process.pid} on {socket.gethostname()}\n")
        process.kill()
        process.wait()
        # The file is still there, and nobody holds it; so is one that another machine of a shared folder left.
        self.assertTrue(lock.exists())
        self.assertIn("stopped", self.call("status", "out")[0])
        lock.write_text("process 4242 on node17, which is no more\n")
        out, _ = self.run_it("--resume")
        self.assertIn("6 points done, 0 failed", out)
        self.assertNotIn("node17", lock.read_text())
        # Held, by whichever machine: it says by whom, and changes nothing.
        before = (self.folder / "out/sweep.sqlite").read_bytes()
        with open(lock, "r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            held.write("process 4242 on node17\n")
            held.flush()
            _, err = self.run_it("--resume", code=2)
        self.assertIn("another process works on the sweep in out (process 4242 on node17", err)
        self.assertEqual((self.folder / "out/sweep.sqlite").read_bytes(), before)
        self.run_it("--resume")

    def test_samplers_agree_with_their_dry_run(self):
        for kind in ("random", "lhs"):
            self.sweep(SWEEP % 50 + "sampler: {kind: %s, points: 9}\n" % kind)
            listed, _ = self.call("sweep.yaml", "--dry-run")
            self.run_it()
            digests = {row["digest"][:12] for row in self.rows()}
            self.assertEqual(digests, {line.split()[0] for line in listed.splitlines()[:-1]})
            shutil.rmtree(self.dir)

    def test_evolution_finds_the_best_and_resumes(self):
        self.sweep(SWEEP % 30 + "sampler: {kind: nsga2, population: 8, generations: 6}\n")
        self.run_it()
        once = self.summaries()
        self.run_it("--resume")
        self.assertEqual(once, self.summaries())

    def test_evolution_without_its_module_is_3_and_writes_nothing(self):
        (self.folder / "bin").mkdir()
        alone = shutil.copy(PROGRAM, self.folder / "bin")
        self.sweep(SWEEP % 30 + "sampler: {kind: nsga2, population: 8, generations: 6}\n")
        done = subprocess.run([alone, "sweep", "sweep.yaml", "-o", "out"], cwd=self.folder, capture_output=True, text=True,
                              timeout=100)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("lib/tricycle/libtricycle_evolution.so", done.stderr)
        self.assertFalse(self.dir.exists())
        self.sweep(SWEEP % 1)
        subprocess.run([alone, "sweep", "sweep.yaml", "-o", "out", "-q"], cwd=self.folder, check=True, timeout=100,
                       stdout=subprocess.DEVNULL)

    def test_caps_keep_points_off_the_front(self):
        self.sweep(SWEEP % 6 + "accept: [sim_cycles >= 20]\n")
        self.run_it()
        front = {(r["sim_cycles"], r["operations"]) for r in self.rows() if r["front"] == "true"}
        self.assertEqual(front, {("20", "20")})

    def test_a_full_disk_corrupts_nothing(self):
        if os.geteuid() != 0:
            self.skipTest("a small file system can be mounted by root only")
        mount = self.folder / "small"
        mount.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", mount], capture_output=True).returncode:
            self.skipTest("tmpfs cannot be mounted here")
        try:
            self.sweep(SWEEP % 40)
            done = subprocess.run([PROGRAM, "sweep", "sweep.yaml", "-o", "small/out", "-q"], cwd=self.folder,
                                  capture_output=True, text=True, timeout=100)
            self.assertIn(done.returncode, (0, 3, 4), done.stderr)
            subprocess.run(["mount", "-o", "remount,size=60m", mount], check=True)
            self.call("sweep.yaml", "-o", "small/out", "-q", "--resume", "--retry-failed")
            with open(mount / "out/points.csv", newline="") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual([r["status"] for r in rows], ["done"] * 80)
        finally:
            subprocess.run(["umount", mount], check=False)


if __name__ == "__main__":
    unittest.main()
