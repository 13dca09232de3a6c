#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Runs of the program for scripts/study_allmod: one design, one summary, each design only once."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BASE = "models/allmod/study/base.yaml"


class Refused(Exception):
    """The program says that no such design exists (exit code 2)."""


def words(settings):
    return " ".join(f"--set {key}={value}" for key, value in settings.items())


def command(settings):
    """What a reader types to get the same numbers."""
    return f"tricycle run {BASE} {words(settings)}"


class Runs:
    def __init__(self, tricycle):
        self.tricycle = tricycle
        self.folder = tempfile.TemporaryDirectory(prefix="study_allmod_")
        self.pool = concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 2))
        self.known = {}
        self.count = 0

    def _run(self, number, settings):
        out = pathlib.Path(self.folder.name) / f"run{number}"
        done = subprocess.run([self.tricycle, "run", BASE, "-o", str(out), "--overwrite", "--quiet", *words(settings).split()],
                              cwd=ROOT, capture_output=True, text=True)
        if done.returncode == 2:
            return Refused(done.stderr.strip())
        if done.returncode != 0:
            raise RuntimeError(f"{command(settings)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        result = json.loads((out / "summary.json").read_text())
        for path in out.iterdir():
            path.unlink()
        out.rmdir()
        return result

    def many(self, designs):
        """Summaries in the order of the designs; None where the program refuses the design."""
        jobs = []
        for settings in designs:
            key = tuple(settings.items())
            if key not in self.known:
                self.count += 1
                self.known[key] = self.pool.submit(self._run, self.count, settings)
            jobs.append(self.known[key])
        results = [job.result() for job in jobs]
        return [None if isinstance(r, Refused) else r for r in results]

    def one(self, settings):
        """The summary; a refusal is an error of the script."""
        result = self.many([settings])[0]
        if result is None:
            raise self.known[tuple(settings.items())].result()
        return result

    def priced(self, form):
        """Does the program price this form? `eager` stands for pipelined with eager: true."""
        n = {"design.n": 64}
        if form == "eager":
            lazy = self.one({**n, "design.w": 8, "design.m": 0, "design.p": 1, "design.e": 0})
            eager = self.one({**n, "design.w": 8, "design.m": 0, "design.p": 1, "design.e": 0, "design.eager": "true"})
            # An eager adder is a conditional subtraction larger, at two sites a bit: the tree more than doubles.
            # Anything less is the price of the lazy tree.
            trees = [(s["area"] or {}).get("tree", {}).get("lut_sites") for s in (lazy, eager)]
            return None not in trees and trees[1] > 2 * trees[0]
        return self.one({**n, "design.form": form})["lut_sites"] is not None
