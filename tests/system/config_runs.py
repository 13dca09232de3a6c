#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
"""Nothing under configs/ and models/ is left out: every configuration is accepted and belongs to a test that runs it, every model's page
has the sections that readers look for.

  config_runs.py TRICYCLE
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
# Who runs what is in a folder, whole or cut short. tech/ holds parts that others include.
RUN_BY = {"allmod": "allmod_runs.py shipped_configs", "ring": "ring_runs.py shipped_configs", "sme": "sme_runs.py shipped_configs",
          "sme/paper": "sme_runs.py paper_configs", "system": "report_runs.py system, system_runs.py"}
SECTIONS = ("Modelled", "Not modelled", "Latencies and their sources", "Statistics", "Validation")


def said(tricycle, folder, *words):
    done = subprocess.run([tricycle, *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stderr[-2000:]}"


def main():
    tricycle = pathlib.Path(sys.argv[1]).resolve()
    count = 0
    with tempfile.TemporaryDirectory(prefix="configs_") as scratch:
        for config in sorted(CONFIGS.rglob("*.yaml")):
            folder = str(config.parent.relative_to(CONFIGS))
            count += 1
            if folder.startswith("sweeps"):
                # Sweep files; and what they begin with (ring/mesh.yaml, nvswitch.yaml, pcie.yaml, torus.yaml).
                is_sweep = re.search(r"^sweep:", config.read_text(), re.M)
                said(tricycle, scratch, "sweep" if is_sweep else "run", config, "--dry-run")
            elif folder != "tech":
                assert folder in RUN_BY, f"no test runs the configurations of configs/{folder}; see RUN_BY"
                said(tricycle, scratch, "run", config, "--dry-run")
        assert count > 40, count
    for model in ("allmod", "sme", "ring", "system"):
        text = (ROOT / "models" / model / "README.md").read_text()
        missing = [s for s in SECTIONS if not re.search(rf"^## {s}", text, re.M)]
        assert not missing, f"models/{model}/README.md has no section {missing}"


if __name__ == "__main__":
    main()
