// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A trace whose compression is intact around records that may be anything: a checksum would keep a fuzzer
// away from them. The input is the content of one frame.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <zstd.h>

#include "sim/core/error.h"
#include "traces/io/reader.h"
#include "traces/io/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string file(reinterpret_cast<const char*>(trace::kMagic.data()), trace::kMagic.size());
  std::string frame(ZSTD_compressBound(size), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  frame.resize(ZSTD_compress2(context, frame.data(), frame.size(), data, size));
  ZSTD_freeCCtx(context);
  file += frame;
  try {
    trace::Reader reader(trace::from_memory(file), "input");
    trace::validate(reader, [](const std::string&) {});
  } catch (const sim::Error& e) {
    if (e.exit_code() != sim::Exit::input) std::abort();
  }
  return 0;
}
