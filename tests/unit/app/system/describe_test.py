# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""`tricycle describe`: everything about a model, from its declarations."""
import json
import unittest

from support import Case


class Test(Case):
    def test_without_a_model_lists_the_models(self):
        out, _ = self.call("describe")
        self.assertRegex(out, r"  toy +one unit that counts")
        models = json.loads(self.call("describe", "--json")[0])
        self.assertEqual(models, {"models": [{"model": "toy", "text": "one unit that counts"}]})

    def test_settings_statistics_and_keys(self):
        out, err = self.call("describe", "toy")
        for part in ("design.latency", "cycle", "[1, 1000]", "nobody measured it", "run.max_cycles", "region.skip",
                     "unit.mean_latency", "operations retired", "config_digest", "| 0x0 | ID |"):
            self.assertIn(part, out)
        self.assertEqual(err, "")

    def test_json(self):
        about = json.loads(self.call("describe", "toy", "--json")[0])
        settings = {s["path"]: s for s in about["settings"]}
        latency = settings["design.latency"]
        self.assertEqual((latency["default"], latency["unit"], latency["range"], latency["provenance"]),
                         (4, "cycle", [1, 1000], "assumed"))
        self.assertTrue(all(s["text"] for s in about["settings"]))
        self.assertEqual({s["path"] for s in about["statistics"]},
                         {"unit.done", "unit.latency", "unit.mean_latency"})
        self.assertTrue(about["register_map"].startswith("| offset"))

    def test_the_keys_are_those_of_the_file(self):
        keys = [k["key"] for k in json.loads(self.call("describe", "toy", "--json")[0])["summary"]]
        self.call("run", self.config(), "-q", "-o", "out")
        self.assertEqual(keys, list(self.json("out/summary.json")))

    def test_the_settings_are_those_of_the_dump(self):
        paths = [s["path"] for s in json.loads(self.call("describe", "toy", "--json")[0])["settings"]]
        dump, _ = self.call("run", self.config(), "--dry-run")
        for path in paths:
            if "[]" not in path:  # elements of a list that is empty
                self.assertRegex(dump, rf"(?m)^ *{path.split('.')[-1]}:")

    def test_writes_nothing(self):
        self.call("describe", "toy")
        self.assertEqual(self.names(), [])


if __name__ == "__main__":
    unittest.main()
