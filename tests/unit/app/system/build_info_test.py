# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The commit in `tricycle --version`: found at build time, without causing needless compilation."""
import pathlib
import re
import shutil
import subprocess
import unittest

from support import Case

SCRIPT = pathlib.Path(__file__).resolve().parents[4] / "sim/app/build_info.cmake"


@unittest.skipUnless(shutil.which("cmake") and shutil.which("git"), "needs cmake and git")
class Test(Case):
    def commit(self, source):
        subprocess.run(["cmake", "-D", f"OUTPUT={self.folder}/info.h", "-D", f"SOURCE_DIR={source}", "-D",
                        "VERSION=1.2.3", "-D", "COMPILER=GNU 12", "-D", "BUILD_TYPE=Release", "-P", SCRIPT],
                       check=True, cwd=self.folder)
        text = self.text("info.h")
        self.assertIn('#define TRICYCLE_VERSION "1.2.3"', text)
        return re.search(r'GIT_COMMIT "(.*)"', text).group(1)

    def git(self, *words):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e@x", *words], check=True, cwd=self.folder / "src",
                       capture_output=True)

    def make_repository(self):
        (self.folder / "src/inner").mkdir(parents=True)
        self.git("init")
        self.write("src/a.txt", "1")
        self.write("src/inner/b.txt", "1")
        self.git("add", ".")
        self.git("commit", "-m", "first")

    def test_without_a_repository_it_is_unknown(self):
        (self.folder / "src").mkdir()
        self.assertEqual(self.commit(self.folder / "src"), "unknown")

    def test_commit_and_changes(self):
        self.make_repository()
        clean = self.commit(self.folder / "src")
        self.assertRegex(clean, "^[0-9a-f]{40}$")
        self.write("src/a.txt", "2")
        self.assertEqual(self.commit(self.folder / "src"), clean + "-dirty")

    def test_an_unpacked_release_in_another_repository_is_unknown(self):
        self.make_repository()
        self.assertEqual(self.commit(self.folder / "src/inner"), "unknown")

    def test_the_header_is_touched_only_when_it_changes(self):
        self.make_repository()
        self.commit(self.folder / "src")
        before = (self.folder / "info.h").stat().st_mtime_ns
        self.commit(self.folder / "src")
        self.assertEqual((self.folder / "info.h").stat().st_mtime_ns, before)


if __name__ == "__main__":
    unittest.main()
