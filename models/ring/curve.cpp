// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/curve.h"

#include <algorithm>
#include <set>

#include "models/ring/closed_form.h"
#include "models/ring/function/analysis.h"
#include "models/ring/function/graph_builder.h"
#include "models/ring/function/path_executor.h"
#include "sim/core/error.h"

namespace ring {
namespace {

constexpr double kPs = 1e-12;

Problem padded_problem(const Settings& settings, const Schedule& schedule) {
  return padded(schedule, settings.problem());
}

bool build_point(const Settings& settings, const BlockModel& block, unsigned gpus, CurvePoint& point) {
  FabricSettings fabric = settings.fabric;
  fabric.gpus = gpus;
  if (gpus != settings.gpus()) {
    fabric.torus.dims.clear();
    fabric.links.clear();
    fabric.nodes.clear();
  }
  const std::shared_ptr<const Network> network = fabric.build([](const std::string&, const std::string&) {});
  if (!network) return false;
  ScheduleOptions options = settings.options(gpus);
  try {
    const std::unique_ptr<Schedule> schedule = make_schedule(options);
    const Problem problem = padded_problem(settings, *schedule);
    if (!schedule->refusal(problem).empty()) return false;
    const Plan plan = make_plan(*schedule, options, problem, settings.costs(block));
    Hardware hardware;
    hardware.engines = settings.gpu.engines;
    hardware.slowdown = settings.gpu.slowdown;
    const Execution done = closed_form(plan.graph, network->fabric, *network->routes, hardware);
    const Analysis a = analyse(plan.graph, done, plan.steps);
    point = {gpus, static_cast<double>(a.critical.kernels) * kPs,
             static_cast<double>(a.critical.messages) * kPs, static_cast<double>(a.critical.exposed) * kPs,
             static_cast<double>(done.end) * kPs};
  } catch (const sim::Error&) {
    return false;  // this number of GPUs does not divide the heads, the nodes, ...
  }
  return true;
}

}  // namespace

std::vector<CurvePoint> curve(const Settings& settings) {
  const unsigned own = settings.gpus();
  std::set<unsigned> numbers = {own};
  if (settings.fabric.topology != TopologyKind::graph) {
    for (unsigned n = 1; n <= std::min(256u, std::max(16u, 2 * own)); n *= 2) numbers.insert(n);
  }
  const std::unique_ptr<BlockModel> block = settings.block_model(settings.problem());
  std::vector<CurvePoint> points;
  for (const unsigned n : numbers) {
    CurvePoint point;
    if (n <= 256 && build_point(settings, *block, n, point)) points.push_back(point);
  }
  return points;
}

std::vector<double> predicted_steps(const Settings& settings) {
  const BesideSettings& beside = settings.beside;
  if (!(beside.prediction_gbytes_per_s > 0)) return {};
  Settings other = settings;
  if (beside.prediction_block_ms > 0) other.compute.block_time_s = beside.prediction_block_ms * 1e-3;
  const ScheduleOptions options = other.options();
  const std::unique_ptr<Schedule> schedule = make_schedule(options);
  const Problem problem = padded_problem(other, *schedule);
  const std::unique_ptr<BlockModel> block = other.block_model(problem);
  const Plan plan = make_plan(*schedule, options, problem, other.costs(*block));
  const Execution done = run_by_path(plan.graph, [&](OpId id) {
    const Op& op = plan.graph.ops[id];
    if (op.kind != OpKind::transfer) return op.duration;
    return to_ps(static_cast<double>(op.bytes) / (beside.prediction_gbytes_per_s * 1e9) +
                 beside.prediction_latency_us * 1e-6);
  });
  std::vector<double> steps;
  for (const StepTimes& step : analyse(plan.graph, done, plan.steps).slowest) {
    steps.push_back(static_cast<double>(step.duration) * kPs);
  }
  return steps;
}

}  // namespace ring
