# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Signals: the first keeps what there is, the second ends the program at once."""
import signal
import subprocess
import unittest

from support import Case


class Test(Case):
    def long_run(self, **settings):
        config = self.config(trouble__work_ms=2, workload__count=1000000, **settings)
        process = self.start("run", config, "-o", "out")
        self.wait_for("out.partial/manifest.json", '"running"')
        return process

    def stop(self, process, which):
        process.send_signal(which)
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err

    def test_sigint_keeps_a_partial_run(self):
        code, out, err = self.stop(self.long_run(), signal.SIGINT)
        self.assertEqual(code, 5, err)
        self.assertIn("PARTIAL RESULT: stopped by SIGINT", out)
        self.assertIn("stopped by SIGINT; the result in out is partial", err)
        self.assertEqual(self.names(), ["out", "toy.yaml"])
        summary, manifest = self.json("out/summary.json"), self.json("out/manifest.json")
        self.assertTrue(summary["partial"])
        self.assertLess(summary["operations"], 1000000)
        self.assertEqual((manifest["outcome"], manifest["exit_code"]), ("interrupted", 5))
        # What is there is consistent.
        stats = self.json("out/stats.json")
        self.assertEqual(stats["stats"]["unit"]["done"]["value"], summary["operations"])

    def test_sigterm_keeps_a_partial_run(self):
        code, out, _ = self.stop(self.long_run(), signal.SIGTERM)
        self.assertEqual(code, 5)
        self.assertIn("stopped by SIGTERM", out)

    def test_recordings_of_an_interrupted_run_are_complete(self):
        code, _, err = self.stop(self.long_run(record__perfetto="true"), signal.SIGINT)
        self.assertEqual(code, 5, err)
        self.json("out/timeline.json")

    def test_the_second_signal_ends_the_program_at_once(self):
        # One operation takes a minute, so the first signal cannot be answered.
        process = self.start("run", self.config(trouble__work_ms=60000), "-o", "out")
        self.wait_for("out.partial/manifest.json", '"running"')
        process.send_signal(signal.SIGINT)
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(timeout=0.3)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=5), -signal.SIGINT)
        self.assertEqual(self.names(), ["out.partial", "toy.yaml"])


if __name__ == "__main__":
    unittest.main()
