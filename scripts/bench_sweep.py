#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Sweeps: what a point costs beside its simulation, how busy two cores are kept, how a sweep of 100,000 points responds.

  scripts/bench sweep [--repetitions N] [--points N] [--large N]

Everything in one run, interleaved, medians. Beside wall time stands processor time, which a busy machine disturbs less.
"""
import argparse
import csv
import pathlib
import resource
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time

CONFIG = "model: allmod\ndesign: {n: 128, stall: global}\nworkload: {count: 1}\nfidelity: {value: lazy}\n"
SWEEP = """sweep: bench
base: config.yaml
axes: [{path: workload.seed, range: [1, %d]}]
set: [workload.count=%d]
objectives: [{minimise: latency_cycles}, {minimise: lut_sites}]
keep: summaries
"""


def timed(words, folder):
    """Wall and processor seconds of a command and all that it starts."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(list(map(str, words)), cwd=folder, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        (folder / "config.yaml").write_text(CONFIG)

    def sweep(self, points, count, jobs):
        (self.folder / "sweep.yaml").write_text(SWEEP % (points, count))
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        return timed([self.program, "sweep", "sweep.yaml", "-o", "out", "-q", "-j", jobs], self.folder)

    def plainly(self, points, count):
        """The same simulations with the same files, one process after the other."""
        wall = cpu = 0
        shutil.rmtree(self.folder / "plain", ignore_errors=True)
        for seed in range(1, points + 1):
            w, c = timed([self.program, "run", "config.yaml", "--quiet", "--summary-only", "-o", self.folder / f"plain/{seed}",
                          "--set", f"workload.count={count}", "--set", f"workload.seed={seed}"], self.folder)
            wall, cpu = wall + w, cpu + c
        return wall, cpu

    def count_for(self, seconds):
        """Operands that take so much processor time."""
        count = 100_000
        for _ in range(4):
            cpu = self.plainly(1, count)[1]
            count = max(1000, int(count * seconds / max(1e-3, cpu)))
        return count


def overhead(bench, points, repetitions):
    rows = []
    for _ in range(repetitions):
        plain, sweep = bench.plainly(points, 1), bench.sweep(points, 1, 1)
        rows.append([1000 * (s - p) / points for s, p in zip(sweep, plain)] + [1000 * plain[0] / points, 1000 * plain[1] / points])
    wall, cpu, plain_wall, plain_cpu = (statistics.median(column) for column in zip(*rows))
    print(f"| overhead of a point | {wall:.2f} ms wall, {cpu:.2f} ms processor | at most 5 ms |"
          f" a simulation's process alone: {plain_wall:.1f} and {plain_cpu:.1f} ms; {points} points one after the other |")


def efficiency(bench, seconds, points, repetitions, target):
    count = bench.count_for(seconds)
    rows = []
    for _ in range(repetitions):
        plain = bench.plainly(2, count)[1] / 2
        wall, cpu = bench.sweep(points, count, 2)
        with open(bench.folder / "out/points.csv", newline="", encoding="utf-8") as file:
            walls = [float(row["point_wall_s"]) for row in csv.DictReader(file)]
        # At the end one core has no point left: from the last point but one to the last one.
        ends = sorted(f.stat().st_mtime for f in (bench.folder / "out").glob("points/*/*/summary.json"))
        tail = ends[-1] - ends[-2]
        rows.append([sum(walls) / (2 * wall), sum(walls) / (2 * wall - tail), min(1.0, plain * points / cpu), sum(walls) / points, tail])
    busy, steady, share, each, tail = (statistics.median(column) for column in zip(*rows))
    print(f"| two cores on points of {seconds} s | {100 * busy:.1f} % of wall time, {100 * steady:.1f} % until a core has no point left,"
          f" {100 * share:.1f} % of processor time | at least {target} % | {points} points, {each:.2f} s each, {tail:.2f} s with one core |")


def large(bench, points, repetitions, report):
    """A store of so many points, copied from one that was simulated."""
    bench.sweep(10, 1, 2)
    with sqlite3.connect(bench.folder / "out/sweep.sqlite") as database:
        names = [row[1] for row in database.execute("PRAGMA table_info(points)")]
        row = dict(zip(names, database.execute("SELECT * FROM points LIMIT 1").fetchone()))
        del row["id"]

        def copies():
            for i in range(points - 10):
                copy = dict(row, digest=f"{i:032x}", labels=f'["{i}"]', front=0)
                copy["objectives"] = f"[{10 + i * 7919 % 9973}, {1000 + i * 104729 % 99991}]"
                yield tuple(copy.values())
        marks = ", ".join("?" * len(row))
        database.executemany(f"INSERT INTO points({', '.join(row)}) VALUES({marks})", copies())
    status = [timed([bench.program, "sweep", "status", "out"], bench.folder) for _ in range(repetitions)]
    pages = [timed(["/usr/bin/python3", "-B", report, "out", "-o", "page.html"], bench.folder)
             for _ in range(max(1, repetitions // 2))]
    for name, times, target in (("status", status, "1 s"), ("report", pages, "30 s")):
        wall, cpu = (statistics.median(column) for column in zip(*times))
        print(f"| `{name}` of {points} points | {wall:.2f} s wall, {cpu:.2f} s processor | less than {target} | |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--points", type=int, default=100, help="of an overhead measurement")
    parser.add_argument("--large", type=int, default=100000, help="points of the large sweep")
    parser.add_argument("--long", type=int, default=40, help="points of 2 s")
    options = parser.parse_args()
    report = pathlib.Path(__file__).resolve().parent / "report/report.py"
    with tempfile.TemporaryDirectory(prefix="bench_sweep_") as folder:
        bench = Bench(options.program.resolve(), pathlib.Path(folder))
        print("| what | measured | target | |\n| --- | --- | --- | --- |", flush=True)
        overhead(bench, options.points, options.repetitions)
        efficiency(bench, 0.1, 60, options.repetitions, 90)
        efficiency(bench, 2, options.long, max(1, options.repetitions // 2), 98)
        large(bench, options.large, options.repetitions, report)


if __name__ == "__main__":
    main()
