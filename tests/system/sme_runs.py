#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Whole runs of model sme through the command line. usage: sme_runs.py TRICYCLE CASE"""
import csv
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = SOURCE / "configs" / "sme"
MOBILENET = CONFIGS / "mobilenet_v2.yaml"
TRACE = CONFIGS / "trace_decode.yaml"
TRICYCLE = ""
# A small network on a small chip, for what does not depend on size.
SMALL = ["workload.network=resnet20_cifar", "workload.positions=6", "workload.values=2", "chip.banks=24"]


def run(out, *args, config=MOBILENET, expect=0):
    command = [TRICYCLE, "run", str(config), "-o", str(out), "--quiet", *args]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == expect, f"{command}: exit {done.returncode}, not {expect}\n{done.stdout}{done.stderr}"
    return done


def sets(*words):
    return [part for word in words for part in ("--set", word)]


def summary(out):
    return json.loads((out / "summary.json").read_text())


def stats(out):
    return json.loads((out / "stats.json").read_text())["stats"]


def stripped(path):
    """The bytes that must be equal in two runs of the same input."""
    if path.name in ("summary.json", "stats.json"):
        data = json.loads(path.read_text())
        for holder in (data, data.get("run", {})):
            holder.pop("wall_s", None)
        return json.dumps(data)
    return path.read_bytes()


def compare_folders(a, b, leave_out=()):
    names = {p.name for p in a.iterdir()}
    assert names == {p.name for p in b.iterdir()}
    for name in sorted(names - {"manifest.json", "run.log", *leave_out}):
        assert stripped(a / name) == stripped(b / name), f"{name} differs between {a} and {b}"


def shipped_configs(tmp):
    """Every configuration runs, with fewer products than shipped, and does not need data from elsewhere."""
    wanted = {"mobilenet_v2.yaml", "resnet50_synthetic.yaml", "trace_decode.yaml"}
    configs = sorted(CONFIGS.glob("*.yaml"))
    assert wanted <= {c.name for c in configs}
    for config in configs:
        replays = "trace:" in config.read_text()
        run(tmp / config.stem, *sets("workload.count=3" if replays else "workload.positions=5", "workload.values=1"),
            config=config)
        s = summary(tmp / config.stem)
        assert s["partial"] is False and s["gemvs"] > 0 and s["energy_j"]["total"] > 0, config
        assert len(s["layers"]) > 10 and all(layer["cycles"] > 0 for layer in s["layers"]), config


def paper_configs(tmp):
    """So does every configuration of the reproduction page; crossbars do not depend on how many products are run."""
    configs = sorted((CONFIGS / "paper").glob("*.yaml"))
    assert len(configs) >= 10
    for config in configs:
        run(tmp / config.stem, *sets("workload.positions=1"), config=config)
        s = summary(tmp / config.stem)
        assert s["crossbars_used"] > 0 and s["energy_j"]["total"] > 0, config
    # Shapes alone decide these: the paper's 8.7 on ResNet-50 has this bound without pruning.
    assert summary(tmp / "fig7_isaac")["crossbars_conventional"] == 12504
    assert summary(tmp / "headline_resnet50")["crossbars_used"] == 1576
    assert summary(tmp / "fig8_conventional")["crossbars_conventional"] == 5472


def same_bytes(tmp):
    """Two runs, a run of the configuration that a run wrote, and a run in another order: the same bytes."""
    small = sets(*SMALL, "chip.schedule=streamed")
    run(tmp / "a", *small, "--record", "perfetto")
    run(tmp / "b", *small, "--record", "perfetto")
    compare_folders(tmp / "a", tmp / "b")
    run(tmp / "c", config=tmp / "a" / "config.yaml")
    compare_folders(tmp / "a", tmp / "c")
    run(tmp / "d", *small, *sets("run.shuffle=99"))
    a, d = summary(tmp / "a"), summary(tmp / "d")
    assert {k: v for k, v in a.items() if k not in ("wall_s", "config_digest")} == \
        {k: v for k, v in d.items() if k not in ("wall_s", "config_digest")}
    assert stats(tmp / "a") == stats(tmp / "d")


def same_cycles_at_every_level(tmp):
    """event and clocked, all policies: the same results and statistics."""
    for number, more in enumerate((["chip.arbiter=oldest"], ["chip.schedule=streamed", "chip.arbiter=results_first"],
                                   ["chip.placement=dense", "chip.bank_order=spread", "squeeze.degree=2"],
                                   ["sign=differential", "chip.banks=8", "chip.window=1"])):
        found = []
        for detail in ("event", "clocked"):
            out = tmp / f"{number}{detail}"
            run(out, *sets(*SMALL, "workload.positions=3", *more, f"fidelity.detail={detail}"))
            s = summary(out)
            found.append(({k: v for k, v in s.items() if k not in ("wall_s", "config_digest")}, stats(out)))
        assert found[0] == found[1], more


def trace_equals_digests(tmp):
    """Exact ADCs give the sums that the GPU wrote; the paper's 6 bits give others, which are counted."""
    run(tmp / "a", *sets("workload.count=10"), config=TRACE)
    s = summary(tmp / "a")
    assert s["results_checked"] == 99 and s["result_mismatches"] == 0 and s["adc_clips"] == 0
    assert s["max_abs_error"] == 0 and s["gemvs"] == 330 and len(s["tokens"]) == 10
    assert s["trace_digest"] and s["weights"] == "trace" and s["seed"] is None
    # 50 rows in use of each conversion would fit; 3 bits do not.
    run(tmp / "b", *sets("workload.count=2", "adc.bits=3"), config=TRACE)
    b = summary(tmp / "b")
    assert b["adc_clips"] > 0 and b["result_mismatches"] > 0 and b["max_abs_error"] > 0
    # In every sign mode, and in every order.
    for sign in ("magnitude", "offset"):
        run(tmp / sign, *sets("workload.count=1", f"sign={sign}"), config=TRACE)
        assert summary(tmp / sign)["result_mismatches"] == 0 and summary(tmp / sign)["results_checked"] == 33


def changed_trace(tricycle, tmp):
    """The first token of decode.tct, with the digest of its seventh product changed."""
    sys.path.insert(0, str(SOURCE / "traces" / "python"))
    import hashlib
    import tricycle_trace
    import zstandard
    whole, changed = tmp / "whole.tct", tmp / "changed.tct"
    subprocess.run([tricycle, "trace", "slice", str(SOURCE / "traces/samples/decode.tct"), "--tokens", "0:1", "-o",
                    str(whole)], check=True, capture_output=True)
    framed, gemvs = b"", 0
    out = bytearray(whole.read_bytes()[:8])
    for record in tricycle_trace.read(whole):
        if record.WhichOneof("kind") == "gemv":
            gemvs += 1
            if gemvs == 7:
                record.gemv.result_digest ^= 1
        if record.WhichOneof("kind") == "footer":
            record.footer.digest = hashlib.sha256(framed).digest()
        body = record.SerializeToString(deterministic=True)
        size, length = len(body), b""
        while size >= 128:
            length, size = length + bytes([size & 127 | 128]), size >> 7
        body = length + bytes([size]) + body
        framed += body
        out += zstandard.ZstdCompressor(write_checksum=True).compress(body)
    changed.write_bytes(out)
    return changed


def wrong_digest(tmp):
    """A trace with one digest changed: exit code 4, with the token and the matrix; the results are kept."""
    changed = changed_trace(TRICYCLE, tmp)
    exact = sets(f"workload.trace={changed}")
    done = run(tmp / "a", *exact, config=TRACE, expect=4)
    assert "1 of 33 products differ" in done.stderr and "layer1.gate_up_proj" in done.stderr, done.stderr
    assert summary(tmp / "a")["result_mismatches"] == 1
    run(tmp / "b", *exact, *sets("squeeze.degree=1"), config=TRACE)  # squeezing loses bits: counted, not refused


def attention(tmp):
    """Products of queries and codebooks on the crossbars: more of everything, the sums of the rest unchanged."""
    few = sets("workload.count=3", "workload.first=150", "chip.skip_empty_rows=true")
    run(tmp / "a", *few, config=TRACE)
    run(tmp / "b", *few, *sets("attention.crossbar=true"), config=TRACE)
    a, b = summary(tmp / "a"), summary(tmp / "b")
    assert a["attention_gemvs"] is None and b["attention_gemvs"] > 0
    assert b["macs"] > a["macs"] and b["energy_j"]["total"] > a["energy_j"]["total"] and b["sim_cycles"] > a["sim_cycles"]
    assert b["result_mismatches"] == 0 and b["results_checked"] == a["results_checked"]
    assert {layer["name"] for layer in b["layers"]} > {layer["name"] for layer in a["layers"]}
    assert sum(t["macs"] for t in b["tokens"]) == b["macs"]
    run(tmp / "c", *sets("workload.count=1", "attention.crossbar=true"), config=TRACE)
    assert summary(tmp / "c")["energy_j"]["dac"] > 0


def int4_takes_less_energy(tmp):
    """Energy a token falls with the layers that FlexQuant switched to INT4."""
    run(tmp / "a", *sets("fidelity.value=none"), config=TRACE)
    tokens = summary(tmp / "a")["tokens"]
    assert len(tokens) == 192
    by_layers = {}
    for token in tokens:
        by_layers.setdefault(token["int4_layers"], set()).add(token["energy_j"])
    assert 0 in by_layers and max(by_layers) >= 4
    energies = [by_layers[n] for n in sorted(by_layers)]
    for less, more in zip(energies, energies[1:]):
        assert max(more) < min(less)
    assert summary(tmp / "a")["results_checked"] == 0
    total = sum(t["energy_j"] for t in tokens)
    assert math.isclose(total, summary(tmp / "a")["energy_j"]["total"], rel_tol=1e-9)
    run(tmp / "b", *sets("workload.count=5", "workload.first=187", "fidelity.value=none"), config=TRACE)
    assert [t["index"] for t in summary(tmp / "b")["tokens"]] == [t["index"] for t in tokens][187:]


def real_weights(tmp):
    """The counts that the reference rules give for the real MobileNet-v2."""
    data = os.environ.get("TRICYCLE_DATA", "")
    if not data:
        print("TRICYCLE_DATA is not set: no real weights")
        sys.exit(77)
    weights = f"workload.weights={data}/weights/mobilenet_v2_1.0_224.safetensors"
    for degree, used in ((0, 2803), (1, 2506), (2, 2154), (3, 1800)):
        out = tmp / f"d{degree}"
        run(out, *sets(weights, "workload.positions=1", "workload.values=1", f"squeeze.degree={degree}"))
        s = summary(out)
        assert (s["crossbars_conventional"], s["crossbars_bit_sliced"], s["crossbars_used"]) == (2453, 2880, used), s
        assert s["weights"] == "file" and sum(layer["crossbars_used"] for layer in s["layers"]) == used
        assert (s["max_abs_error"] > 0) == (degree > 0)
    wrong = run(tmp / "e", *sets(weights, "workload.network=resnet50"), expect=3)
    assert "resnet50" in wrong.stderr


def energy_adds_up(tmp):
    """Components, layers and the whole add up; more work takes more of it."""
    run(tmp / "a", *sets(*SMALL, "squeeze.degree=1"))
    s = summary(tmp / "a")
    parts = [k for k in s["energy_j"] if k != "total"]
    assert len(parts) == 15
    assert math.isclose(sum(s["energy_j"][p] for p in parts), s["energy_j"]["total"], rel_tol=1e-12)
    for key in (*parts, "total"):
        assert math.isclose(sum(layer["energy_j"][key] for layer in s["layers"]), s["energy_j"][key], rel_tol=1e-9,
                            abs_tol=1e-30), key
    for key in ("macs", "gemvs", "crossbars_conventional", "crossbars_used", "adc_clips"):
        assert sum(layer[key] for layer in s["layers"]) == s[key], key
    assert math.isclose(sum(s["area_by_component_mm2"].values()), s["area_mm2"], rel_tol=1e-12)
    assert sum(layer["cycles"] for layer in s["layers"]) + 1 == s["sim_cycles"]  # the first edge is number 1
    assert s["rcmr_bytes"] > 0 and s["energy_j"]["rcmr"] > 0
    run(tmp / "b", *sets(*SMALL, "squeeze.degree=1", "workload.count=3"))
    assert math.isclose(summary(tmp / "b")["energy_j"]["total"], 3 * s["energy_j"]["total"], rel_tol=1e-9)
    # A table of technology of one's own reaches the result.
    tech = tmp / "tech.yaml"
    tech.write_text(f"include: [{MOBILENET}, {SOURCE}/configs/tech/reram_32nm.yaml]\n")
    run(tmp / "c", *sets(*SMALL, "squeeze.degree=1"), config=tech)
    assert summary(tmp / "c")["energy_j"] == s["energy_j"]
    run(tmp / "d", *sets(*SMALL, "squeeze.degree=1", "tech.adc_mw=10.28"))
    assert math.isclose(summary(tmp / "d")["energy_j"]["adc"], 2 * s["energy_j"]["adc"], rel_tol=1e-12)


def reload(tmp):
    """More weights than crossbars: rounds, written in the run, with time and energy; refused with reload=false."""
    small = [*SMALL, "chip.placement=dense"]
    run(tmp / "a", *sets(*small, "chip.banks=2"))
    a = summary(tmp / "a")
    assert a["chip"]["rounds"] > 1 and a["energy_j"]["write"] > 0 and a["programming"]["in_run"] is True
    assert sum(layer["write_cycles"] for layer in a["layers"]) > 0 and a["programming"]["runs_until_worn"] == 1e8
    run(tmp / "b", *sets(*small))
    b = summary(tmp / "b")
    assert b["chip"]["rounds"] == 1 and b["energy_j"]["write"] == 0 and b["programming"]["energy_j"] > 0
    assert a["macs"] == b["macs"] and a["adc_clips"] == b["adc_clips"] and a["max_abs_error"] == b["max_abs_error"]
    refused = run(tmp / "c", *sets(*small, "chip.banks=2", "reload=false"), expect=2)
    assert "chip.banks" in refused.stderr and "reload" in refused.stderr


def placements(tmp):
    """Denser placements take fewer CUs; the same products, the same ADC work."""
    found = {}
    for placement in ("per_tile", "whole", "dense"):
        run(tmp / placement, *sets(*SMALL, "squeeze.degree=2", f"chip.placement={placement}", "chip.banks=48"))
        found[placement] = summary(tmp / placement)
    units = [found[p]["chip"]["units_used"] for p in ("per_tile", "whole", "dense")]
    assert units == sorted(units, reverse=True) and units[0] > units[2], units
    assert len({f["energy_j"]["adc"] for f in found.values()}) == 1
    assert len({f["macs"] for f in found.values()}) == 1


def pictures(tmp):
    """The heat map and the table of ADCs are there and right."""
    run(tmp / "a", *sets(*SMALL, "sign=differential"))
    s = summary(tmp / "a")
    root = xml.etree.ElementTree.parse(tmp / "a" / "occupancy.svg").getroot()
    titles = [t.text for t in root.iter("{http://www.w3.org/2000/svg}title")]
    assert sum("plane" in t for t in titles) == len(s["layers"]) * 16
    with open(tmp / "a" / "utilisation.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == s["chip"]["crossbars_placed"]
    conversions = sum(int(r["conversions"]) for r in rows)
    pj = 5.14 / 8 / 1.2
    assert math.isclose(conversions * pj * 1e-12, s["energy_j"]["adc"], rel_tol=1e-9)
    assert all(0 < float(r["utilisation"]) <= 1 for r in rows)


def recordings(tmp):
    """The timeline holds every product of every CU, and no CU's results overlap on the bus."""
    run(tmp / "a", "--record", "perfetto", *sets(*SMALL, "workload.positions=2"))
    trace = json.loads((tmp / "a" / "timeline.json").read_text())
    spans = [e for e in trace["traceEvents"] if e["ph"] == "X"]
    products = sum(b["products"]["value"] for b in stats(tmp / "a")["sme"]["banks"])
    assert sum(e["name"] == "product" for e in spans) == products > 0
    assert sum(e["name"] == "inputs" for e in spans) > products
    layers = {layer["name"] for layer in summary(tmp / "a")["layers"]}
    assert layers <= {e["name"] for e in spans}


def documented(tmp):
    """The README of the model holds the register map and the statistics that the program describes."""
    text = subprocess.run([TRICYCLE, "describe", "sme"], capture_output=True, text=True, check=True).stdout
    readme = (SOURCE / "models" / "sme" / "README.md").read_text()
    registers = [line for line in text.partition("REGISTER MAP")[2].splitlines() if line.startswith("| ")]
    assert len(registers) > 20
    for line in registers:
        assert line in readme, f"models/sme/README.md lacks: {line}"
    for line in text.partition("STATISTICS")[2].partition("KEYS OF")[0].splitlines()[1:]:
        for word in line.split()[:1]:
            assert f"`{word}`" in readme, f"models/sme/README.md lacks the statistic {word}"
    keys = text.partition("KEYS OF")[2]
    run(tmp / "a", *sets(*SMALL))

    def walk(value, path):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from walk(inner, f"{path}.{key}" if path else key)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from walk(value[0], path + "[]")
        else:
            yield path
    for key in walk({k: v for k, v in summary(tmp / "a").items() if k not in ("region", "tokens")}, ""):
        if key in ("model", "version", "config_digest", "trace_digest", "partial", "sim_cycles", "sim_time_s", "wall_s", "seed"):
            continue
        assert key in keys, f"`tricycle describe sme` lacks the key {key}"


def strict(tmp):
    """--strict refuses assumed values that the run rests on, and only those."""
    done = run(tmp / "a", "--strict", *sets(*SMALL), expect=2)
    assert "chip.chip_bus_bytes" in done.stderr and "tech.rcmr" not in done.stderr, done.stderr
    assert "tech.adc_mw" not in done.stderr  # the paper's


CASES = [shipped_configs, paper_configs, same_bytes, same_cycles_at_every_level, trace_equals_digests, int4_takes_less_energy,
         real_weights, documented, strict, wrong_digest, attention, recordings, energy_adds_up, reload, placements, pictures]

if __name__ == "__main__":
    TRICYCLE = sys.argv[1]
    wanted = {case.__name__: case for case in CASES}[sys.argv[2]]
    with tempfile.TemporaryDirectory() as folder:
        wanted(pathlib.Path(folder))
