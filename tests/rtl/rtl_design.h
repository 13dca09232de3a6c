// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <dlfcn.h>

namespace allmod::test {

// A Verilated design in a shared object (shim.cpp). Its tables are read from the working directory when it is
// made, so that one is changed for that moment.
class RtlDesign {
 public:
  RtlDesign(const std::filesystem::path& object, const std::filesystem::path& folder) {
    handle_ = dlopen(std::filesystem::absolute(object).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) throw std::runtime_error(dlerror());
    get("rtl_new", new_);
    get("rtl_delete", delete_);
    get("rtl_inputs", inputs_);
    get("rtl_eval", eval_);
    get("rtl_outputs", outputs_);
    const auto here = std::filesystem::current_path();
    std::filesystem::current_path(folder);
    design_ = new_();
    eval(false);  // runs the initial blocks, which read the tables
    std::filesystem::current_path(here);
  }
  ~RtlDesign() {
    delete_(design_);
    dlclose(handle_);
  }
  RtlDesign(const RtlDesign&) = delete;
  RtlDesign& operator=(const RtlDesign&) = delete;

  void inputs(bool rst, bool in_valid, const std::uint32_t* in_data, bool out_ready) {
    inputs_(design_, rst, in_valid, in_data, out_ready);
  }
  void eval(bool clk) { eval_(design_, clk); }
  void outputs(bool& in_ready, bool& out_valid, std::uint32_t* out_data) {
    int ready = 0, valid = 0;
    outputs_(design_, &ready, &valid, out_data);
    in_ready = ready != 0;
    out_valid = valid != 0;
  }

 private:
  template <class F>
  void get(const char* name, F*& function) {
    function = reinterpret_cast<F*>(dlsym(handle_, name));
    if (function == nullptr) throw std::runtime_error(std::string(name) + " is not in the shared object");
  }

  void* handle_ = nullptr;
  void* design_ = nullptr;
  void* (*new_)() = nullptr;
  void (*delete_)(void*) = nullptr;
  void (*inputs_)(void*, int, int, const std::uint32_t*, int) = nullptr;
  void (*eval_)(void*, int) = nullptr;
  void (*outputs_)(void*, int*, int*, std::uint32_t*) = nullptr;
};

}  // namespace allmod::test
