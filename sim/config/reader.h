// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>

#include "sim/config/diagnostics.h"
#include "sim/config/document.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"

namespace sim::config {

Resolved read_fields(const Document& document, const std::function<void(Visitor&)>& fields,
                     Diagnostics& diagnostics);

// Reads the document into `root`, whose present values are the defaults. Everything wrong is collected in
// one pass: unknown keys, ill-typed and out-of-range values. A setting that cannot be read keeps its
// default.
// Provenance of a value: the one it is annotated with; `user` when it is given and differs from the
// default; else the declared one.
template <class S>
Resolved read(const Document& document, S& root, Diagnostics& diagnostics) {
  return read_fields(
      document, [&](Visitor& v) { root.fields(v); }, diagnostics);
}

}  // namespace sim::config
