#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Runs cases of bad input and compares messages and exit codes with what is expected.

A case is a folder NAME_bad with
  cmd           the words behind the program, as for a shell; without the file: run config.yaml -q -o out
  config.yaml   and whatever other files the command needs; it runs in a copy of the folder
  expected.txt  written by --update; read it before you commit it

  run.py --program build/tests/tricycle_toy tests/bad/app/*_bad            compare
  run.py --program build/tests/tricycle_toy --update tests/bad/app/*_bad   make what happens the expected
  run.py --covers 1,2,3,4,5 tests/bad/app/*_bad                            is there a case for each exit code?
"""
import argparse
import difflib
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

DEFAULT = "run config.yaml -q -o out"


def normalised(text, folder, program):
    """Without what depends on the machine or the moment."""
    text = text.replace(str(folder), "FOLDER").replace(str(program), "PROGRAM")
    text = re.sub(r"\(simulated in [^)]*\)", "(simulated in TIME)", text)
    text = re.sub(r"0x[0-9a-f]{9,}", "ADDRESS", text)
    return re.sub(r"[ \t]+$", "", text, flags=re.M)


def outcome(case, program):
    with tempfile.TemporaryDirectory(prefix="bad_") as root:
        folder = pathlib.Path(root).resolve() / "case"
        shutil.copytree(case, folder, ignore=shutil.ignore_patterns("expected.txt", "cmd"))
        cmd = case / "cmd"
        words = shlex.split(cmd.read_text() if cmd.exists() else DEFAULT, comments=True)
        done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, timeout=50,
                              stdin=subprocess.DEVNULL)
        text = f"exit {done.returncode}\n"
        for name, stream in (("stderr", done.stderr), ("stdout", done.stdout)):
            if stream:
                text += f"---- {name}\n" + normalised(stream, folder, program)
        return text


def compare(case, program, update):
    expected_file = case / "expected.txt"
    expected = expected_file.read_text() if expected_file.exists() else ""
    actual = outcome(case, program)
    if actual == expected:
        return True
    diff = difflib.unified_diff(expected.splitlines(True), actual.splitlines(True), f"{case.name}/expected.txt",
                                f"{case.name}, now")
    sys.stdout.writelines(diff)
    if update:
        expected_file.write_text(actual)
        return True
    print(f"\nIf this is right: {pathlib.Path(__file__).name} --program {program} --update {case}")
    return False


def covers(cases, codes):
    """The first line of expected.txt is `exit N`."""
    found = {(case / "expected.txt").read_text().split("\n")[0].removeprefix("exit ") for case in cases}
    missing = sorted(set(codes.split(",")) - found)
    if missing:
        print("no case ends with exit code " + ", ".join(missing))
    return not missing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--covers", metavar="CODES")
    parser.add_argument("cases", nargs="+", type=lambda p: pathlib.Path(p).resolve())
    args = parser.parse_args()
    if args.covers:
        return covers(args.cases, args.covers)
    if args.program is None:
        parser.error("--program is missing")
    return all([compare(case, args.program, args.update) for case in args.cases])


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
