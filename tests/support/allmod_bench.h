// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/allmod/reducer.h"
#include "models/allmod/stream_driver.h"
#include "sim/core/failure.h"

namespace allmod::test {

// One result as it left a lane.
struct Left {
  sim::Cycle cycle;
  std::vector<Limb> value;
  bool operator==(const Left& o) const { return cycle == o.cycle && value == o.value; }
};

// Keeps every result of a unit, by lane.
class Keeper : public tlm::tlm_analysis_if<Retirement> {
 public:
  Keeper(unsigned lanes, std::size_t limbs) : left(lanes), limbs_(limbs) {}
  void write(const Retirement& r) override {
    left[r.lane].push_back({r.cycle, std::vector<Limb>(r.result, r.result + limbs_)});
  }
  std::vector<std::vector<Left>> left;

 private:
  std::size_t limbs_;
};

// A reducer with a driver at both ends of every lane. Several may stand in one simulation.
struct StreamBench {
  StreamBench(const std::string& name, const ReducerConfig& config, const Modulus& m, std::uint64_t count,
              const StallConfig& input = {}, const StallConfig& output = {}, std::uint64_t operand_seed = 1)
      : stats(name),
        reducer(name.c_str(), without_socket(config), m, failure, stats, recorder),
        work(config.design, m, std::make_unique<RandomOperands>(config.design.n, operand_seed),
             sim::Region({}, count)),
        keeper(config.lanes, reducer.datapath().n_limbs()) {
    for (unsigned i = 0; i < config.lanes; ++i) {
      sources.push_back(std::make_unique<WorkloadSource>(work, i, config.lanes, input));
      sinks.push_back(std::make_unique<WorkloadSink>(work, i, config.lanes, output));
      reducer.operands[i].bind(*sources.back());
      reducer.results[i].bind(*sinks.back());
    }
    reducer.retired.bind(keeper);
  }
  static ReducerConfig without_socket(ReducerConfig config) {
    config.with_socket = false;
    return config;
  }

  sim::Failure failure;
  sim::stats::Group stats;
  sim::record::Recorder recorder;
  Reducer reducer;
  Workload work;
  Keeper keeper;
  std::vector<std::unique_ptr<WorkloadSource>> sources;
  std::vector<std::unique_ptr<WorkloadSink>> sinks;
};

}  // namespace allmod::test
