#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# Installs the build tree given, builds the foreign project against what was installed, runs both programs.
#   run.sh BUILD_DIR [CXX_FLAGS]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$1
flags=${2:-}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tricycle embed.XXXXXX")  # a path with a space, on purpose
trap 'rm -rf "$tmp"' EXIT
cmake --install "$build" --prefix "$tmp/prefix" > "$tmp/log"
cmake -S "$here/platform" -B "$tmp/build" -G Ninja -DCMAKE_PREFIX_PATH="$tmp/prefix" -DCMAKE_CXX_FLAGS="$flags" \
  -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF >> "$tmp/log" || { cat "$tmp/log"; exit 1; }
cmake --build "$tmp/build" >> "$tmp/log" || { cat "$tmp/log"; exit 1; }
"$tmp/build/platform" | grep "right$"
"$tmp/build/ring_platform" | grep "right$"
"$tmp/build/sme_platform" | grep "right$"
cd "$tmp"
printf 'model: counter\nsteps: 25\n' > counter.yaml
build/my_tricycle run counter.yaml -o out --quiet > /dev/null
grep '"steps": 25' out/summary.json
build/my_tricycle describe | grep allmod
printf 'model: counter\nstep: 25\n' > wrong.yaml
code=0
build/my_tricycle run wrong.yaml -o out2 2> wrong.txt || code=$?
[ "$code" -eq 2 ]
grep "did you mean 'steps'" wrong.txt
prefix/bin/tricycle --version > /dev/null
echo "the installed package works"
