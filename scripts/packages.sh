# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# Sourced by quickstart, test and bench: which Debian packages are needed, and how to get them.

PACKAGES_BUILD="g++ cmake ninja-build pkg-config git libsystemc-dev libboost-program-options-dev libyaml-cpp-dev
libspdlog-dev libgmp-dev nlohmann-json3-dev libssl-dev libprotobuf-dev protobuf-compiler libzstd-dev libboost-dev libsqlite3-dev libmuparser-dev
libpagmo-dev"
PACKAGES_PICTURES="gtkwave"  # vcd2fst; the viewer itself comes along
PACKAGES_TEST="libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev libsimde-dev python3 python3-protobuf python3-zstandard
slurm-wlm munge chromium"
PACKAGES_RTL="verilator iverilog yosys make"  # tests/rtl skips what is missing
PACKAGES_REPORT="python3 python3-plotly python3-pandas python3-jinja2"  # tricycle report
PACKAGES_FUZZ="clang libclang-rt-14-dev"  # libFuzzer; scripts/fuzz, skipped without
PACKAGES_STYLE="clang-format"

# need_packages NAME...: installs what is missing; as a normal user it says what to ask root for.
need_packages() {
  local missing=() p
  for p in "$@"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q "ok installed" || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "These Debian packages are missing; as root: apt-get install ${missing[*]}" >&2
    return 1
  fi
  echo "Installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# jobs: parallel compilations that cores and memory (1.5 GB each) allow.
jobs_allowed() {
  local cores mem
  cores=$(nproc)
  mem=$(awk '/MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
  [ "$mem" -lt 1 ] && mem=1
  [ "$mem" -lt "$cores" ] && echo "$mem" || echo "$cores"
}
