#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Whole runs of model allmod through the command line. usage: allmod_runs.py TRICYCLE CASE"""
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = SOURCE / "configs" / "allmod"
HYBRID = CONFIGS / "n128_hybrid.yaml"
TRICYCLE = ""


def run(out, *args, config=HYBRID, expect=0):
    command = [TRICYCLE, "run", str(config), "-o", str(out), "--quiet", *args]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == expect, f"{command}: exit {done.returncode}, not {expect}\n{done.stdout}{done.stderr}"
    return done


def sets(**settings):
    return [word for key, value in settings.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]


def summary(out):
    return json.loads((out / "summary.json").read_text())


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
    """Every configuration runs, with fewer operands than shipped, and every result is right."""
    configs = sorted(CONFIGS.glob("*.yaml"))
    assert len(configs) >= 5
    for config in configs:
        text = config.read_text()
        short = [] if "source: chain" in text or "source: trace" in text else sets(workload__count=3000)
        run(tmp / config.stem, *short, config=config)
        s = summary(tmp / config.stem)
        assert s["mismatches"] == 0 and s["partial"] is False and s["reductions"] == s["workload_reductions"], config


def same_bytes(tmp):
    """Two runs, a run of the configuration that a run wrote, and a run in another order: the same bytes."""
    busy = sets(workload__count=3000, workload__input_stall__kind="random", workload__output_stall__kind="burst",
                design__lanes=3)
    run(tmp / "a", *busy, "--record", "perfetto,vcd", *sets(record__to_cycle=300))
    run(tmp / "b", *busy, "--record", "perfetto,vcd", *sets(record__to_cycle=300))
    compare_folders(tmp / "a", tmp / "b")
    run(tmp / "c", config=tmp / "a" / "config.yaml")
    compare_folders(tmp / "a", tmp / "c")
    run(tmp / "d", *busy, *sets(run__shuffle=99, fidelity__detail="clocked"))
    run(tmp / "e", *busy, *sets(fidelity__detail="clocked"))
    compare_folders(tmp / "d", tmp / "e", leave_out=("config.yaml",))


def same_cycles_at_every_level(tmp):
    """event and clocked, both stall policies, all forms: the same statistics."""
    for form in ("pipelined", "template", "template_literal", "serial", "iterative", "barrett", "montgomery"):
        odd = {"modulus__kind": "rsa_like"} if form == "montgomery" else {}
        slow = {"design__multiplier__digit": 16} if form in ("barrett", "montgomery") else {}
        for stall in ("elastic", "global"):
            found = []
            for detail in ("event", "clocked"):
                settings = {"workload__count": 2000, "design__form": form, "design__stall": stall,
                            "design__p": "auto", "design__e": "auto", "design__m": "balanced",
                            "fidelity__detail": detail, "workload__source": "adversarial",
                            "workload__input_stall__kind": "random", "workload__output_stall__kind": "random", **odd, **slow}
                out = tmp / f"{form}_{stall}_{detail}"
                run(out, *sets(**settings))
                found.append((summary(out)["sim_cycles"], summary(out)["extra_adjustments"],
                              summary(out)["literal_errors"], json.loads((out / "stats.json").read_text())["stats"]))
                assert summary(out)["mismatches"] == 0
            assert found[0] == found[1], f"{form} {stall}"
            assert (found[0][2] is None) == (form != "template_literal")


def lazy_values(tmp):
    """Results by GMP: the same cycles, nothing compared, no tables, also where tables would not fit."""
    for form, more in (("pipelined", {}), ("serial", {"design__t": 2}), ("barrett", {"design__multiplier__digit": 16})):
        settings = sets(design__form=form, design__p="auto", design__e="auto", design__m="balanced",
                        workload__count=3000, workload__input_stall__kind="random", **more)
        run(tmp / f"{form}_true", *settings)
        run(tmp / f"{form}_lazy", *settings, *sets(fidelity__value="lazy"))
        true, lazy = summary(tmp / f"{form}_true"), summary(tmp / f"{form}_lazy")
        assert true["mismatches"] == 0 and lazy["mismatches"] is None and lazy["extra_adjustments"] is None
        assert lazy["table_bytes"] == 0 and lazy["sim_cycles"] == true["sim_cycles"]
        assert lazy["reductions"] == true["reductions"] == 3000
        stats = [json.loads((tmp / f"{form}_{value}" / "stats.json").read_text())["stats"] for value in ("true", "lazy")]
        assert stats[0] == stats[1]
    run(tmp / "large", *sets(design__n=8192, design__w=20, design__p="auto", design__m=0, design__e=0,
                             fidelity__value="lazy", workload__count=2000))
    assert summary(tmp / "large")["reductions"] == 2000
    run(tmp / "waves", "--record", "vcd", *sets(fidelity__value="lazy", workload__count=50))
    header = (tmp / "waves" / "waves.vcd").read_text().partition("$enddefinitions")[0]
    assert "out_data" in header and " t0 " not in header


def large_serial(tmp):
    """8,192 bits: every result right, within 2 GiB."""
    run(tmp / "n8192", *sets(workload__count=1000), config=CONFIGS / "n8192_serial.yaml")
    s = summary(tmp / "n8192")
    assert s["n"] == 8192 and s["mismatches"] == 0 and s["reductions"] == s["workload_reductions"] == 1000
    assert s["ii_cycles"] == 171 and s["latency_cycles"] == 185
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 << 20  # KiB


def literal_drawing_is_wrong(tmp):
    """Just above 2^(n-1) the authors' drawing gets a good share of the answers wrong, ours none."""
    near = sets(design__form="template_literal", design__p="auto", design__e="auto", design__m="balanced",
                modulus__kind="pow2_plus1", workload__count=5000)
    run(tmp / "literal", *near)
    assert summary(tmp / "literal")["literal_errors"] > 100
    run(tmp / "repaired", *near, *sets(design__form="template"))
    assert summary(tmp / "repaired")["literal_errors"] is None
    assert summary(tmp / "repaired")["extra_adjustments"] > 100


def recordings(tmp):
    """The timeline is valid and holds every reduction of its window; the waveform's signals move."""
    run(tmp / "r", "--record", "perfetto,vcd", *sets(workload__count=400))
    trace = json.loads((tmp / "r" / "timeline.json").read_text())
    spans = [e for e in trace["traceEvents"] if e["ph"] == "X"]
    stages = 12
    assert len(spans) == 400 * stages, len(spans)
    assert all(e["dur"] > 0 for e in spans)
    vcd = (tmp / "r" / "waves.vcd").read_text()
    header, _, body = vcd.partition("$enddefinitions")
    assert "$scope module lane0" in header
    codes = {}
    for line in header.splitlines():
        words = line.split()
        if words[:1] == ["$var"]:
            codes[words[3]] = words[4]
    values = {name: set() for name in codes.values()}
    for line in body.splitlines():
        if line[:1] in "01":
            values[codes[line[1:]]].add(line[0])
        elif line[:1] == "b":
            value, code = line[1:].split()
            values[codes[code]].add(value)
    assert len(values["in_data"]) > 300 and len(values["out_data"]) > 300
    assert values["out_valid"] == {"0", "1"}
    event = run(tmp / "e", "--record", "perfetto", *sets(workload__count=400))
    spans = [e for e in json.loads((tmp / "e" / "timeline.json").read_text())["traceEvents"] if e["ph"] == "X"]
    assert len(spans) == 400 and event.returncode == 0


def sampling(tmp):
    """Measuring a part predicts the whole: the full run lies within three half widths, and the share is named."""
    noisy = sets(workload__count=60000, workload__input_stall__kind="random", workload__input_stall__share=0.4,
                 workload__output_stall__kind="random")
    run(tmp / "full", *noisy)
    full = summary(tmp / "full")
    assert full["region"] is None and full["workload_cycles"] == full["sim_cycles"]
    run(tmp / "part", *noisy, *sets(region__skip=1000, region__warmup=100, region__measure=400, region__every=5000))
    part = summary(tmp / "part")
    region = part["region"]
    assert part["reductions"] == 12 * 500 and part["workload_reductions"] == 60000
    assert abs(region["share"] - 12 * 400 / 60000) < 1e-9 and region["windows"] == 12
    assert "workload_cycles" in region["extrapolated"]
    error = abs(part["workload_cycles"] - full["workload_cycles"])
    assert 0 < region["ci95"] < 0.05 * full["workload_cycles"]
    assert error < 3 * region["ci95"], (part["workload_cycles"], full["workload_cycles"], region["ci95"])


def socket(tmp):
    """Through the TLM-2.0 socket, with the protocol checker on: the same results, none lost."""
    for lanes in (1, 3):
        run(tmp / f"s{lanes}", *sets(workload__port="socket", run__check_protocol="true", workload__count=2000,
                                     design__lanes=lanes))
        s = summary(tmp / f"s{lanes}")
        assert s["mismatches"] == 0 and s["reductions"] == 2000
        assert any(a.startswith("host.") for a in s["assumed_settings"])


def operand_files(tmp):
    """Hexadecimal lines and CSV with a column x give the same operands; the report counts them all."""
    values = [0, 1, 0xffff, 0x8001 * 0x7fff, 2**32 - 1, 12345678]
    (tmp / "x.hex").write_text("# six operands\n" + "".join(f"{v:#x}\n" for v in values))
    (tmp / "x.csv").write_text("id,x\n" + "".join(f"{i},{v:x}\n" for i, v in enumerate(values)))
    for name in ("x.hex", "x.csv"):
        settings = dict(design__n=16, design__m="balanced", design__p="auto", design__e="auto",
                        workload__source="file", workload__file=tmp / name, workload__count="all")
        run(tmp / name.replace(".", "_"), *sets(**settings))
    compare_folders(tmp / "x_hex", tmp / "x_csv", leave_out=("config.yaml", "summary.json", "stats.json", "summary.txt"))
    assert summary(tmp / "x_hex")["reductions"] == summary(tmp / "x_csv")["reductions"] == len(values)


def documented(tmp):
    """The README of the model holds the register map and the statistics that the program describes."""
    text = subprocess.run([TRICYCLE, "describe", "allmod"], capture_output=True, text=True, check=True).stdout
    readme = (SOURCE / "models" / "allmod" / "README.md").read_text()
    registers = [line for line in text.partition("REGISTER MAP")[2].splitlines() if line.startswith("| ")]
    assert len(registers) > 12
    for line in registers:
        assert line in readme, f"models/allmod/README.md lacks: {line}"
    for line in text.partition("STATISTICS")[2].partition("KEYS OF")[0].splitlines()[1:]:
        for word in line.split()[:1]:
            assert f"`{word}`" in readme, f"models/allmod/README.md lacks the statistic {word}"


def strict(tmp):
    """--strict refuses assumed values, takes annotated ones; a stream run does not rest on the bus timing."""
    done = run(tmp / "a", "--strict", expect=2)
    assert "clock_mhz" in done.stderr and "host." not in done.stderr, done.stderr
    assert "cost.device.lut_level_ns" in done.stderr, done.stderr  # area and f_max rest on it
    assert not (tmp / "a").exists()
    given = []
    for path, value in [("clock_mhz", 250), ("cost.device.lut_level_ns", 0.4), ("cost.device.bram_ns", 1.5)]:
        assert path in done.stderr, done.stderr
        given += ["--set", f"{path}={{value: {value}, provenance: measured, source: our board}}"]
    run(tmp / "b", "--strict", *given)


def debug_bounds(tmp):
    """A long adversarial run: in builds with assertions every register is checked against its bound."""
    for design in (dict(design__m=0, design__p=0, design__e=0), dict(design__m=9, design__p=4, design__e=2),
                   dict(design__rho=3), dict(design__segment=40, design__r=1)):
        out = tmp / "r"
        run(out, "--overwrite", *sets(workload__source="adversarial", workload__count=1500, **design))
        assert summary(out)["mismatches"] == 0
    for form, more in (("serial", dict(design__t=3, design__u=2)), ("serial", dict(design__m=0)), ("iterative", {}),
                       ("barrett", {}), ("montgomery", dict(modulus__kind="rsa_like"))):
        settings = dict(design__form=form, design__m="balanced", design__p="auto", design__e="auto")
        run(out, "--overwrite", *sets(workload__source="adversarial", workload__count=1500, **{**settings, **more}))
        assert summary(out)["mismatches"] == 0
    run(out, "--overwrite", *sets(workload__source="adversarial", workload__count=1500, design__eager="true",
                                  design__p="auto", design__e="auto"))
    assert summary(out)["mismatches"] == 0


def chains(tmp):
    """Programs of dependent multiplications: the same cycles at every level of detail, outputs as mpz_powm's."""
    for kind in ("power", "encrypted_layer", "product_tree"):
        found = []
        for detail in ("event", "clocked"):
            out = tmp / f"{kind}_{detail}"
            settings = dict(design__n=255, design__lanes=3, modulus__kind="bls12_381_r", fidelity__detail=detail,
                            workload__source="chain", workload__count=10000, workload__chain__kind=kind,
                            workload__chain__multiplier__digit=32)
            run(out, *sets(**settings))
            s = summary(out)
            assert s["mismatches"] == 0 and s["chain"]["wrong_outputs"] == 0
            assert s["reductions"] == s["chain"]["operations"] >= s["chain"]["depth"] > 1
            found.append(s["sim_cycles"])
        assert found[0] == found[1], (kind, found)
    run(tmp / "switch", config=CONFIGS / "modulus_switch.yaml")
    s = summary(tmp / "switch")
    words = s["table_bytes"] // 8
    assert s["modulus_loads"] == 4 and s["modulus_load_cycles"] > 3.8 * words > 0


def trace_replay(tmp):
    """Encrypted layers of a trace: the same cycles at every level; the run's own configuration finds the trace again."""
    config = CONFIGS / "trace_paillier.yaml"
    run(tmp / "a", config=config)
    a = summary(tmp / "a")
    trace = a["trace"]
    assert a["mismatches"] == 0 and a["chain"]["wrong_outputs"] == 0 and len(a["trace_digest"]) == 64
    assert a["reductions"] == trace["multiplications"] == sum(p["multiplications"] for p in trace["layers"])
    scaled = sum(p["multiplications"] * p["population"] for p in trace["layers"])
    assert trace["layer_multiplications"] == scaled
    assert abs(trace["layer_cycles"] / a["sim_cycles"] - scaled / trace["multiplications"]) < 1e-6 * scaled
    assert a["region"]["extrapolated"] == ["trace.layer_multiplications", "trace.layer_cycles"]
    assert abs(a["region"]["share"] - trace["multiplications"] / scaled) < 1e-12
    # From the trained model: every matrix of two tokens at INT8, and of each layer's first token at INT4, where the
    # same powers and products are fewer.
    assert trace["parts"] == trace["parts_in_trace"]
    of = {bits: [(p["layer"], p["matrix"]) for p in trace["layers"] if p["weight_bits"] == bits] for bits in (4, 8)}
    mean = {bits: statistics.mean(p["multiplications"] for p in trace["layers"] if p["weight_bits"] == bits) for bits in of}
    assert len(set(of[8])) == 8 * 4 + 1 and sorted(of[8]) == sorted(2 * list(set(of[8])))
    assert sorted(of[4]) == sorted(m for m in set(of[8]) if m[1] != "lm_head") and mean[4] < 0.5 * mean[8]
    run(tmp / "b", config=tmp / "a" / "config.yaml")
    compare_folders(tmp / "a", tmp / "b", leave_out=("config.yaml",))
    run(tmp / "c", *sets(fidelity__detail="clocked"), config=config)
    assert summary(tmp / "c")["sim_cycles"] == a["sim_cycles"]
    run(tmp / "d", *sets(workload__replay__first=3, workload__replay__parts="all"), config=config)
    d = summary(tmp / "d")["trace"]
    assert d["layers"] == trace["layers"][3:] and d["parts_in_trace"] == trace["parts"]
    run(tmp / "e", *sets(workload__trace=SOURCE / "traces" / "samples" / "paillier.tct"), config=config)
    by_bits = {p["weight_bits"]: p["multiplications"] for p in summary(tmp / "e")["trace"]["layers"]}
    assert by_bits[4] < by_bits[8]  # fewer bits, fewer multiplications


def cost(tmp):
    """Totals are the sums of the parts; the device file changes nothing; settings of the cost move the cost only."""
    keys = ("lut_sites", "ff", "bram36")
    run(tmp / "a")
    base = summary(tmp / "a")
    for key in keys:
        assert base[key] == sum(part[key] for part in base["area"].values()), key
    assert abs(base["area_efficiency"] * base["lut_sites"] - 1e9) < 1 and base["area_scalar"] is None
    assert [point["name"] for point in base["end_points"]] == ["lazy all-LUT", "pure iterative", "iterative, folded",
                                                               "deep-ROM lane"]
    device = tmp / "device.yaml"
    device.write_text(f"include: [{HYBRID}, {SOURCE}/configs/tech/fpga_7series.yaml]\n")
    run(tmp / "b", config=device)
    same = summary(tmp / "b")
    assert all(same[key] == base[key] for key in keys + ("fmax_mhz", "area", "end_points"))
    run(tmp / "c", *sets(cost__rom="bram", cost__scalar="true", design__lanes=2))
    other = summary(tmp / "c")
    assert other["bram36"] > 0 and other["lut_sites"] < 2 * base["lut_sites"]
    assert other["area_scalar"] == other["lut_sites"] + 547 * other["bram36"]
    assert other["latency_cycles"] == base["latency_cycles"] and other["mismatches"] == 0


CASES = [cost, chains, trace_replay, shipped_configs, same_bytes, same_cycles_at_every_level, literal_drawing_is_wrong, recordings,
         sampling, socket, operand_files, documented, strict, debug_bounds, lazy_values, large_serial]

if __name__ == "__main__":
    TRICYCLE = sys.argv[1]
    wanted = {case.__name__: case for case in CASES}[sys.argv[2]]
    with tempfile.TemporaryDirectory() as folder:
        wanted(pathlib.Path(folder))
