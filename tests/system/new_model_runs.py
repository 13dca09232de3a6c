#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""scripts/new_model in a scratch copy: what it writes is small, builds against the libraries of this build, runs, and
passes its own tests; the tests notice a latency that moved.

  new_model_runs.py BUILD_DIR CXX_FLAGS
"""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD, FLAGS = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
ENVIRONMENT = {**os.environ, "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE": "1"}
# The libraries of the build beside what the skeleton adds: its library, a program with it, its timing test.
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(scratch LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(TRICYCLE_WERROR ON)
list(APPEND CMAKE_MODULE_PATH {root}/scripts/cmake)
include(GNUInstallDirs)
find_package(tricycle REQUIRED)
find_package(GTest REQUIRED)
include(GoogleTest)
include(tricycle)
add_subdirectory(models/squares)
add_executable(scratch main.cpp)
target_link_libraries(scratch PRIVATE tricycle::squares_model)
add_library(tricycle_sc_test_main OBJECT {root}/tests/support/sc_test_main.cpp)
target_include_directories(tricycle_sc_test_main PUBLIC {root})
target_link_libraries(tricycle_sc_test_main PUBLIC GTest::gmock SystemC::systemc)
enable_testing()
add_subdirectory(tests/timing)
"""
MAIN = """#include <systemc>
#include "models/squares/model.h"
#include "sim/app/main.h"
int sc_main(int argc, char** argv) {
  sim::app::Registry registry;
  squares::register_model(registry);
  return sim::app::main(argc, argv, registry);
}
"""


def call(*command, cwd, fails=False):
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if (done.returncode != 0) != fails:
        sys.exit(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout[-6000:]}")
    return done.stdout


def main():
    with tempfile.TemporaryDirectory(prefix="tricycle-model-") as folder:
        tree = pathlib.Path(folder) / "tree"
        for file in ("models/CMakeLists.txt", "models/register_all.cpp", "tests/timing/CMakeLists.txt"):
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            (tree / file).write_text((ROOT / file).read_text())
        said = call(ROOT / "scripts/new_model", "squares", "--root", tree, cwd=ROOT)
        files = [f for f in tree.rglob("*") if f.is_file() and "squares" in str(f.relative_to(tree))]
        lines = sum(len(f.read_text().splitlines()) for f in files)
        assert len(files) <= 9 and lines <= 300, (len(files), lines)
        print(said.splitlines()[-1])
        call(ROOT / "scripts/new_model", "squares", "--root", tree, cwd=ROOT, fails=True)  # it is there
        call(ROOT / "scripts/new_model", "Squares", "--root", tree, cwd=ROOT, fails=True)
        assert "squares::register_model(registry);" in (tree / "models/register_all.cpp").read_text()
        assert "tricycle::squares_model" in (tree / "models/CMakeLists.txt").read_text()

        # Of the timing tests the new one alone; the others need what is not in the scratch copy.
        timing = tree / "tests/timing/CMakeLists.txt"
        timing.write_text("".join(line for line in timing.read_text().splitlines(True) if "squares" in line))
        (tree / "CMakeLists.txt").write_text(PROJECT.format(root=ROOT))
        (tree / "main.cpp").write_text(MAIN)
        prefix, build = pathlib.Path(folder) / "prefix", tree / "build"
        call("cmake", "--install", BUILD, "--prefix", prefix, cwd=tree)
        call("cmake", "-S", tree, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_FLAGS={FLAGS} -O0",
             "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF", cwd=tree)
        call("cmake", "--build", build, cwd=tree)
        program = build / "scratch"
        print(call(program, "run", "configs/squares/baseline.yaml", "-o", folder + "/run", cwd=tree))
        golden = [ROOT / "scripts/golden", "--tricycle", program]
        case = tree / "tests/golden/squares_baseline"
        call(*golden, "--update", case, cwd=tree)
        call(*golden, case, cwd=tree)
        test = build / "tests/squares_latency_test"
        call(test, cwd=tree)
        page = tree / "models/squares/README.md"
        for wrong in ("| 13 |", "| 15 |"):
            text = page.read_text()
            page.write_text(text.replace("| 14 |", wrong))
            call(test, cwd=tree, fails=True)
            page.write_text(text)
        print("built, run, golden case kept and met, timing test passes and fails a cycle early and late")


if __name__ == "__main__":
    main()
