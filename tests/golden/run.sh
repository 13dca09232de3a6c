#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# run.sh TRICYCLE CASE_DIR [--update]: runs the case and compares it with (or makes it) the golden result.
set -euo pipefail
tricycle=$1
case_dir=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$tricycle" run "$case_dir/config.yaml" -o "$tmp/run" --quiet > /dev/null
if ! "$tricycle" check "$tmp/run" --golden "$case_dir" ${3:-}; then
  echo "If the change is meant: tests/golden/run.sh $tricycle $case_dir --update"
  exit 1
fi
