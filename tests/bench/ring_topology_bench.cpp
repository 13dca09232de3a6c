// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Building fabrics and their routing tables; items are links, counters are the memory that stays.
#include <benchmark/benchmark.h>

#include "models/ring/topology/generators.h"
#include "models/ring/topology/routes.h"

namespace {

using ring::Fabric;

Fabric make(int kind, std::uint32_t gpus) {
  ring::LinkClass link;
  link.vcs = 2;
  if (kind == 0) return ring::full_mesh(gpus, link);
  if (kind == 1) return ring::torus(ring::near_square(gpus), true, link);
  if (kind == 2) return ring::nvswitch(gpus, 4, link);
  return ring::leaf_spine({gpus, 8, 8, 16, true, ring::NodeFabric::nvswitch}, link, link, link);
}

void topology(benchmark::State& state, int kind) {
  const auto gpus = static_cast<std::uint32_t>(state.range(0));
  std::size_t links = 0, fabric_bytes = 0, route_bytes = 0;
  for (auto _ : state) {
    const Fabric f = make(kind, gpus);
    const ring::Routes routes = ring::Routes::make(f);
    links = f.links.size();
    fabric_bytes = f.links.size() * sizeof(ring::Link) + (f.in_links.size() + f.first_in.size() * 2) * 4;
    route_bytes = routes.bytes();
    benchmark::DoNotOptimize(routes.next(0, gpus - 1));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(links) * state.iterations());
  state.counters["links"] = static_cast<double>(links);
  state.counters["fabric_MiB"] = static_cast<double>(fabric_bytes) / 1048576;
  state.counters["routes_MiB"] = static_cast<double>(route_bytes) / 1048576;
}

BENCHMARK_CAPTURE(topology, full_mesh, 0)->Arg(64)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(topology, torus, 1)->Arg(64)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(topology, nvswitch, 2)->Arg(64)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(topology, leaf_spine, 3)->Arg(64)->Arg(256)->Arg(1024)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
