// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "sim/sweep/store.h"

namespace sim::sweep {

// The rows of a store as a table that pandas (and so Parquet) takes as it is: UTF-8, RFC 4180, one header
// line, numbers bare, true and false, empty for null. Columns: id, digest, folder, status, exit_code, wall_s,
// accepted, front, error; one an axis (axis.NAME); one an objective (objective.NAME); every scalar key of
// summary.json, nested ones with dots, lists as JSON. Columns do not depend on values: each key that any
// point has is one.
void write_csv(std::ostream& out, const Store& store, bool front_only);

}  // namespace sim::sweep
