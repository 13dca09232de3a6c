// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Compiled together with what Verilator made of one design into a shared object: the same few C functions for
// every design and width. RTL_TOP is the class that Verilator made, RTL_HEADER its header. Wide values are
// 32-bit words, least significant first.
#include <cstdint>

#include "verilated.h"
#include RTL_HEADER

namespace {

struct Design {
  VerilatedContext context;
  RTL_TOP top{&context, "rtl"};
};

template <class T>
void set(T& port, const std::uint32_t* words) {
  if constexpr (sizeof(T) <= 4)
    port = static_cast<T>(words[0]);
  else
    port = static_cast<T>(words[0] | static_cast<std::uint64_t>(words[1]) << 32);
}
template <std::size_t Words>
void set(VlWide<Words>& port, const std::uint32_t* words) {
  for (std::size_t i = 0; i < Words; ++i) port[i] = words[i];
}

template <class T>
void get(const T& port, std::uint32_t* words) {
  words[0] = static_cast<std::uint32_t>(port);
  if constexpr (sizeof(T) > 4) words[1] = static_cast<std::uint32_t>(port >> 32);
}
template <std::size_t Words>
void get(const VlWide<Words>& port, std::uint32_t* words) {
  for (std::size_t i = 0; i < Words; ++i) words[i] = port[i];
}

}  // namespace

extern "C" {

void* rtl_new() { return new Design; }
void rtl_delete(void* design) {
  static_cast<Design*>(design)->top.final();
  delete static_cast<Design*>(design);
}
void rtl_inputs(void* design, int rst, int in_valid, const std::uint32_t* in_data, int out_ready) {
  auto& top = static_cast<Design*>(design)->top;
  top.rst = rst != 0;
  top.in_valid = in_valid != 0;
  top.out_ready = out_ready != 0;
  set(top.in_data, in_data);
}
void rtl_eval(void* design, int clk) {
  auto& top = static_cast<Design*>(design)->top;
  top.clk = clk != 0;
  top.eval();
}
void rtl_outputs(void* design, int* in_ready, int* out_valid, std::uint32_t* out_data) {
  auto& top = static_cast<Design*>(design)->top;
  *in_ready = top.in_ready;
  *out_valid = top.out_valid;
  get(top.out_data, out_data);
}
}
