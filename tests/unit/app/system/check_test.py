# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""`tricycle check`: a run against a golden one."""
import json
import unittest
import xml.etree.ElementTree as xml

from support import Case


class Test(Case):
    def setUp(self):
        super().setUp()
        self.call("run", self.config(workload__count=10), "-q", "-o", "out")

    def edit(self, path, **keys):
        content = self.json(path)
        content.update(keys)
        self.write(path, json.dumps(content))

    def golden(self):
        self.call("check", "out", "--golden", "golden", "--update")

    def test_equal_results_are_0(self):
        self.golden()
        self.call("run", self.config(workload__count=10), "-q", "-o", "again")
        out, _ = self.call("check", "again", "--golden", "golden")
        self.assertEqual(out, "again equals golden\n")

    def test_a_different_integer_is_4_with_a_table(self):
        self.golden()
        self.call("run", self.config(workload__count=11), "-q", "-o", "other")
        out, err = self.call("check", "other", "--golden", "golden", "--ignore", "config_digest", code=4)
        self.assertRegex(out, r"operations +10 +11  \+10 %")
        self.assertRegex(out, r"stats.unit.done.value +10 +11  \+10 %")
        self.assertIn("other differs from golden in", err)
        self.assertIn("--update", err)

    def test_derived_numbers_have_a_tolerance(self):
        self.golden()
        self.edit("out/summary.json", sim_time_s=self.json("out/summary.json")["sim_time_s"] * 1.001)
        self.call("check", "out", "--golden", "golden", code=4)
        self.call("check", "out", "--golden", "golden", "--rel-tol", "0.01")

    def test_wall_time_and_version_do_not_count(self):
        self.golden()
        self.edit("out/summary.json", wall_s=1e9, version="99")
        self.call("check", "out", "--golden", "golden")

    def test_a_missing_key_is_a_difference(self):
        self.golden()
        self.edit("golden/summary.json", gone=1)
        out, _ = self.call("check", "out", "--golden", "golden", code=4)
        self.assertRegex(out, r"gone +1 +\(absent\)")

    def test_one_golden_file_is_enough_and_update_keeps_to_it(self):
        self.golden()
        (self.folder / "golden/stats.json").unlink()
        self.call("check", "out", "--golden", "golden")
        self.edit("out/summary.json", operations=11)
        out, _ = self.call("check", "out", "--golden", "golden", "--update")
        self.assertRegex(out, r"operations +10 +11")
        self.assertEqual(self.names("golden"), ["summary.json"])
        self.call("check", "out", "--golden", "golden")

    def test_goldens_hold_nothing_that_changes_from_run_to_run(self):
        self.golden()
        self.assertIsNone(self.json("golden/summary.json")["wall_s"])

    def test_junit_tells_the_same(self):
        self.golden()
        self.call("check", "out", "--golden", "golden", "--junit", "good.xml")
        root = xml.parse(self.folder / "good.xml").getroot()
        self.assertEqual((root.get("tests"), root.get("failures"), root.get("errors")), ("2", "0", "0"))
        self.edit("out/summary.json", operations=11, word="<&>\"\u0001")
        out, _ = self.call("check", "out", "--golden", "golden", "--junit", "bad.xml", code=4)
        failure = xml.parse(self.folder / "bad.xml").getroot().find("testsuite/testcase[@name='summary.json']/failure")
        self.assertEqual(failure.text, out)
        self.assertIn("<&>", failure.text)
        self.write("out/stats.json", "{")
        self.call("check", "out", "--golden", "golden", "--junit", "broken.xml", code=3)
        cases = xml.parse(self.folder / "broken.xml").getroot().findall("testsuite/testcase")
        self.assertEqual([[kind.tag for kind in case] for case in cases], [["failure"], ["error"]])
        self.call("check", "out", "--golden", "golden", "--junit", "nowhere/x.xml", code=3)
        self.call("check", "out", "--golden", "golden", "--junit", "x.xml", "--update", code=2)

    def test_wrong_usage_is_2_and_missing_files_are_3(self):
        self.call("check", "out", code=2)
        self.call("check", "out", "--golden", "out", "--rel-tol", "2", code=2)
        self.call("check", "out", "--golden", "nowhere", code=3)
        self.call("check", "nowhere", "--golden", "out", code=3)
        self.write("out/summary.json", "{")
        _, err = self.call("check", "out", "--golden", "out", code=3)
        self.assertIn("is not JSON", err)


if __name__ == "__main__":
    unittest.main()
