#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Whole runs of model ring through the command line. usage: ring_runs.py TRICYCLE CASE"""
import csv
import json
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = SOURCE / "configs" / "ring"
TRICYCLE = ""
SCHEDULES = ["ring", "ring_zigzag", "token_ring", "token_ring_zigzag", "ulysses", "ulysses_ring", "multi_node",
             "multi_ring"]
KEYS = ["schedule", "gpus", "seq_len", "time_s", "step_times_s", "exposed_comm_s", "bytes_sent_per_gpu", "packets",
        "max_link_utilisation", "output_max_error", "compute_imbalance", "tokens_per_s", "level"]


def tricycle(*args, expect=0):
    done = subprocess.run([TRICYCLE, *map(str, args)], capture_output=True, text=True)
    assert done.returncode == expect, f"{args}: exit {done.returncode}, not {expect}\n{done.stdout}{done.stderr}"
    return done


def run(out, config, *args, expect=0):
    done = tricycle("run", config, "-o", out, "--quiet", *args, expect=expect)
    return json.loads((out / "summary.json").read_text()) if (out / "summary.json").exists() else done


def sets(**settings):
    return [word for key, value in settings.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]


def near(value, wanted, share):
    assert abs(value - wanted) <= share * wanted, f"{value} is not within {share:.1%} of {wanted}"


def shipped_configs(tmp):
    """Every configuration runs as shipped, within a minute and 2 GiB, and its summary has the stable keys."""
    configs = sorted(CONFIGS.glob("*.yaml"))
    assert len(configs) >= 13
    for config in configs:
        s = run(tmp / config.stem, config)
        assert s["partial"] is False and s["time_s"] > 0, config
        assert all(key in s for key in KEYS), config
        near(sum(s["step_times_s"]), s["time_s"], 1e-9)
        page = (tmp / config.stem / "profile.html").read_text()
        assert "http" not in page.replace("http://www.w3.org/2000/svg", ""), "the page must be self-contained"
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert used.ru_maxrss < 2 << 20, f"{used.ru_maxrss} KiB"


def published_figures(tmp):
    """The figures of the design: closed forms, where the gain vanishes and reverses, four A10, two H200."""
    time = {name: run(tmp / name, CONFIGS / f"{name}.yaml")["time_s"] * 1e3
            for name in ("fullmesh64_tokenring", "fullmesh64_ring", "nvswitch64_tokenring", "nvswitch64_ring",
                         "gqa8_tokenring", "gqa8_ring", "h200_pair_ring", "h200_pair_tokenring")}
    near(time["fullmesh64_tokenring"], 251.07, 1e-3)
    near(time["fullmesh64_ring"], 482.64, 1e-3)
    near(time["nvswitch64_ring"], 482.6, 1e-2)
    near(time["nvswitch64_tokenring"], 483.2, 1e-2)
    assert time["gqa8_ring"] < 0.9 * time["gqa8_tokenring"], time
    assert time["h200_pair_ring"] < time["h200_pair_tokenring"], time
    steps = [1e3 * t for t in run(tmp / "a", CONFIGS / "a10x4_ring.yaml")["step_times_s"]]
    for step in steps[:3]:
        near(step, 7.6, 0.01)
    fitted = [1e3 * t for t in run(tmp / "b", CONFIGS / "a10x4_tokenring.yaml")["step_times_s"]]
    for step, published in zip(fitted, (3.5, 3.5, 4.6)):
        near(step, published, 0.1)
    predicted = [1e3 * t for t in run(tmp / "c", CONFIGS / "a10x4_prediction.yaml")["step_times_s"]]
    for step, wanted in zip(predicted, (3.8, 3.8, 3.86)):
        near(step, wanted, 0.01)
    for step, published, share in zip(predicted, (3.5, 3.5, 4.6), (0.15, 0.15, 0.2)):
        near(step, published, share)
    # The same prediction is printed beside the fit.
    text = (tmp / "b" / "summary.txt").read_text()
    row = re.search(r"^ +2 .*$", text, re.M).group(0)
    near(float(row.split()[-1]), predicted[2], 1e-3)


def small(tmp, **settings):
    """A configuration of four GPUs whose packets can be counted."""
    config = tmp / "small.yaml"
    config.write_text("model: ring\nschedule: {kind: token_ring_zigzag}\n"
                      "workload: {seq_len: 256, heads: 8, kv_heads: 8, head_dim: 16}\n"
                      "compute: {block_time_s: 2.0e-6}\nfabric: {topology: nvswitch, gpus: 4, switches: 2}\n")
    return config, sets(**settings)


def levels(tmp):
    """check --levels prints all three; packet and train are equal; a level that lies is found (exit 2 elsewhere)."""
    config, _ = small(tmp)
    for kind in SCHEDULES:
        causal = kind != "token_ring"
        args = sets(schedule__kind=kind, workload__causal=str(causal).lower(), schedule__ulysses=2, schedule__nodes=2)
        out = tricycle("check", "--levels", config, *args).stdout
        assert out.split("\n")[0].split() == ["level", "packet", "train", "deviation", "closed_form", "deviation"], out
        line = next(row for row in out.splitlines() if row.startswith("time_s"))
        assert line.split()[3] == "=", out
    done = tricycle("check", "--levels", SOURCE / "configs" / "allmod" / "n128_hybrid.yaml", expect=2)
    assert "one level" in done.stderr
    # Where messages share evenly, the closed form is the same to a thousandth.
    out = tricycle("check", "--levels", CONFIGS / "fullmesh64_tokenring.yaml", *sets(fabric__gpus=8, workload__seq_len=48000)).stdout
    line = next(row for row in out.splitlines() if row.startswith("time_s")).split()
    near(float(line[4]), float(line[1]), 1e-3)


def functional(tmp):
    """Every schedule at level packet on up to 16 GPUs: the merged output equals one device's."""
    for kind in SCHEDULES:
        for gpus in (1, 2, 4, 8, 16):
            part = 2 if gpus > 1 else 1
            heads = 16 if "ulysses" in kind else 4
            unit = 2 * gpus * (14 if gpus == 16 and kind == "multi_ring" else 1)
            s = run(tmp / f"{kind}{gpus}", CONFIGS / "functional16.yaml",
                    *sets(schedule__kind=kind, schedule__ulysses=part, schedule__nodes=part, fabric__gpus=gpus,
                          workload__seq_len=max(unit, 64), workload__heads=heads, workload__kv_heads=2, workload__head_dim=16,
                          workload__causal=str(kind != "token_ring").lower(), workload__pad="pad"))
            assert s["output_max_error"] is not None and s["output_max_error"] <= 1e-3, (kind, gpus)
            assert sum(s["bytes_sent_per_gpu"]) > 0 or gpus == 1
    for extra in ({"kv": "pq", "pq__sub_vectors": 16, "pq__bits": 6}, {"workload__chunk_tokens": 128}):
        s = run(tmp / ("pq" if "kv" in extra else "chunks"), CONFIGS / "functional16.yaml", *sets(**extra))
        assert s["output_max_error"] <= 1e-3


def same_bytes(tmp):
    """Two runs, a run of the configuration that a run wrote, and another order of events: the same bytes."""
    config, _ = small(tmp)
    run(tmp / "a", config, "--record", "perfetto")
    run(tmp / "b", config, "--record", "perfetto")
    run(tmp / "c", tmp / "a" / "config.yaml")
    run(tmp / "d", config, *sets(run__shuffle=77, run__check_protocol="true"))
    for other in "bcd":
        for name in ("summary.json", "stats.json", "operations.csv", "links.csv", "steps.csv", "steps.svg", "curve.csv"):
            a, b = ((tmp / x / name).read_text() for x in ("a", other))
            if name.endswith(".json"):
                a, b = (re.sub(r'"(wall_s|config_digest)": [^,\n]+', "", t) for t in (a, b))
            assert a == b, f"{name} of run {other} differs"


def recordings(tmp):
    """The timeline has a span for every operation and an arrow for every message; tables add up."""
    config, _ = small(tmp)
    s = run(tmp / "a", config, "--record", "perfetto")
    events = json.loads((tmp / "a" / "timeline.json").read_text())["traceEvents"]
    rows = list(csv.DictReader((tmp / "a" / "operations.csv").open()))
    messages = [row for row in rows if row["kind"] == "transfer"]
    kernels = [row for row in rows if row["kind"] in ("compute", "merge")]
    spans = [e for e in events if e["ph"] == "X" and "taken" not in e["name"] and "busy" not in e["name"]
             and "limit" not in e["name"] and "credit" not in e["name"]]
    assert len(spans) == len(kernels) + 2 * len(messages), (len(spans), len(kernels), len(messages))
    assert sum(e["ph"] == "s" for e in events) == sum(e["ph"] == "f" for e in events) == len(messages)
    assert sum(int(row["bytes"]) for row in messages) == sum(s["bytes_sent_per_gpu"])
    for row in rows:
        assert int(row["issued_ps"]) <= int(row["started_ps"]) <= int(row["finished_ps"])
    run(tmp / "b", CONFIGS / "fullmesh64_tokenring.yaml")
    curve = list(csv.DictReader((tmp / "b" / "curve.csv").open()))
    compute = [float(row["compute_s"]) for row in curve]
    assert len(curve) >= 4 and compute == sorted(compute, reverse=True), "the same tokens on more GPUs: less work each"


def formats(tmp):
    """GQA and compressed K, V change what the ring moves, chunked prefill and DiT run."""
    config, _ = small(tmp)
    def sent(**settings):
        return sum(run(tmp / str(len(list(tmp.iterdir()))), config, *sets(schedule__kind="ring_zigzag", **settings))["bytes_sent_per_gpu"])
    plain = sent()
    assert sent(workload__kv_heads=1) * 8 == plain
    assert sent(kv="pq", pq__sub_vectors=8, pq__bits=8) * 4 == plain
    assert sent(workload__chunk_tokens=64) * 2 == plain * 5   # 1 + 2 + 3 + 4 quarters
    assert sent(workload__causal="false") == plain


def trace(tmp):
    """A trace gives sizes, block times and its digest."""
    s = run(tmp / "a", CONFIGS / "trace_prefill.yaml")
    assert re.fullmatch("[0-9a-f]{64}", s["trace_digest"])
    text = (tmp / "a" / "summary.txt").read_text()
    assert "blocks measured on" in text
    one = run(tmp / "b", CONFIGS / "trace_prefill.yaml", *sets(workload__layer=0))
    assert one["time_s"] != s["time_s"], "layers have times of their own"
    fixed = run(tmp / "c", CONFIGS / "trace_prefill.yaml", *sets(compute__block_time_s=1))
    assert fixed["time_s"] > 1, "block_time_s overrides every model"


def faults(tmp):
    """A dead link is rerouted or the run ends with exit 4 and names the operations; a slow GPU is slow."""
    config, _ = small(tmp)
    base = run(tmp / "base", config)
    dead = tmp / "dead.yaml"
    dead.write_text(config.read_text() + "faults: [{kind: link_down, at_us: 1, from: gpu0, to: switch0}]\n")
    rerouted = run(tmp / "rerouted", dead)
    assert rerouted["partial"] is False and rerouted["time_s"] >= base["time_s"]
    dead.write_text(config.read_text() + "faults: [{kind: link_down, at_us: 1, from: gpu0, to: switch0},"
                    " {kind: link_down, at_us: 1, from: gpu0, to: switch1}]\n")
    done = tricycle("run", dead, "-q", "-o", tmp / "cut", expect=4)
    assert "gpu 0" in done.stderr and "step" in done.stderr, done.stderr
    cut = json.loads((tmp / "cut" / "summary.json").read_text())
    assert cut["partial"] is True and cut["tokens_per_s"] is None
    slow = tmp / "slow.yaml"
    slow.write_text(config.read_text() + "faults: [{kind: slow_gpu, gpu: gpu2, factor: 3}]\n")
    s = run(tmp / "slow", slow)
    assert s["time_s"] > base["time_s"] and s["compute_imbalance"] > 1.2


CASES = {f.__name__: f for f in (shipped_configs, published_figures, levels, functional, same_bytes, recordings, formats,
                                 trace, faults)}


def main():
    global TRICYCLE
    TRICYCLE = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="ring_") as tmp:
        CASES[sys.argv[2]](pathlib.Path(tmp))


if __name__ == "__main__":
    main()
