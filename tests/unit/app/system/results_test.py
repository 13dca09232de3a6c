# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The files of a run: stable keys, equal bytes, a configuration that runs again."""
import unittest

from support import Case

GENERIC = ["model", "version", "config_digest", "trace_digest", "partial", "sim_cycles", "sim_time_s", "wall_s",
           "seed"]
VARIES = {"manifest.json", "run.log"}


class Test(Case):
    def same_bytes(self, one, two):
        self.assertEqual(self.names(one), self.names(two))
        for name in set(self.names(one)) - VARIES:
            a, b = ((self.folder / run / name).read_bytes() for run in (one, two))
            if name == "summary.json":
                a, b = (b"\n".join(l for l in x.split(b"\n") if b'"wall_s"' not in l) for x in (a, b))
            self.assertEqual(a, b, name)

    def test_keys_of_the_summary(self):
        self.call("run", self.config(workload__count=10), "-q", "-o", "out")
        summary = self.json("out/summary.json")
        self.assertEqual(list(summary), GENERIC + ["operations", "assumed_settings", "region"])
        self.assertEqual(summary["model"], "toy")
        self.assertEqual(summary["sim_cycles"], 40)
        self.assertAlmostEqual(summary["sim_time_s"], 40 / 200e6)
        self.assertEqual(summary["seed"], 1)
        self.assertIsNone(summary["trace_digest"])
        self.assertIsNone(summary["region"])
        self.assertEqual(summary["assumed_settings"], ["design.latency"])
        self.assertIs(summary["partial"], False)

    def test_a_sampled_run_says_so(self):
        out, _ = self.call("run", self.config(region__measure=10, region__every=40), "-q", "-o", "out")
        region = self.json("out/summary.json")["region"]
        self.assertEqual(region, {"share": 0.25, "windows": 3, "extrapolated": ["operations"],
                                  "ci95_of": "operations", "ci95": 1.5})
        self.assertIn("measured 25 % of the workload in 3 windows", out)

    def test_the_summary_lists_assumed_values(self):
        out, _ = self.call("run", self.config(), "-q")
        self.assertIn("rests on 1 assumed setting", out)
        self.assertIn("design.latency = 4 cycle  (nobody measured it)", out)

    def test_equal_runs_give_equal_bytes(self):
        config = self.config(workload__count=500)
        for name in ("one", "two"):
            self.call("run", config, "-q", "-o", name, "--record", "perfetto,vcd")
        self.same_bytes("one", "two")

    def test_slices_of_wall_time_do_not_show(self):
        # The slow run is cut into dozens of slices, the fast one into a few.
        self.call("run", self.config(workload__count=500), "-q", "-o", "fast")
        self.call("run", self.config(workload__count=500), "-q", "-o", "slow", "--set", "trouble.work_ms=1")
        for name in ("stats.txt", "table.csv"):
            self.assertEqual(self.text(f"fast/{name}"), self.text(f"slow/{name}"))
        self.assertEqual(self.json("fast/summary.json")["sim_cycles"], self.json("slow/summary.json")["sim_cycles"])

    def test_shuffling_changes_nothing(self):
        self.call("run", self.config(), "-q", "-o", "plain")
        self.call("run", self.config(run__shuffle=7), "-q", "-o", "shuffled")
        self.assertEqual(self.json("plain/stats.json"), self.json("shuffled/stats.json"))

    def test_the_configuration_runs_again_to_the_same_results(self):
        config = self.config(workload__count=123, design__latency="{value: 7, provenance: measured, source: bench}")
        self.call("run", config, "-q", "-o", "one", "--set", "design.clock_mhz=333")
        self.call("run", "one/config.yaml", "-q", "-o", "two")
        self.same_bytes("one", "two")
        self.assertEqual(self.json("two/summary.json")["assumed_settings"], [])

    def test_the_manifest_tells_where_it_comes_from(self):
        self.call("run", self.config(), "-q", "-o", "out")
        manifest = self.json("out/manifest.json")
        self.assertEqual(manifest["command_line"], ["tricycle", "run", "toy.yaml", "-q", "-o", "out"])
        self.assertEqual(manifest["config_digest"], self.json("out/summary.json")["config_digest"])
        for key in ("version", "git_commit", "compiler", "systemc", "host", "started", "ended", "peak_memory_bytes"):
            self.assertTrue(manifest[key], key)
        files = {entry["file"] for entry in manifest["files"]}
        self.assertTrue(files.issuperset({"table.csv", "summary.json", "config.yaml"}), files)

    def test_statistics_in_both_forms(self):
        self.call("run", self.config(workload__count=10), "-q", "-o", "out")
        stats = self.json("out/stats.json")
        self.assertEqual(stats["schema"], 1)
        done = stats["stats"]["unit"]["done"]
        self.assertEqual((done["value"], done["unit"]), (10, "op"))
        self.assertIn("unit.done", self.text("out/stats.txt"))

    def test_the_log_is_on_stderr_and_in_the_folder(self):
        _, err = self.call("run", self.config(), "-o", "out")
        self.assertIn("toy: 1000 operations", err)
        self.assertIn("toy: 1000 operations", self.text("out/run.log"))


if __name__ == "__main__":
    unittest.main()
