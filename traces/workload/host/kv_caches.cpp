// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/kv_caches.h"

#include <utility>

#include "sim/core/error.h"
#include "traces/workload/host/kv_block.h"
#include "traces/workload/host/kv_plain.h"
#include "traces/workload/host/kv_pq.h"
#include "traces/workload/host/kv_uniform.h"

namespace workload {
namespace {

constexpr std::pair<KvFormat, const char*> kNames[] = {{KvFormat::f32, "f32"},
                                                       {KvFormat::fp16, "fp16"},
                                                       {KvFormat::pq, "pq"},
                                                       {KvFormat::int4, "int4"},
                                                       {KvFormat::int3, "int3"},
                                                       {KvFormat::int4_token, "int4-token"},
                                                       {KvFormat::int3_token, "int3-token"}};

std::unique_ptr<CodedStore> make_store(KvFormat format, const KvShape& shape, const million::Codebooks* books,
                                       SimdLevel level) {
  using Keys = UniformStore::Keys;
  switch (format) {
    case KvFormat::int4:
      return std::make_unique<UniformStore>(shape, 4, Keys::per_channel, level);
    case KvFormat::int3:
      return std::make_unique<UniformStore>(shape, 3, Keys::per_channel, level);
    case KvFormat::int4_token:
      return std::make_unique<UniformStore>(shape, 4, Keys::per_token, level);
    case KvFormat::int3_token:
      return std::make_unique<UniformStore>(shape, 3, Keys::per_token, level);
    default:
      break;
  }
  if (books == nullptr)
    throw sim::Error(sim::Exit::usage, "the KV format pq needs codebooks: give a calibration file");
  return std::make_unique<PqStore>(shape, *books, level);
}

}  // namespace

KvFormat parse_kv_format(const std::string& text) {
  std::string all;
  for (const auto& [format, format_name] : kNames) {
    if (text == format_name) return format;
    all += all.empty() ? format_name : std::string(", ") + format_name;
  }
  throw sim::Error(sim::Exit::usage, "unknown KV format '" + text + "'; one of " + all);
}

const char* name(KvFormat format) {
  for (const auto& [candidate, format_name] : kNames)
    if (candidate == format) return format_name;
  return "";
}

std::unique_ptr<KvCache> make_kv_cache(KvFormat format, const KvShape& shape, const million::Codebooks* books,
                                       const ParallelFor& parallel, const KvCacheSettings& settings) {
  check(shape);
  if (settings.max_splits == 0)
    throw sim::Error(sim::Exit::usage, "KV cache: 0 splits; it must be at least 1");
  if (format == KvFormat::f32)
    return std::make_unique<PlainCache<float>>(shape, parallel, settings.max_splits, settings.level);
  if (format == KvFormat::fp16)
    return std::make_unique<PlainCache<Float16>>(shape, parallel, settings.max_splits, settings.level);
  return std::make_unique<BlockCache>(shape, make_store(format, shape, books, settings.level), parallel,
                                      settings);
}

}  // namespace workload
