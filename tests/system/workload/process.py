#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""tricycle-workload as a process: process.py PROGRAM CASE"""
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[3]
MODEL = SOURCE / "traces" / "models" / "tiny_shakespeare"


def stopped_by_a_signal(folder):
    """The trace is complete to the last finished token, the ids are those of it, the exit code is 5."""
    trace, ids = folder / "t.tct", folder / "ids.json"
    words = [PROGRAM, "run", "--model", MODEL, "--prompt", "ROMEO:\n", "--tokens", "4000", "--precision", "int8", "--kv",
             "fp16", "--weights", "none", "-o", trace, "--tokens-out", ids]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 40
    while time.monotonic() < end and not (trace.exists() and trace.stat().st_size > 50000):
        time.sleep(0.02)  # decoding is under way once frames come
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=20)
    assert child.returncode == 5, (child.returncode, err)
    found = re.search(r"stopped by SIGINT after (\d+) of 4000 tokens; the trace is complete up to there and says so", err)
    assert found, err
    written = json.loads(ids.read_text())
    assert written["complete"] is False
    assert len(written["generated_ids"]) == int(found.group(1)) > 0
    assert f"decoded      {found.group(1)} tokens" in out, out


def help_and_version(folder):
    def run(*words, code=0):
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
        assert done.returncode == code, (words, done)
        return done.stdout + done.stderr
    text = run("--help")
    for verb in ("run", "calibrate", "evaluate"):
        assert re.search(rf"^  {verb} ", text, re.M), text
        assert "usage" in run(verb, "--help").lower() or "--model" in run(verb, "--help")
    assert re.search(r"^CUDA +(yes|no)$", run("--version"), re.M)
    assert run("help", "run") == run("run", "--help")
    assert "usage: tricycle-workload VERB" in run(code=2)
    assert max(map(len, run("run", "--help").splitlines())) <= 118


def disk_full(folder):
    """A trace that cannot be written is an error, not a shorter trace."""
    if not pathlib.Path("/dev/full").exists():
        return
    done = subprocess.run([PROGRAM, "run", "--model", MODEL, "--prompt", "x", "--tokens", "3", "--precision", "int8", "--kv",
                           "f32", "-o", "/dev/full"], capture_output=True, text=True)
    assert done.returncode == 3, done
    assert "/dev/full" in done.stderr, done.stderr


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        globals()[sys.argv[2]](pathlib.Path(name))
    sys.exit(0)
