// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "models/common/gpu_unit.h"
#include "models/common/unit_channel.h"

namespace common {

// A kernel for the GPU's channel; its tag is the command's number.
struct GpuWork final : Work {
  GpuCommand kernel;
};

// The host's queue of kernels. The GPU keeps the order of each stream, so kernels are sent ahead.
class GpuChannel final : public UnitChannel {
 public:
  // `queue`: of the GPU, kernels of a stream.
  GpuChannel(sc_core::sc_module_name name, unsigned number, unsigned queue, HostLink& link,
             sim::Failure& failure)
      : UnitChannel(name, number, link, failure), queue_(queue) {}
  bool keeps_order(unsigned) const override { return true; }

 private:
  void set_up() override;
  bool room() const override;
  void start(Command& command) override;
  void collect() override;

  unsigned queue_;
};

}  // namespace common
