# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""`tricycle compare`: finished runs side by side."""
import csv
import io
import json
import unittest

from support import Case


class Test(Case):
    def setUp(self):
        super().setUp()
        self.run_to("a", workload__count=10)
        self.run_to("b", workload__count=20, design__latency=5)

    def run_to(self, folder, code=0, **settings):
        return self.call("run", self.config(**settings), "-q", "-o", folder, code=code)

    def edit(self, path, **keys):
        content = self.json(path)
        content.update(keys)
        self.write(path, json.dumps(content))

    def test_text_shows_what_differs(self):
        out, _ = self.call("compare", "a", "b")
        self.assertRegex(out, r"design.latency +4 +5\n")
        self.assertRegex(out, r"workload.count +10 +20\n")
        self.assertNotIn("workload.seed", out)
        self.assertRegex(out, r"key +A +B +B - A +change +B / A\n")
        self.assertRegex(out, r"sim_cycles +40 +100 +60 +\+150 % +2.5\n")
        self.assertNotIn("note:", out)
        everything, _ = self.call("compare", "a", "b", "--all", "--key", "seed")
        self.assertRegex(everything, r"workload.seed +1 +1\n")
        self.assertRegex(everything, r"  seed +1 +1 +0 +=")

    def test_three_runs_fit_any_width(self):
        self.run_to("c_with_a_name_that_is_rather_long", workload__count=30)
        for width in ("80", "120"):
            out, _ = self.call("compare", "a", "b", "c_with_a_name_that_is_rather_long", "--width", width)
            self.assertLessEqual(max(map(len, out.splitlines())), int(width))
            self.assertRegex(out, r"operations +10 .*\+200 %")

    def test_csv_and_json_hold_everything(self):
        out, _ = self.call("compare", "a", "b", "--format", "csv")
        rows = {r["key"]: r for r in csv.DictReader(io.StringIO(out))}
        self.assertEqual((rows["sim_cycles"]["a"], rows["sim_cycles"]["ratio_B_to_A"]), ("40", "2.5"))
        self.assertEqual(rows["workload.seed"]["kind"], "setting")
        out, _ = self.call("compare", "a", "b", "--format", "json", "--stats")
        both = json.loads(out)
        row = next(r for r in both["figures"] if r["key"] == "stats.unit.done.value")
        self.assertEqual((row["values"], row["difference"], row["change_percent"]), ([10, 20], [0, 10], [0, 100]))
        self.assertEqual([r["folder"] for r in both["runs"]], ["a", "b"])

    def test_partial_and_sampled_runs_are_marked(self):
        self.run_to("cut", code=5, workload__count=1000, run__max_cycles=100)
        self.run_to("sampled", workload__count=1000, region__measure=10, region__every=100)
        out, _ = self.call("compare", "a", "cut", "sampled")
        self.assertIn("B is partial", out)
        self.edit("sampled/summary.json", extrapolated=["sim_time_s"])
        out, _ = self.call("compare", "a", "sampled")
        self.assertRegex(out, r"B was sampled: \d+ figures? (is|are) extrapolated")
        self.assertRegex(out, r"sim_time_s +\S+ +~")

    def test_lists_go_by_name_and_one_sided_keys_are_told(self):
        self.edit("a/summary.json", layers=[{"name": "x", "cycles": 1}, {"name": "y", "cycles": 2}], only_here=1)
        self.edit("b/summary.json", layers=[{"name": "y", "cycles": 3}, {"name": "x", "cycles": 1}], nothing=None)
        out, _ = self.call("compare", "a", "b")
        self.assertIn("layers[].cycles: 1 element differs, most layers[y].cycles +50 % (B)", out)
        self.assertRegex(out, r"Figures of A only \(1\)\n +only_here\n")
        self.assertRegex(out, r"Figures of B only \(1\)\n +nothing\n")
        out, _ = self.call("compare", "a", "b", "--all")
        self.assertRegex(out, r"layers\[y\].cycles +2 +3 +1 +\+50 % +1.5\n")

    def test_zero_and_text_have_no_ratio(self):
        self.edit("a/summary.json", zero=0, word="x")
        self.edit("b/summary.json", zero=7, word="y")
        out, _ = self.call("compare", "a", "b")
        self.assertRegex(out, r"zero +0 +7 +7 +differs\n")
        self.assertRegex(out, r"word +x +y +differs\n")

    def test_damaged_and_missing_folders_are_3(self):
        for folder, said in (("nowhere", "there is no folder nowhere"), (".", "it holds no summary.json")):
            _, err = self.call("compare", "a", folder, code=3)
            self.assertIn(said, err)
        for file in ("summary.json", "manifest.json", "config.yaml"):
            kept = self.text(f"b/{file}")
            self.write(f"b/{file}", "{\n" + kept[: len(kept) // 2])
            _, err = self.call("compare", "a", "b", code=3)
            self.assertIn(file, err)
            self.write(f"b/{file}", kept)
        self.write("b/summary.json", "[1]")
        self.call("compare", "a", "b", code=3)
        self.call("compare", "a", code=2)
        self.call("compare", "a", "b", "--format", "xml", code=2)
        self.call("compare", "a", "b", "--width", "3", code=2)


if __name__ == "__main__":
    unittest.main()
