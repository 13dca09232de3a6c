// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

#include <cuda_fp16.h>

#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/fast_kernels.h"

// What the kernels of fast_kernels.h share.
//
// They are launched programmatically: a kernel begins while the one before it still runs, as soon as there is
// room on a multiprocessor. Until wait_for_others() it may only read what this graph launch (or, outside of
// graphs, the last few kernels of the stream) does not write: weights, codebooks, the cache of earlier
// tokens. Behind it everything before is complete. What kernels of one launch tell one another is read with
// __ldcg: a line of the nearest cache may be older than the wait.
namespace workload::cuda {

constexpr unsigned kAllLanes = 0xffffffffU;

__device__ inline void let_next_begin() { asm volatile("griddepcontrol.launch_dependents;" ::: "memory"); }
__device__ inline void wait_for_others() { asm volatile("griddepcontrol.wait;" ::: "memory"); }

// 16 bytes that are read once; `v` stays where not `inside`.
__device__ inline void stream_load(uint4& v, const void* p, bool inside) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.u32 p, %5, 0;\n"
      "@p ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];\n}"
      : "+r"(v.x), "+r"(v.y), "+r"(v.z), "+r"(v.w)
      : "l"(p), "r"(static_cast<unsigned>(inside)));
}
__device__ inline uint4 stream_load(const void* p) {
  uint4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(p));
  return v;
}

// Copies into shared memory that go on in the background, and waiting for this thread's.
__device__ inline void copy_async4(void* to, const void* from) {
  asm volatile(
      "cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(to))),
      "l"(from)
      : "memory");
}
__device__ inline void copy_async16(void* to, const void* from) {
  asm volatile(
      "cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(static_cast<unsigned>(__cvta_generic_to_shared(to))),
      "l"(from)
      : "memory");
}
__device__ inline void wait_for_copies() { asm volatile("cp.async.wait_all;" ::: "memory"); }

// Bulk copies into shared memory, by one thread, and waiting for their bytes. They do not queue behind a
// multiprocessor's loads, as loads and copy_async do. Addresses and sizes: multiples of 16.
struct Arrival {
  std::uint64_t barrier;

  __device__ unsigned address() { return static_cast<unsigned>(__cvta_generic_to_shared(&barrier)); }
  __device__ void prepare() {
    asm volatile(
        "mbarrier.init.shared::cta.b64 [%0], 1;\nfence.mbarrier_init.release.cluster;\n" ::"r"(address())
        : "memory");
  }
  __device__ void expect(unsigned bytes) {  // before any copy
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(address()), "r"(bytes)
                 : "memory");
  }
  __device__ void copy(void* to, const void* from, unsigned bytes) {
    asm volatile(
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
            static_cast<unsigned>(__cvta_generic_to_shared(to))),
        "l"(from), "r"(bytes), "r"(address())
        : "memory");
  }
  // Chunk by chunk, from another one on in every block: not all ask for the same bytes at once.
  __device__ void copy_turned(char* to, const void* from, unsigned bytes, unsigned block) {
    constexpr unsigned kChunk = 4096;
    const unsigned chunks = (bytes + kChunk - 1) / kChunk;
    for (unsigned c = 0; c < chunks; ++c) {
      const unsigned at = (c + block) % chunks * kChunk;
      copy(to + at, static_cast<const char*>(from) + at, min(kChunk, bytes - at));
    }
  }
  __device__ void wait() {
    asm volatile(
        "{\n.reg .pred p;\nAGAIN:\n"
        "mbarrier.try_wait.parity.shared::cta.b64 p, [%0], 0;\n"
        "@!p bra AGAIN;\n}" ::"r"(address())
        : "memory");
  }
};

__device__ inline float warp_sum(float x) {
#pragma unroll
  for (unsigned step = 16; step > 0; step /= 2) x += __shfl_xor_sync(kAllLanes, x, step);
  return x;
}
__device__ inline float warp_max(float x) {
#pragma unroll
  for (unsigned step = 16; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, step));
  return x;
}

// Launches `kernel`, programmatically where how.early.
template <class... Parameters, class... Arguments>
void launch_early(void (*kernel)(Parameters...), const char* name, dim3 grid, unsigned threads,
                  std::size_t shared, const FastLaunch& how, Arguments&&... arguments) {
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared;
  config.stream = how.stream;
  config.attrs = &attribute;
  config.numAttrs = how.early ? 1 : 0;
  check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...), name);
}

}  // namespace workload::cuda
