# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The run folder: it appears whole, or ends in .partial."""
import os
import signal
import subprocess
import unittest

from support import PROGRAM, Case


class Test(Case):
    def test_default_names_count_up(self):
        config = self.config(workload__count=3)
        for _ in range(3):
            self.call("run", config, "-q")
        self.assertEqual(self.names("runs"), ["toy", "toy-2", "toy-3"])

    def test_files_of_a_run(self):
        self.call("run", self.config(), "-q", "-o", "out")
        self.assertEqual(self.names("out"), ["config.yaml", "manifest.json", "run.log", "stats.json", "stats.txt",
                                             "summary.json", "summary.txt", "table.csv"])

    def test_an_existing_folder_is_refused(self):
        config = self.config()
        self.call("run", config, "-q", "-o", "out")
        before = self.text("out/manifest.json")
        _, err = self.call("run", config, "-o", "out", code=2)
        self.assertIn("--overwrite", err)
        self.assertEqual(self.text("out/manifest.json"), before)
        self.assertEqual(self.names(), ["out", "toy.yaml"])

    def test_overwrite_replaces_a_run(self):
        self.call("run", self.config(), "-q", "-o", "out")
        self.call("run", self.config(workload__count=7), "-q", "-o", "out", "--overwrite")
        self.assertEqual(self.json("out/summary.json")["operations"], 7)
        self.assertEqual(self.names(), ["out", "toy.yaml"])

    def test_overwrite_spares_what_is_no_run(self):
        (self.folder / "thesis").mkdir()
        self.write("thesis/chapter.tex", "x")
        self.call("run", self.config(), "-o", "thesis", "--overwrite", code=2)
        self.assertEqual(self.names("thesis"), ["chapter.tex"])

    def test_a_killed_run_leaves_only_a_partial_folder(self):
        process = self.start("run", self.config(trouble__work_ms=1, workload__count=1000000), "-o", "out")
        self.wait_for("out.partial/manifest.json", '"running"')
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertEqual(self.names(), ["out.partial", "toy.yaml"])
        self.assertTrue(self.json("out.partial/manifest.json")["partial"])
        # The next one does not take it for its own, nor for a result.
        config = self.config()
        _, err = self.call("run", config, "-o", "out", code=2)
        self.assertIn("left from a run that did not end", err)
        self.call("run", config, "-q", "-o", "out", "--overwrite")
        self.assertEqual(self.names(), ["out", "toy.yaml"])

    def test_two_runs_do_not_share_a_folder(self):
        config = self.config(trouble__work_ms=1, workload__count=1000000)
        self.start("run", config, "-o", "out")
        self.wait_for("out.partial/manifest.json", '"running"')
        _, err = self.call("run", config, "-o", "out", "--overwrite", code=2)
        self.assertIn("another run is writing", err)

    def test_a_folder_that_cannot_be_made_is_3(self):
        self.write("file", "x")
        _, err = self.call("run", self.config(), "-o", "file/out", code=3)
        self.assertIn("file", err)
        self.assertIn("choose another place with -o", err)
        if os.geteuid() != 0:
            (self.folder / "locked").mkdir(mode=0o555)
            self.call("run", self.config(), "-o", "locked/out", code=3)

    def test_a_full_disk_is_3_and_nothing_looks_whole(self):
        config = self.config(workload__count=100)
        for limit in (0, 100, 1000):
            name = f"out{limit}"
            _, err = self.call("run", config, "-q", "-o", name, code=3, file_limit=limit)
            self.assertIn("annot write", err)
            self.assertFalse((self.folder / name).exists(), f"with a limit of {limit}")

    def test_a_full_disk_under_a_recording_is_3(self):
        config = self.config(workload__count=20000)
        for kind in ("perfetto", "vcd"):
            _, err = self.call("run", config, "-q", "-o", kind, "--record", kind, code=3, file_limit=100000)
            self.assertIn("write", err)
            self.assertFalse((self.folder / kind).exists())

    def test_a_full_disk_under_stdout_is_3(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "describe"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot write to stdout", done.stderr)


if __name__ == "__main__":
    unittest.main()
