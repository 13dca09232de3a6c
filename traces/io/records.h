// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The records of a trace (traces/schema/trace.proto) under the short names that the rest of traces/ uses.
#pragma once

#include "traces/schema/trace.pb.h"

namespace trace {

using tricycle::trace::Content;
using tricycle::trace::FlexQuant;
using tricycle::trace::Footer;
using tricycle::trace::Gemv;
using tricycle::trace::Header;
using tricycle::trace::Int4Format;
using tricycle::trace::Kv;
using tricycle::trace::KvAppend;
using tricycle::trace::KvAttend;
using tricycle::trace::Matrix;
using tricycle::trace::Model;
using tricycle::trace::ModMul;
using tricycle::trace::ModMulOutput;
using tricycle::trace::Modulus;
using tricycle::trace::Prefill;
using tricycle::trace::PrefillBlock;
using tricycle::trace::Record;
using tricycle::trace::Tensor;
using tricycle::trace::TileDigest;
using tricycle::trace::Token;

}  // namespace trace
