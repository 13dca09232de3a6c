# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""What the tests of the command line share. The program is $TRICYCLE; each test has a folder of its own."""
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["TRICYCLE"]


def _fresh_process():
    # As in an interactive shell, whatever started the tests: a background job has SIGINT ignored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _small_files(limit):
    def prepare():
        _fresh_process()
        # A write beyond the limit then fails with an error, as on a full disk.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return prepare


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tricycle_"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return name

    def config(self, name="toy.yaml", **settings):
        """A configuration of the toy; settings as section__key=value."""
        lines = ["model: toy"]
        sections = {}
        for path, value in settings.items():
            section, key = path.split("__")
            sections.setdefault(section, []).append(f"  {key}: {value}")
        for section, keys in sections.items():
            lines += [section + ":"] + keys
        return self.write(name, "\n".join(lines) + "\n")

    def call(self, *words, code=0, file_limit=None, **options):
        """Runs the program to its end and checks the exit code; gives (stdout, stderr)."""
        prepare = _fresh_process if file_limit is None else _small_files(file_limit)
        done = subprocess.run([PROGRAM, *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                              timeout=50, preexec_fn=prepare, **options)
        self.assertEqual(done.returncode, code, f"stdout:\n{done.stdout}\nstderr:\n{done.stderr}")
        return done.stdout, done.stderr

    def start(self, *words):
        """Starts the program in the background."""
        process = subprocess.Popen([PROGRAM, *map(str, words)], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, preexec_fn=_fresh_process)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def wait_for(self, path, text=""):
        """Until the file exists and contains the text."""
        for _ in range(1000):
            file = self.folder / path
            if file.exists() and text in file.read_text():
                return
            time.sleep(0.01)
        self.fail(f"{path} with '{text}' never appeared")

    def json(self, path):
        return json.loads((self.folder / path).read_text())

    def text(self, path):
        return (self.folder / path).read_text()

    def names(self, path="."):
        return sorted(p.name for p in (self.folder / path).iterdir())
