#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""The trace tools and the Python reader on the committed samples: trace_runs.py TRICYCLE SUPPORT_FOLDER CASE"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = SOURCE / "traces" / "samples"
SAMPLE = SAMPLES / "v1_sample.tct"
PYTHON = SOURCE / "traces" / "python"


def tricycle(*words, expect=0):
    done = subprocess.run([TRICYCLE, *map(str, words)], capture_output=True, text=True,
                          env={**os.environ, "SYSTEMC_DISABLE_COPYRIGHT_MESSAGE": "1"})
    assert done.returncode == expect, f"{words}: exit {done.returncode}\n{done.stderr}{done.stdout}"
    return done.stdout


def dumped(*words):
    return [json.loads(line) for line in tricycle("trace", "dump", *words).splitlines()]


def samples_are_valid(tmp):
    """Every committed trace breaks no rule and is complete."""
    files = sorted(SAMPLES.glob("*.tct"))
    assert len(files) >= 2
    for line in tricycle("trace", "validate", *files).splitlines():
        assert ": valid, " in line and ", complete, " in line, line


def help_is_complete(tmp):
    """Each tool explains its options and exit codes, and the verb lists every tool."""
    text = tricycle("trace", "--help")
    tools = re.findall(r"^  (\w+) ", text, re.M)
    assert tools == ["info", "dump", "validate", "slice", "diff", "import", "export"]
    assert "  trace " in tricycle("--help")
    for tool in tools:
        text = tricycle("trace", tool, "--help")
        assert f"usage: tricycle trace {tool} " in text and "exit codes: 0 " in text, text
        assert max(map(len, text.splitlines())) <= 110, text


def dump_selects(tmp):
    """--records, --first and --count choose lines; numbers of records are those of the whole file."""
    everything = dumped(SAMPLE)
    assert [line["record"] for line in everything] == list(range(len(everything)))
    assert "header" in everything[0] and "footer" in everything[-1]
    counts = everything[-1]["footer"]["counts"]
    for kind, count in counts.items():
        assert sum(kind in line for line in everything) == count, kind
    assert dumped(SAMPLE, "--records", "token,mod_mul") == [x for x in everything if "token" in x or "mod_mul" in x]
    assert dumped(SAMPLE, "--first", 3, "--count", 2) == everything[3:5]
    assert dumped(SAMPLE, "--records", "token", "--first", 20, "--count", 1) == [
        next(x for x in everything[20:] if "token" in x)]
    assert dumped(SAMPLE, "--count", 0) == []


def slice_and_diff(tmp):
    """A slice is a valid trace with the range's tokens; a trace does not differ from itself."""
    out = tmp / "b.tct"
    assert "1 tokens" in tricycle("trace", "slice", SAMPLE, "--tokens", "1:2", "-o", out)
    tricycle("trace", "validate", out)
    assert [line["token"]["index"] for line in dumped(out, "--records", "token")] == [1]
    tricycle("trace", "slice", SAMPLE, "--tokens", ":", "-o", out, "--overwrite")
    assert out.read_bytes() == SAMPLE.read_bytes()
    assert "DIFFERENT" not in tricycle("trace", "diff", SAMPLE, out)
    tricycle("trace", "diff", "--exact", SAMPLE, out)


def python_reader(tmp):
    """The Python reader sees what dump prints, and refuses what is damaged."""
    sys.path.insert(0, str(PYTHON))
    import tricycle_trace
    records = list(tricycle_trace.read(SAMPLE))
    lines = dumped(SAMPLE)
    assert len(records) == len(lines)
    for record, line in zip(records, lines):
        kind = record.WhichOneof("kind")
        assert kind in line
        if kind == "token":
            assert list(record.token.layer_bits) == line["token"]["layer_bits"]
            assert record.token.time_ns == line["token"]["time_ns"]
        if kind == "gemv":
            assert record.gemv.activation_codes.hex() == line["gemv"]["activation_codes"]
            assert f"{record.gemv.result_digest:016x}" == line["gemv"]["result_digest"]
    assert records[-1].footer.digest.hex() in tricycle("trace", "info", SAMPLE)
    good = SAMPLE.read_bytes()
    for name, bytes_ in [("cut", good[:3000]), ("flipped", good[:1500] + b"\0" + good[1501:]), ("text", b"notes"),
                         ("empty", b""), ("later", good[:7] + b"\2" + good[8:]), ("more", good + good[8:])]:
        (tmp / name).write_bytes(bytes_)
        try:
            list(tricycle_trace.read(tmp / name))
            raise AssertionError(f"{name} was read")
        except tricycle_trace.TraceError as e:
            assert str(e).startswith(str(tmp / name)) and "the last good record is " in str(e), e


def plot_bits(tmp):
    """The example draws one rectangle for each stretch of equal bits."""
    out = tmp / "bits.svg"
    done = subprocess.run([sys.executable, PYTHON / "plot_bits.py", SAMPLE, "-o", out], capture_output=True, text=True,
                          check=True)
    assert "3 tokens, 2 layers" in done.stdout
    titles = [e.text for e in xml.etree.ElementTree.parse(out).iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["layer 0, tokens 0 to 2: 8 bit", "layer 1, tokens 0 to 0: 8 bit",
                      "layer 1, tokens 1 to 1: 4 bit", "layer 1, tokens 2 to 2: 8 bit"], titles
    done = subprocess.run([sys.executable, PYTHON / "plot_bits.py", tmp / "none", "-o", out], capture_output=True)
    assert done.returncode == 3


def documented(tmp):
    """FORMAT.md names every record kind and field, and its example of the first bytes is the sample's."""
    page = (SOURCE / "traces" / "FORMAT.md").read_text()
    schema = (SOURCE / "traces" / "schema" / "trace.proto").read_text()
    for kind in re.findall(r"^    \w+ (\w+) = \d+;", schema.partition("oneof kind")[2].partition("}")[0], re.M):
        assert f"`{kind}`" in page, kind
    hexes = re.search(r"```\n00000000: ((?:[0-9a-f]{2} )+)", page).group(1)
    assert SAMPLE.read_bytes().startswith(bytes.fromhex(hexes)), hexes


def samples_come_from_their_programs(tmp):
    """The programs that wrote the samples still write the same records."""
    for program, file in [("make_trace_sample", "v1_sample.tct"), ("make_paillier_sample", "paillier.tct")]:
        subprocess.run([SUPPORT / program, tmp / file], check=True)
        tricycle("trace", "diff", "--exact", SAMPLES / file, tmp / file)


CASES = [samples_are_valid, help_is_complete, dump_selects, slice_and_diff, python_reader, plot_bits, documented,
         samples_come_from_their_programs]

if __name__ == "__main__":
    TRICYCLE = sys.argv[1]
    SUPPORT = pathlib.Path(sys.argv[2])
    sys.dont_write_bytecode = True
    wanted = {case.__name__: case for case in CASES}[sys.argv[3]]
    with tempfile.TemporaryDirectory() as folder:
        wanted(pathlib.Path(folder))
