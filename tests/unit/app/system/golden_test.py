# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""scripts/golden: regressions of a user's own, and of ours."""
import pathlib
import subprocess
import unittest
import xml.etree.ElementTree as xml

from support import PROGRAM, Case

ROOT = pathlib.Path(__file__).resolve().parents[4]


class Test(Case):
    def golden(self, *words, code=0):
        done = subprocess.run([ROOT / "scripts/golden", "--tricycle", PROGRAM, *words], cwd=self.folder, capture_output=True,
                              text=True, timeout=50)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def case(self, name, **settings):
        (self.folder / name).mkdir(exist_ok=True)
        self.config(f"{name}/config.yaml", **settings)

    def test_update_makes_what_compares_and_tells_the_change_in_percent(self):
        self.case("one", workload__count=10)
        self.case("two", workload__count=20)
        self.assertIn("holds neither", self.golden("one", code=4))
        self.golden("--update", "one", "two")
        self.assertEqual(self.names("one"), ["config.yaml", "stats.json", "summary.json"])
        self.assertEqual(self.golden("one", "two"), "one: equal\ntwo: equal\n")
        self.case("two", workload__count=25)
        said = self.golden("one", "two", "--junit", "golden.xml", code=4)
        self.assertRegex(said, r"one: equal\ntwo: FAILED\n")
        self.assertRegex(said, r"operations +20 +25  \+25 %")
        self.assertIn("scripts/golden --update two\n", said)
        root = xml.parse(self.folder / "golden.xml").getroot()
        self.assertEqual((root.get("tests"), root.get("failures")), ("4", "2"))
        self.assertRegex(self.golden("--update", "two"), r"two: updated\n(.*\n)* +operations +20 +25  \+25 %")
        self.assertEqual(self.golden("--update", "two"), "two: up to date\n")
        self.golden("one", "two")

    def test_a_case_that_does_not_run_is_an_error_of_it(self):
        self.case("one", workload__count=-1)
        said = self.golden("one", "--junit", "golden.xml", code=4)
        self.assertIn("one/config.yaml:3:", said)
        self.assertIsNotNone(xml.parse(self.folder / "golden.xml").getroot().find("testsuite/testcase/error"))
        self.golden("nowhere", code=2)
        self.golden("one", "--update", "--junit", "x.xml", code=2)


if __name__ == "__main__":
    unittest.main()
