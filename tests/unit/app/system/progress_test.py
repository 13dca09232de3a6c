# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Progress on stderr: a bar on a terminal, lines elsewhere."""
import os
import pty
import re
import subprocess
import unittest

from support import PROGRAM, Case

LINE = (r"tricycle: +[0-9.]+ %  [0-9.]+( [kM])? cycles  [0-9.]+( [kM])? cycles/s"
        r"  [0-9]+:[0-9]{2} left\n")


class Test(Case):
    def slow(self, **settings):
        return self.config(trouble__work_ms=1, workload__count=800, **settings)

    def test_lines_where_stderr_is_no_terminal(self):
        _, err = self.call("run", self.slow(run__progress=0.1))
        self.assertGreaterEqual(len(re.findall(LINE, err)), 3, err)
        self.assertNotIn("\033", err)

    def test_no_lines_when_quiet_or_switched_off(self):
        self.assertEqual(self.call("run", self.slow(run__progress=0.1), "-q")[1], "")
        self.assertNotIn("cycles/s  ", self.call("run", self.slow(run__progress=0))[1])

    def test_a_bar_on_a_terminal_that_is_gone_at_the_end(self):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([PROGRAM, "run", self.slow()], cwd=self.folder, stdout=subprocess.DEVNULL,
                                   stderr=theirs)
        os.close(theirs)
        text = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # how Linux reports the end of a terminal
                break
            if not part:
                break
            text += part
        os.close(ours)
        self.assertEqual(process.wait(timeout=30), 0)
        bars = re.findall(r"\[(#*)(\.*)\] +([0-9.]+) %", text.decode())
        self.assertGreaterEqual(len(bars), 3, text)
        self.assertTrue(all(len(a) + len(b) == 24 for a, b, _ in bars))
        shares = [float(share) for _, _, share in bars]
        self.assertEqual(shares, sorted(shares))
        self.assertGreater(text.decode().rfind("\r\033[K"), text.decode().rfind("%"))


if __name__ == "__main__":
    unittest.main()
