#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""House rules that a compiler does not check: who may include whom, licence lines, orphan tests, configs."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')

# Folder -> what its files must not include.
FORBIDDEN = [
    ("models/allmod/function/", r"^(systemc|tlm)|^sim/(?!core/(?:error|ceil_div)\.h)|^models/(?!allmod/function/)|^yaml-cpp|^spdlog"),
    ("models/sme/function/", r"^(systemc|tlm)|^sim/(?!core/(?:error|ceil_div)\.h)|^models/(?!sme/function/)|^traces/(?!workload/numeric/)|^yaml-cpp|^spdlog"),
    ("models/sme/weights/", r"^(systemc|tlm)|^sim/(?!core/(?:error|ceil_div)\.h)|^models/(?!sme/)|^yaml-cpp|^spdlog"),
    ("models/ring/function/", r"^(systemc|tlm)|^sim/(?!core/(?:error|ceil_div)\.h)|^models/(?!ring/function/)|^yaml-cpp|^spdlog"),
    ("sim/config/", r"^(systemc|tlm)|^sim/(?!config/|core/(?:error|ceil_div)\.h)|^models/"),
    ("sim/stats/", r"^(systemc|tlm)|^sim/(?!stats/|core/units\.h|core/(?:error|ceil_div)\.h)|^models/"),
    ("sim/record/", r"^(systemc|tlm)|^sim/(?!record/|config/|core/units\.h|core/(?:error|ceil_div)\.h)|^models/"),
    ("sim/log/", r"^(systemc|tlm)|^sim/(?!log/|config/|core/units\.h|core/(?:error|ceil_div)\.h)|^models/"),
    ("sim/core/", r"^sim/(?!core/|config/|log/)|^models/"),
    ("sim/tlm/", r"^sim/(?!tlm/|core/)|^models/"),
    ("traces/io/", r"^(systemc|tlm)|^sim/(?!core/(?:error|ceil_div)\.h)|^models/|^traces/(?!io/|schema/)|^(gmp|openssl|boost)"),
    ("traces/workload/", r"^(systemc|tlm)|^sim/(?!core/(?:error|ceil_div)\.h|app/interrupt\.h|config/suggest\.h)|^models/|^(gmp|openssl)"),
    ("sim/", r"^models/|^tests/|^traces/"),
    ("traces/", r"^models/|^tests/"),
    ("models/", r"^tests/"),
]


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns], cwd=ROOT, check=True,
                         capture_output=True, text=True).stdout
    return [line for line in out.splitlines() if (ROOT / line).exists()]


def check_includes(files):
    for name in files:
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            for folder, pattern in FORBIDDEN:
                if name.startswith(folder) and re.search(pattern, match.group(1)):
                    yield f"{name}:{number}: {folder} must not include {match.group(1)}"
            models = re.match(r"models/([a-z]+)/", name)
            other = re.match(r"models/([a-z]+)/", match.group(1))
            # The platform wires the wheels; nobody else names another one.
            if models and other and models.group(1) != "system" and other.group(1) not in (models.group(1), "common"):
                yield f"{name}:{number}: models meet through models/common or sockets, not {match.group(1)}"


def check_licence(files):
    for name in files:
        if "SPDX-License-Identifier: Apache-2.0" not in (ROOT / name).read_text()[:300]:
            yield f"{name}:1: the two licence lines are missing"


def check_orphans(files):
    """A test that no CMakeLists names is never run."""
    lists = {path.parent: path.read_text() for path in (ROOT / "tests").rglob("CMakeLists.txt")}
    for name in files:
        path = ROOT / name
        stem = path.stem.removesuffix("_test")
        if name.startswith("tests/") and name.endswith("_test.cpp") and stem not in lists.get(path.parent, ""):
            yield f"{name}:1: no CMakeLists.txt beside it names this test"


def check_configs():
    """Every shipped configuration is named by a test, script or page."""
    text = "".join((ROOT / f).read_text(errors="replace")
                   for f in tracked("tests", "scripts", "README.md", "models/*.md", "sim/*.md", "traces/*.md"))
    for name in tracked("configs/*.yaml", "configs/**/*.yaml"):
        if pathlib.Path(name).name not in text:
            yield f"{name}:1: no test, script or page names this configuration"


def check_length(files):
    for name in files:
        lines = len((ROOT / name).read_text().splitlines())
        limit = 700 if name.startswith("tests/") else 420
        if lines > limit:
            yield f"{name}:1: {lines} lines; above {limit} a file is more than one room"


def main():
    code = tracked("*.cpp", "*.h")
    scripts = tracked("*.py", "*.cmake", "*CMakeLists.txt") + tracked("scripts/quickstart", "scripts/test")
    problems = [*check_includes(code), *check_licence(code + scripts), *check_orphans(code), *check_configs(),
                *check_length(code)]
    for problem in problems:
        print(problem)
    print(f"{len(code)} files checked, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
