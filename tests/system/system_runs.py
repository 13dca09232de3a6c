#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Whole runs of model system through the command line. usage: system_runs.py TRICYCLE CASE"""
import csv
import json
import math
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = SOURCE / "configs" / "system"
MAIN = CONFIGS / "llm_decode.yaml"
REAL = CONFIGS / "llama2_7b_32k.yaml"
TRICYCLE = ""
FEW = ["region.measure=2", "region.every=64", "chip.banks=4", "chip.units=218"]  # of 192 tokens, six
GPU = ["map.gemv=gpu", "region.measure=1", "region.every=80"]  # of 160 tokens, two


def run(out, *words, config=MAIN, expect=0, more=()):
    command = [TRICYCLE, "run", str(config), "-o", str(out), "--quiet", *more]
    for word in words:
        command += ["--set", word]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == expect, f"{command}: exit {done.returncode}, not {expect}\n{done.stdout}{done.stderr}"
    return json.loads((out / "summary.json").read_text()) if expect in (0, 4, 5) else done


def tokens(out):
    return list(csv.DictReader((out / "tokens.csv").open()))


def near(a, b, share=1e-9):
    assert math.isclose(a, b, rel_tol=share, abs_tol=1e-18), f"{a} is not {b}"


def adds_up(out, s):
    """Causes and operations are the whole of a token, energy is the sum of its parts, tokens.csv is the summary."""
    near(sum(s["breakdown_s"].values()), s["time_per_token_s"])
    near(sum(s["operations_s"].values()), s["time_per_token_s"])
    rows = tokens(out)
    assert len(rows) == s["tokens"] > 0
    near(sum(float(r["time_s"]) for r in rows) / len(rows), s["time_per_token_s"])
    for row in rows:
        near(sum(float(v) for k, v in row.items() if k.startswith("wait_")), float(row["time_s"]))
        near(sum(float(v) for k, v in row.items() if k.startswith("op_")), float(row["time_s"]))
    parts = {k: v for k, v in s["energy_j"].items() if v is not None and k not in s["energy_contained"]}
    near(sum(parts.values()), s["energy_known_j"])
    assert (s["energy_per_token_j"] is None) == bool(s["energy_missing"])


def timeline(out):
    """{"process/thread": its spans}"""
    events = json.loads((out / "timeline.json").read_text())["traceEvents"]
    process = {e["pid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "process_name"}
    track = {(e["pid"], e["tid"]): f"{process[e['pid']]}/{e['args']['name']}" for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
    spans = {}
    for e in events:
        if e["ph"] == "X":
            spans.setdefault(track[e["pid"], e["tid"]], []).append(e)
    return spans


def units_work_when_the_host_says(tracks, periods_ns):
    """Spans of a unit, in cycles of its own clock, lie where the host saw it at work."""
    for unit, period in periods_ns.items():
        own = [e for name, spans in tracks.items() if name.split("/")[0].split()[0] == unit for e in spans]
        host = sorted((e["ts"], e["ts"] + e["dur"]) for e in tracks[f"host/{unit}"])
        assert own, unit
        for e in own:
            near(e["ts"], e["args"]["cycle"] * period * 1e-3)
            near(e["dur"], e["args"]["cycles"] * period * 1e-3)
            # The host knows a little later: that a write has arrived, that an interrupt is up.
            assert any(begin - 0.01 <= e["ts"] and e["ts"] + e["dur"] <= end + 0.01 for begin, end in host), (unit, e)


def main_job(tmp):
    """Every product with activations equals the trace's digest; every record is served once."""
    s = run(tmp / "a", *FEW, more=["--record", "perfetto"])
    adds_up(tmp / "a", s)
    # On the timeline, who tokens waited for fills their time without a gap, and so do their commands.
    tracks = timeline(tmp / "a")
    for name in ("token/waits for", "token/record"):
        spans = sorted((e["ts"], e["dur"]) for e in tracks[name])
        assert all(at + long <= after + 1e-6 for (at, long), (after, _) in zip(spans, spans[1:])), name
        near(sum(long for _, long in spans) * 1e-6, s["prefill"]["time_s"] + s["tokens"] * s["time_per_token_s"], 1e-2)
    assert s["sme"]["checked"] > 0 and s["sme"]["mismatches"] == 0
    assert s["tokens"] == 6 and math.isclose(s["sampled_share"], 6 / 192)
    assert s["records"]["by_kind"]["lm_head"] == 6 and s["records"]["by_kind"]["o_proj"] == 6 * 8
    assert s["sme"]["macs"] == 6 * 7143424
    assert s["energy_per_token_j"] is None and s["energy_missing"] == ["gpu"]  # no power of so small kernels was measured


def same_bytes(tmp):
    """Neither the order of processes nor checkers on every socket nor waiting differently changes a byte."""
    run(tmp / "a", *FEW)
    run(tmp / "b", *FEW, "run.shuffle=7", "run.check_protocol=true")
    for name in ("summary.json", "stats.json", "tokens.csv"):
        a, b = ((tmp / x / name).read_text() for x in "ab")
        if name.endswith(".json"):
            a, b = (json.loads(x) for x in (a, b))
            for holder in (a, b, a.get("run", {}), b.get("run", {})):
                holder.pop("wall_s", None)
        assert a == b, name


def measured_times(tmp):
    """On the GPU alone, with the trace's own times, a token takes what the GPU was measured to take."""
    s = run(tmp / "a", "map.gemv=gpu", "region.measure=1", "region.every=16")
    adds_up(tmp / "a", s)
    dump = subprocess.run([TRICYCLE, "trace", "dump", str(SOURCE / "traces/samples/decode.tct"), "--records", "token"],
                          capture_output=True, text=True, check=True).stdout
    ns = {}
    for line in dump.splitlines():
        token = json.loads(line)["token"]
        ns[token["index"]] = token["time_ns"]
    for row in tokens(tmp / "a"):
        took = float(row["time_s"]) * 1e9
        assert 0 <= took - ns[int(row["index"])] < 0.01 * took, row


def real_sizes(tmp):
    """LLaMA-2-7B at 32K on the GPU: the roofline gives what the same GPU was measured to take (traces/RESULTS.md), in per cent."""
    cases = {("precision=int8", "kv=pq"): (3.492e-3, 0.01), ("precision=int8", "kv=fp16"): (5.762e-3, 0.02),
             ("precision=fp16", "kv=fp16"): (7.337e-3, 0.02), ("precision=fp16", "kv=fp16", "kv_cache=cat"): (15.562e-3, 0.05)}
    for words, (seconds, share) in cases.items():
        s = run(tmp / "-".join(words), *GPU, *words, config=REAL)
        assert abs(s["time_per_token_s"] / seconds - 1) < share, (words, s["time_per_token_s"], seconds)
        assert s["trace"]["synthetic"] is True and s["energy_per_token_j"] > 1
    s = run(tmp / "trace", *GPU, config=REAL)
    adds_up(tmp / "trace", s)
    assert s["hbm"]["row_hit_share"] > 0.9


def thresholds(tmp):
    """Chosen again from the trace's PPLE: with its own thresholds what the trace has, else fewer or more layers at INT4."""
    plain = ["map.gemv=gpu", "map.prefill=none", "map.encrypted=none", "gpu.compute=roofline"]
    bits = {}
    for scale in ("trace", 0, 0.7, 1, 1e6):
        words = ["precision=trace"] if scale == "trace" else ["precision=thresholds", f"threshold_scale={scale}"]
        s = run(tmp / str(scale), *plain, *words)
        bits[scale] = [row["bits"] for row in tokens(tmp / str(scale))]
        assert s["config"]["precision"] == words[0].split("=")[1]
    share = {scale: sum(b.count("4") for b in rows) / sum(map(len, rows)) for scale, rows in bits.items()}
    assert len(bits["trace"]) == 192 and bits[1] == bits["trace"] and 0 < share[1] < 1, share
    assert share[0] == 0 and share[1e6] == 1 and 0 < share[0.7] < share[1], share
    done = run(tmp / "no", "precision=thresholds", *GPU, config=REAL, expect=2)
    assert "PPLE against thresholds did not choose" in done.stderr, done.stderr


def chips(tmp):
    """Layers on several chips, and some on the GPU: the same products, on units of their own."""
    s = run(tmp / "a", *FEW, "sme.chips=3", "map.gpu_layers=[2, 8]", "sme.result_bytes=4", "chip.clock_mhz=800", "record.to_cycle=2000000",
            more=["--record", "perfetto"])
    units_work_when_the_host_says(timeline(tmp / "a"), {"sme0": 1.25, "sme1": 1.25, "sme2": 1.25, "allmod0": 5, "ring": 1e-3})
    used = list(csv.DictReader((tmp / "a" / "crossbars.csv").open()))
    assert {row["chip"] for row in used} == {"0", "1", "2"} and all(0 <= float(row["utilisation"]) <= 1 for row in used)
    assert {word.split(".")[0] for row in used for word in row["layers"].split()} == {f"layer{i}" for i in range(8) if i != 2}
    adds_up(tmp / "a", s)
    assert len(s["sme"]["units"]) == 3 and all(u["gemvs"] > 0 for u in s["sme"]["units"])
    assert sum(u["gemvs"] for u in s["sme"]["units"]) == s["sme"]["gemvs"] == 6 * 7 * 4
    assert s["sme"]["mismatches"] == 0 and s["sme"]["checked"] > 0


def clipped(tmp):
    """Too few bits of the ADCs clip: sums differ, are counted, and do not fail the run."""
    s = run(tmp / "a", *FEW, "adc.bits=3")
    assert s["sme"]["mismatches"] > 0


def stopped(tmp, *words, config=MAIN):
    """A run that is told to stop keeps the tokens that are complete."""
    command = [TRICYCLE, "run", str(config), "-o", str(tmp / "a"), "--quiet"]
    for word in words:
        command += ["--set", word]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not (tmp / "a.partial" / "run.log").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    code = process.wait(timeout=60)
    s = json.loads((tmp / "a" / "summary.json").read_text())
    if code == 0:
        return  # it was done before the signal came
    assert code == 5 and s["partial"] is True, code
    if s["tokens"] > 0:
        adds_up(tmp / "a", s)


def wrong_digest(tmp):
    """A product that differs from the trace fails the run, and says which; what was simulated is kept."""
    import sme_runs
    changed = sme_runs.changed_trace(TRICYCLE, tmp)
    s = run(tmp / "a", f"workload.trace={changed}", "chip.banks=4", "chip.units=218", expect=4)
    assert s["sme"]["mismatches"] == 1 and s["partial"] is False
    failure = (tmp / "a" / "failure.txt").read_text()
    assert "1 of 33 products of sme0 differ" in failure and "layer 1 gate_up_proj" in failure, failure


def encrypted(tmp):
    """Every reduction of the encrypted layer is GMP's, every output mpz_powm's; INT4 needs fewer; nothing else changes."""
    s = run(tmp / "a")
    e = s["encrypted"]
    assert e["layer"] == 2 and e["parts"] == 12 and e["mismatches"] == 0 and s["allmod"]["wrong_outputs"] == 0
    assert s["allmod"]["reductions"] == e["multiplications"] == e["checked"] == 2323 and s["allmod"]["outputs"] > 80
    assert e["time_int4_s"] < 0.5 * e["time_int8_s"] and e["time_int4_s"] < e["time_s"] < e["time_int8_s"]
    assert e["least_time_s"] < e["time_s"] < e["time_per_token_s"] and "encrypted.time_s" in s["extrapolated"]
    near(e["sampled_share"], e["multiplications"] / e["layer_multiplications"] / s["tokens"])
    plain = run(tmp / "b", "map.encrypted=none")
    assert plain["encrypted"] is None and plain["allmod"]["units"] == []
    near(plain["time_per_token_s"], s["time_per_token_s"], 1e-3)  # beside the token; the link is shared
    two = run(tmp / "c", "allmod.units=2")
    near(sum(u["reductions"] for u in two["allmod"]["units"]), 2323)
    near(two["encrypted"]["time_int8_s"], e["time_int8_s"] / 2)


def prompt(tmp):
    """The prompt runs on the ring before the first token; who moves what is as the schedule says."""
    few = [*GPU]
    times = {}
    for kind in ("token_ring_zigzag", "ring_zigzag"):
        s = run(tmp / kind, *few, f"schedule.kind={kind}", "kv=fp16", config=REAL)
        p, r = s["prefill"], s["ring"]
        times[kind] = r["time_s"]
        assert p["gpus"] == len(r["units"]) == 2 and p["schedule"] == r["schedule"] == kind
        assert p["attention_s"] + p["gemm_s"] <= p["time_s"] * 1.001
        near(p["attention_s"], r["time_s"] * 32, 0.01)
        # All keys and values of GPU 1 have come to GPU 0, beside what the attention moved.
        kept = 32 * (32768 // 2) * 32 * 128 * 2 * 2
        near(r["units"][1]["bytes_sent"], 32 * r["bytes_sent_per_gpu"][1] + kept)
        near(r["units"][0]["bytes_sent"], 32 * r["bytes_sent_per_gpu"][0])
        assert s["records"]["by_kind"]["prefill"] == 1
        rows = list(csv.DictReader((tmp / kind / "links.csv").open()))
        assert sum(int(row["bytes"]) for row in rows) == sum(u["bytes_sent"] for u in r["units"])
    assert len(set(times.values())) == 2
    # The same attention alone, as model ring has it.
    alone = tmp / "alone.yaml"
    alone.write_text(f"model: ring\ninclude: [{SOURCE}/configs/tech/h200_pair.yaml, {SOURCE}/configs/tech/gpu_h200.yaml]\n"
                     f"level: train\nschedule: {{kind: ring_zigzag}}\nworkload: {{trace: {SOURCE}/traces/samples/llama2_7b_32k.tct, pad: pad}}\n")
    near(run(tmp / "alone", config=alone)["time_s"], times["ring_zigzag"], 1e-6)


def shipped_configs(tmp):
    """Every configuration of the folder runs, in short."""
    configs = sorted(CONFIGS.glob("*.yaml"))
    assert {"llm_decode.yaml", "llama2_7b_32k.yaml", "llama2_7b_32k_gpu.yaml", "llama2_7b_32k_plain.yaml"} <= {c.name for c in configs}
    for config in configs:
        big = config.stem in ("llama2_7b_32k", "llama2_7b_32k_wide")  # 2.8 million crossbars
        s = run(tmp / config.stem, "region.measure=1", "region.every=100", *(["map.gpu_layers=[" + ", ".join(map(str, range(2, 33))) + "]"] if big else []),
                config=config)
        adds_up(tmp / config.stem, s)


def documented(tmp):
    """`describe` knows every key that a run writes; the README of the model has the register maps that it prints."""
    text = subprocess.run([TRICYCLE, "describe", "system"], capture_output=True, text=True, check=True).stdout
    readme = (SOURCE / "models" / "system" / "README.md").read_text()
    registers = [line for line in text.partition("REGISTER MAP")[2].splitlines() if line.startswith("| ")]
    assert len(registers) > 30
    for line in registers:
        assert line in readme, f"models/system/README.md lacks: {line}"
    about = json.loads(subprocess.run([TRICYCLE, "describe", "system", "--json"], capture_output=True, text=True, check=True).stdout)
    keys = {k["key"].split(".")[0].split("[")[0] for k in about["summary"]}
    for key in run(tmp / "a", *FEW):
        assert key in keys, f"`tricycle describe system` lacks the key {key}"


def strict(tmp):
    """--strict names assumed settings that the run rests on, and no others."""
    done = run(tmp / "a", *GPU, config=REAL, more=["--strict"], expect=2)
    assert "bus.latency_ns" in done.stderr and "chip." not in done.stderr and "gpu.other_us" not in done.stderr, done.stderr


def too_large(tmp):
    """A model that the memory does not hold is refused, with what would hold it."""
    done = run(tmp / "a", "hbm.gibytes=1", "map.gemv=gpu", config=REAL, expect=2)
    assert "hbm.gibytes: weights and cache of the trace's model take 27 GiB, the memory has 1; set hbm.gibytes=27" in done.stderr, done.stderr


FAST = "fidelity.detail=fast"


def counted(s):
    """What does not depend on time: counts, and energy by events."""
    keys = {k: s[k] for k in ("tokens", "int4_share", "records", "sampled_share", "trace")}
    keys["energy"] = {k: s["energy_j"][k] for k in ("hbm", "sme", "bus")}
    keys["sme"] = {k: v for k, v in s["sme"].items() if k != "units"}
    keys["units"] = [{k: v for k, v in u.items() if k != "busy_s"} for u in s["sme"]["units"]]
    keys["allmod"] = {k: s["allmod"][k] for k in ("reductions", "mismatches", "outputs", "wrong_outputs")}
    keys["gpu"] = {k: s["gpu"][k] for k in ("commands", "bytes")}
    keys["hbm"] = {k: s["hbm"][k] for k in ("bytes_read", "bytes_written")}
    keys["hbm_requests"] = [u["requests"] for u in s["hbm"]["units"]]
    keys["bus"] = {k: s["bus"][k] for k in ("transactions", "bytes")}
    keys["ring"] = {k: s["ring"][k] for k in ("bytes_sent_per_gpu", "packets")}
    return keys


def fast(tmp):
    """Loosely timed: the same digests, counts and energies by events, times within a per cent, and no events' path."""
    event = run(tmp / "event", *FEW, "region.measure=6", "region.every=200")
    s = run(tmp / "fast", *FEW, "region.measure=6", "region.every=200", FAST)
    adds_up(tmp / "fast", s)
    assert s["sme"]["checked"] == event["sme"]["checked"] > 0 and s["sme"]["mismatches"] == 0
    assert s["allmod"]["reductions"] > 0 and s["encrypted"]["mismatches"] == 0
    assert counted(s) == counted(event), (counted(s), counted(event))
    for a, b in ((s["time_per_token_s"], event["time_per_token_s"]), (s["prefill"]["time_s"], event["prefill"]["time_s"]),
                 (s["encrypted"]["time_s"], event["encrypted"]["time_s"]), (s["sim_time_s"], event["sim_time_s"])):
        near(a, b, 0.01)
    for row, other in zip(tokens(tmp / "fast"), tokens(tmp / "event")):
        assert all(row[k] == other[k] for k in ("index", "bits", "macs", "weight_bytes", "kv_bytes"))
    # Not the units of events: kernels went by the memory's pointer, chips have no banks, no row is known.
    stats = json.loads((tmp / "fast" / "stats.json").read_text())["stats"]
    assert stats["gpu"][0]["direct_kernels"]["value"] > 0 and "banks" not in stats["chips"][0]["sme"]
    assert s["config"]["detail"] == "fast" and s["hbm"]["row_hit_share"] is None
    text = subprocess.run([TRICYCLE, "compare", str(tmp / "event"), str(tmp / "fast")], capture_output=True, text=True, check=True).stdout
    assert "Timing error of B (fidelity.detail: fast, loosely timed) against A (event)" in text and "time_per_token_s" in text, text
    table = json.loads(subprocess.run([TRICYCLE, "compare", str(tmp / "fast"), str(tmp / "event"), "--format", "json"],
                                      capture_output=True, text=True, check=True).stdout)["timing_error"]
    assert len(table) == 1 and table[0]["run"] == "A" and table[0]["reference"] == "B" and table[0]["alone"] is True
    assert abs(next(f for f in table[0]["figures"] if f["key"] == "time_per_token_s")["error_percent"]) < 1


def fast_quantum(tmp):
    """Neither the quantum nor the order of processes changes a count; the order changes nothing at all."""
    few = [*FEW, FAST, "region.measure=4", "region.every=200"]
    base = run(tmp / "a", *few)
    for quantum in (0.05, 1, 1000):
        s = run(tmp / f"q{quantum}", *few, f"fidelity.quantum_us={quantum}")
        assert counted(s) == counted(base)
        near(s["time_per_token_s"], base["time_per_token_s"], 0.002)
    run(tmp / "b", *few, "run.shuffle=7", "run.check_protocol=true")
    for name in ("summary.json", "tokens.csv"):
        a, b = ((tmp / x / name).read_text() for x in "ab")
        if name.endswith(".json"):
            a, b = ({k: v for k, v in json.loads(x).items() if k != "wall_s"} for x in (a, b))
        assert a == b, name


def fast_real(tmp):
    """Real sizes on the GPU, where the memory is what takes the time, and several chips in turns with the GPU."""
    for words in (["kv=fp16", "precision=fp16"], ["precision=int8"]):
        event, s = (run(tmp / f"{name}{len(words)}", *GPU, *words, *more, config=REAL)
                    for name, more in (("event", []), ("fast", [FAST])))
        assert counted(s) == counted(event)
        near(s["time_per_token_s"], event["time_per_token_s"], 0.02)
    s = run(tmp / "chips", *FEW, FAST, "sme.chips=3", "map.gpu_layers=[2, 8]")
    adds_up(tmp / "chips", s)
    assert s["sme"]["mismatches"] == 0 and s["sme"]["checked"] > 0


def fast_stopped(tmp):
    """SIGINT ends a loosely timed run as any other: what is complete is kept."""
    stopped(tmp, FAST, "region.every=0", config=REAL)


CASES = [fast, fast_quantum, fast_real, fast_stopped, main_job, same_bytes, measured_times, real_sizes, thresholds, chips, clipped, stopped, wrong_digest, encrypted, prompt,
         shipped_configs, documented, strict, too_large]

if __name__ == "__main__":
    TRICYCLE = sys.argv[1]
    wanted = {case.__name__: case for case in CASES}[sys.argv[2]]
    with tempfile.TemporaryDirectory() as folder:
        wanted(pathlib.Path(folder))
