// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "models/allmod/function/datapath.h"
#include "models/allmod/rtl/pipe.h"

namespace allmod {

// A value on its way through a pipeline's restoring steps.
class RestoringChain {
 public:
  RestoringChain(Pipe& pipe, const Datapath& datapath, const std::vector<Step>& steps,
                 const std::vector<StepCycle>& schedule, Pipe::Id value)
      : pipe_(pipe), datapath_(datapath), steps_(steps), schedule_(schedule), value_(value) {}

  // What cycle `index` of the schedule does, into the registers of `stage`; `name` is that of the new value.
  void run(unsigned index, unsigned stage, const std::string& name);
  Pipe::Id value() const { return value_; }

 private:
  void whole(const StepCycle& cycle, unsigned stage, const std::string& name);
  void part(const StepCycle& cycle, unsigned stage, const std::string& name);

  Pipe& pipe_;
  const Datapath& datapath_;
  const std::vector<Step>& steps_;
  const std::vector<StepCycle>& schedule_;
  Pipe::Id value_;
  std::vector<Pipe::Id> differences_;  // of the finished segments
  Pipe::Id borrow_ = 0;
};

// One conditional subtraction as text: declares <name>_difference and returns the expression of the result,
// `step.register_bits` long, of the name `from` of `bits` bits. Appends what is not used to `unused`.
std::string restoring_step(const Step& step, unsigned n, const std::string& name, const std::string& from,
                           unsigned bits, std::string& text, std::vector<std::string>& unused);

}  // namespace allmod
