# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""`tricycle run`: exit codes and what is left behind by each."""
import unittest

from support import Case


class Test(Case):
    def failed(self, code, partial=True, **settings):
        """A run that fails after it began; gives (stderr, manifest)."""
        _, err = self.call("run", self.config(**settings), "-o", "out", code=code)
        return err, self.json("out/manifest.json")

    def test_done_is_0(self):
        out, err = self.call("run", self.config(workload__count=10), "-o", "out")
        self.assertIn("Simulated 10 operations in 40 cycles", out)
        self.assertIn("Run folder: out", out)
        manifest = self.json("out/manifest.json")
        self.assertEqual((manifest["outcome"], manifest["exit_code"], manifest["partial"]), ("complete", 0, False))
        self.assertNotIn("SystemC", err)  # neither banner nor notes of the kernel

    def test_stdout_carries_results_only(self):
        out, err = self.call("run", self.config(), "-q")
        self.assertTrue(out.startswith("toy: one unit that counts"))
        self.assertEqual(err, "")

    def test_wrong_usage_is_2_and_writes_nothing(self):
        self.call("run", self.config(workload__coutn=1), code=2)
        self.call("run", "missing.yaml", code=2)
        self.call("run", self.config(), "--set", "design.latency=2000", code=2)
        self.call("run", self.config(), "--overwrite", code=2)
        self.assertEqual(self.names(), ["toy.yaml"])

    def test_strict_is_2_and_writes_nothing(self):
        _, err = self.call("run", self.config(), "--strict", code=2)
        self.assertIn("design.latency = 4 cycle  (nobody measured it)", err)
        self.assertEqual(self.names(), ["toy.yaml"])
        self.call("run", self.config(), "--strict", "-q", "--set",
                  "design.latency={value: 4, provenance: measured, source: bench}")

    def test_dry_run_prints_the_configuration_and_writes_nothing(self):
        out, _ = self.call("run", self.config(), "--dry-run", "--set", "workload.count=12")
        self.assertEqual(self.names(), ["toy.yaml"])
        self.write("full.yaml", out)
        out, _ = self.call("run", "full.yaml", "-q")
        self.assertIn("Simulated 12 operations", out)

    def test_failed_elaboration_leaves_nothing(self):
        _, err = self.call("run", self.config(trouble__fault="elaborate"), "-o", "out", code=3)
        self.assertIn("tricycle: error: the toy cannot be built; take another fault", err)
        self.assertEqual(self.names(), ["toy.yaml"])

    def test_input_that_fails_later_is_3_and_stays_partial(self):
        _, err = self.call("run", self.config(trouble__fault="input", trouble__at=5), "-o", "out", code=3)
        self.assertIn("operands.txt:3: there is no number in this line", err)
        self.assertEqual(self.names(), ["out.partial", "toy.yaml"])
        self.assertIn("operands.txt:3", self.text("out.partial/failure.txt"))
        manifest = self.json("out.partial/manifest.json")
        self.assertEqual((manifest["outcome"], manifest["exit_code"], manifest["partial"]), ("failed", 3, True))

    def test_a_defect_is_1_and_asks_for_a_report(self):
        for fault, text in (("internal", "a rule of the toy is broken"), ("foreign", "unknown type")):
            _, err = self.call("run", self.config(trouble__fault=fault, trouble__at=5), code=1)
            self.assertIn(text, err)
            self.assertIn("Please report it", err)
        self.assertEqual(self.names("runs"), ["toy-2.partial", "toy.partial"])

    def test_violated_check_at_the_end_is_4_with_complete_results(self):
        err, manifest = self.failed(4, trouble__fault="conclude")
        self.assertIn("1 operation went in and 2 came out", err)
        self.assertEqual((manifest["outcome"], manifest["partial"]), ("failed", False))
        self.assertEqual(self.json("out/summary.json")["operations"], 1000)
        self.assertIn("2 came out", self.text("out/failure.txt"))

    def test_report_of_systemc_is_4(self):
        err, manifest = self.failed(4, trouble__fault="report", trouble__at=5)
        self.assertIn("reported through SystemC", err)
        self.assertEqual(manifest["outcome"], "failed")

    def test_deadlock_found_by_the_watchdog_is_4_and_names_the_unit(self):
        err, manifest = self.failed(4, trouble__hang_at=5, run__watchdog_cycles=1000)
        self.assertIn("toy.unit", err)
        self.assertIn("waits for operation 4", err)
        self.assertEqual((manifest["exit_code"], manifest["partial"]), (4, True))
        summary = self.json("out/summary.json")
        self.assertEqual((summary["partial"], summary["operations"]), (True, 4))
        self.assertIn("waits for operation 4", self.text("out/failure.txt"))
        self.assertIn("PARTIAL RESULT", self.text("out/summary.txt"))

    def test_starvation_is_4_and_names_the_unit(self):
        err, _ = self.failed(4, trouble__hang_at=5, run__watchdog_cycles=0)
        self.assertIn("stands still", err)
        self.assertIn("4 of 1000 operations done: toy.unit waits for operation 4", err)

    def test_a_run_that_simulated_nothing_is_4(self):
        err, manifest = self.failed(4, workload__count=0)
        self.assertIn("simulated nothing", err)
        self.assertEqual(manifest["outcome"], "failed")

    def test_max_cycles_is_5_and_exact(self):
        err, manifest = self.failed(5, run__max_cycles=42)
        self.assertIn("run.max_cycles = 42 reached", err)
        self.assertEqual((manifest["outcome"], manifest["partial"]), ("limit", True))
        summary = self.json("out/summary.json")
        # Operations retire at cycles 4, 8, ... 40.
        self.assertEqual((summary["partial"], summary["operations"], summary["sim_cycles"]), (True, 10, 42))

    def test_max_cycles_itself_does_not_run(self):
        self.failed(5, run__max_cycles=40)
        self.assertEqual(self.json("out/summary.json")["operations"], 9)

    def test_max_cycles_behind_the_end_changes_nothing(self):
        self.call("run", self.config(workload__count=10, run__max_cycles=41), "-q")
        self.assertFalse(self.json("runs/toy/summary.json")["partial"])

    def test_max_wall_s_is_5(self):
        err, manifest = self.failed(5, trouble__work_ms=1, workload__count=1000000, run__max_wall_s=0.3)
        self.assertIn("run.max_wall_s reached", err)
        self.assertGreater(self.json("out/summary.json")["operations"], 10)
        self.assertLess(manifest["wall_s"], 5)

    def test_record_writes_recordings_and_names_them(self):
        out, _ = self.call("run", self.config(workload__count=10), "-q", "--record", "perfetto,vcd", "-o", "out")
        self.assertIn("timeline.json", out)
        events = self.json("out/timeline.json")["traceEvents"]
        self.assertEqual(sum(e["ph"] in "XB" for e in events), 10)
        self.assertIn("$enddefinitions", self.text("out/waves.vcd"))

    def test_summary_only_writes_the_same_summary_and_little_else(self):
        self.call("run", self.config(workload__count=10), "-q", "-o", "all")
        self.call("run", self.config(workload__count=10), "-q", "-o", "few", "--summary-only")
        self.assertEqual(self.names("few"), ["config.yaml", "manifest.json", "summary.json"])
        whole, few = self.json("all/summary.json"), self.json("few/summary.json")
        whole["wall_s"] = few["wall_s"] = None
        self.assertEqual(whole, few)

    def test_misspelt_words_are_2_with_a_suggestion(self):
        for words, text in ((["rnu", "x"], "no verb 'rnu', did you mean 'run'?"),
                            (["run", "x", "--quite"], "no option '--quite', did you mean '--quiet'?"),
                            (["run", self.config(), "--record", "prefetto"], "did you mean 'perfetto'?"),
                            (["describe", "tyo"], "no model 'tyo', did you mean 'toy'?"),
                            (["--quiet", "run"], "options follow the verb"),
                            ([], "usage: tricycle VERB")):
            out, err = self.call(*words, code=2)
            self.assertIn(text, err)
            self.assertEqual(out, "")

    def test_help_of_each_verb(self):
        out, _ = self.call("--help")
        verbs = [line.split()[0] for line in out.split("verbs:\n")[1].split("\n\n")[0].splitlines()]
        self.assertEqual(verbs, ["run", "describe", "rtl", "check", "compare", "report"])
        for verb in verbs:
            self.assertIn(f"usage: tricycle {verb}", self.call(verb, "--help")[0])
            self.assertEqual(self.call(verb, "--help"), self.call("help", verb))
        for option in ("--set", "--output", "--overwrite", "--summary-only", "--record", "--strict", "--quiet", "--dry-run"):
            self.assertIn(option, self.call("run", "--help")[0])

    def test_version_lists_what_was_built_in(self):
        out, _ = self.call("--version")
        for part in ("tricycle 0.", "git commit", "SystemC", "2.3", "FST recordings", "CUDA companion"):
            self.assertIn(part, out)


if __name__ == "__main__":
    unittest.main()
