#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The Tricycle Authors
#
# short.sh FOLDER arguments of scripts/fuzz: as ctest runs it.
folder=$1
shift
exec /usr/bin/python3 -B "$(dirname "$0")/../../scripts/fuzz" --folder "$folder" --seconds "${TRICYCLE_FUZZ_SECONDS:-5}" "$@"
