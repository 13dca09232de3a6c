# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Designs as configurations, RTL and shared objects: what the RTL tests have in common."""
import fcntl
import hashlib
import os
import pathlib
import random
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SKIP = 77  # exit code that ctest counts as skipped


class Failed(Exception):
    pass


def need(*tools):
    """Ends the test as skipped, with the reason, if one of the tools is missing."""
    missing = [t for t in tools if shutil.which(t) is None]
    if missing:
        print(f"SKIPPED: {', '.join(missing)} not found; Debian packages verilator, iverilog, yosys")
        raise SystemExit(SKIP)


def config(design, modulus=None, seed=1):
    """The YAML text of a design: {'form': 'serial', 'n': 64, ...}; `modulus`: a kind."""
    lines = ["model: allmod", "design:"]
    lines += [f"  {key}: {str(value).lower() if isinstance(value, bool) else value}" for key, value in design.items()]
    lines += ["modulus:", f"  kind: {modulus or 'random'}", f"  seed: {seed}"]
    return "\n".join(lines) + "\n"


def text(design):
    return " ".join(f"{key}={value}" for key, value in design.items())


def call(command, what, cwd=None):
    environment = {**os.environ, "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE": "1"}
    done = subprocess.run([str(c) for c in command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=environment)
    if done.returncode != 0:
        raise Failed(f"{what} failed ({done.returncode}):\n{done.stdout[-4000:]}")
    return done.stdout


def emit(program, design, folder, modulus=None, seed=1, vectors=64):
    """Writes <folder>.yaml and the RTL into <folder>."""
    yaml = pathlib.Path(f"{folder}.yaml")
    yaml.write_text(config(design, modulus, seed))
    call([program, "rtl", yaml, "-o", folder, "--vectors", vectors], "tricycle rtl")
    return yaml


def runtime(work):
    """Verilator's own code, most of what there is to compile: once for all that share $TRICYCLE_RTL_RUNTIME (a folder, as
    ctest sets it), else once a working folder."""
    folder = pathlib.Path(os.environ.get("TRICYCLE_RTL_RUNTIME") or work)
    folder.mkdir(parents=True, exist_ok=True)
    include = verilator_include()
    tools = call(["verilator", "--version"], "verilator") + call(["g++", "--version"], "g++") + str(include)
    made = folder / f"verilated_{hashlib.sha256(tools.encode()).hexdigest()[:16]}.o"
    with open(folder / "verilated.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # others wait for the first
        if not made.exists():
            objects = []
            for source in ("verilated.cpp", "verilated_threads.cpp"):
                if not (include / source).exists():
                    continue
                objects.append(folder / (source + ".o"))
                call(["g++", "-O2", "-fPIC", "-c", f"-I{include}", include / source, "-o", objects[-1]], "g++")
            whole = folder / "whole.o"
            call(["ld", "-r", "-o", whole, *objects], "ld")
            whole.rename(made)
    return made


def verilator_include():
    root = call(["verilator", "--getenv", "VERILATOR_ROOT"], "verilator").strip()
    return pathlib.Path(root) / "include"


def shared_object(folder, work, optimise="-O1", top="allmod_reducer", options=()):
    """Verilates the RTL in `folder`; returns the shared object for rtl_design.h."""
    made = pathlib.Path(folder) / "obj"
    call(["verilator", "--cc", "-O3", "--Mdir", made, "--top-module", top, *options,
          *sorted((pathlib.Path(folder) / "rtl").glob("*.v"))], "verilator")
    unit = made / "all.cpp"  # one translation unit: headers are most of the work
    unit.write_text("".join(f'#include "{s.name}"\n' for s in sorted(made.glob("V*.cpp"))) +
                    f'#define RTL_TOP V{top}\n#define RTL_HEADER "V{top}.h"\n#include "{HERE / "shim.cpp"}"\n')
    made_object = pathlib.Path(folder) / "design.so"
    call(["g++", "-std=c++17", optimise, "-w", "-fPIC", "-shared", f"-I{verilator_include()}", f"-I{made}", unit,
          runtime(work), "-o", made_object], "g++")
    return made_object


def draw(rng, widths):
    """A random design that tricycle accepts (or nearly so: the program has the last word)."""
    n = rng.choice(widths)
    form = rng.choice(["pipelined"] * 4 + ["serial"] * 4 + ["template", "template_literal", "iterative"])
    design = {"form": form, "n": n, "stall": rng.choice(["elastic", "global"])}
    w = rng.randint(1, 7 if n > 64 else 9)
    m = rng.choice([0, 1, 2, rng.randint(0, min(n, 16)), rng.randint(0, n)])
    groups = -(-(n - m) // w)
    if form == "iterative":
        design["u"] = rng.randint(1, min(n + 1, 9))
        return design
    design.update(w=w, m=m)
    if form == "serial":
        if groups == 0:
            design["m"] = m = n - 1
            groups = 1
        design.update(p=0 if m == 0 and rng.random() < 0.7 else rng.randint(0, m + 1), t=rng.randint(1, min(groups, 8)),
                      u=rng.randint(1, min(n + 1, 6)))
    elif form == "pipelined":
        rho = rng.choice([2, 2, 3, 4, 8])
        levels, left = 0, groups
        while left > 1:
            left, levels = -(-left // rho), levels + 1
        design.update(p=rng.randint(0, m + 1), e=rng.randint(0, levels), r=rng.choice([1, 1, 2, 3, 7]), rho=rho)
        kind = rng.random()
        if kind < 0.35:
            design["segment"] = rng.randint(max(2, n // 8), n + 2)
        elif kind < 0.5:
            design.update(eager=True, rho=2, p=m + 1, e=0)
    return design


def shrink(design, fails):
    """The smallest design found on the way down that still fails."""
    smaller = [("segment", 0), ("eager", False), ("r", 1), ("rho", 2), ("u", 1), ("t", 1), ("e", 0), ("p", 0), ("m", 0),
               ("m", 1), ("w", 1), ("w", 2), ("stall", "global"), ("n", 16), ("n", 8)]
    changed = True
    while changed:
        changed = False
        for key, value in smaller:
            if key not in design or design[key] == value or (isinstance(value, int) and design[key] < value):
                continue
            candidate = {**design, key: value}
            if fails(candidate):
                design, changed = candidate, True
    return design


def scratch(keep=None):
    if keep:
        pathlib.Path(keep).mkdir(parents=True, exist_ok=True)
        return pathlib.Path(keep)
    return pathlib.Path(tempfile.mkdtemp(prefix="tricycle-rtl-"))


def rng_of(seed):
    return random.Random(seed)
