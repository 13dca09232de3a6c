// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// One run of a TokenRing or Ring Attention layer in its own process, and what it took: one line of JSON.
//   bench_ring --fabric mesh|ports|switch --schedule token_ring|ring --gpus N --level packet|train
//              [--mbytes M]   megabytes of Q of one GPU; 49.152 = the 98.304 MB of K and V of ring.md
//              [--network]    the messages of one step alone, without GPUs and kernel
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <systemc>

#include <sys/resource.h>

#include "models/ring/cluster.h"
#include "models/ring/function/schedule.h"
#include "models/ring/network/network.h"
#include "models/ring/topology/generators.h"
#include "sim/core/failure.h"
#include "sim/core/run.h"

namespace {

struct Options {
  std::string fabric = "mesh", schedule = "token_ring", level = "train";
  unsigned gpus = 64;
  double mbytes = 49.152;
  bool network = false;
};

double cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_utime.tv_sec) + 1e-6 * static_cast<double>(use.ru_utime.tv_usec) +
         static_cast<double>(use.ru_stime.tv_sec) + 1e-6 * static_cast<double>(use.ru_stime.tv_usec);
}

ring::Fabric make_fabric(const Options& o) {
  ring::LinkClass link;
  link.name = "link";
  link.rate = ring::rate_of_gbytes_per_s(o.fabric == "switch" ? 100 : 13.742375);  // 12.934 GB/s of payload
  link.latency_ps = o.fabric == "switch" ? 500'000 : 5'000'000;
  link.credits = o.fabric == "switch" ? 1024 : 1024;
  ring::Fabric fabric =
      o.fabric == "switch" ? ring::nvswitch(o.gpus, 1, link) : ring::full_mesh(o.gpus, link);
  for (ring::NodeId g = 0; g < o.gpus && o.fabric != "mesh"; ++g) {
    fabric.ports[g].egress = fabric.ports[g].ingress = ring::rate_of_gbytes_per_s(
        o.fabric == "switch" ? 80 : 20);  // both messages of a step together want more
  }
  return fabric;
}

ring::Plan make_layer(const Options& o) {
  ring::Problem p;
  p.seq_len = p.real_tokens = static_cast<std::uint64_t>(6000.0 * o.mbytes / 49.152) * o.gpus;
  p.causal = false;
  ring::ScheduleOptions s;
  s.kind = o.schedule == "ring" ? ring::ScheduleKind::ring : ring::ScheduleKind::token_ring;
  s.gpus = o.gpus;
  const ring::FixedBlock block(3.5e-3 * o.mbytes / 49.152, static_cast<double>(p.seq_len) / o.gpus, p.heads);
  ring::Costs costs;
  costs.block = &block;
  return ring::make_plan(*ring::make_schedule(s), s, p, costs);
}

// Every GPU sends a message to its neighbour and one to the GPU after that, once.
std::uint64_t run_network(const Options& o, const ring::Fabric& fabric, const ring::Routes& routes,
                          const ring::Hardware& hardware, double& seconds, std::uint64_t& grants) {
  ring::PacketNetwork network(fabric, routes, hardware);
  const double begin = cpu_seconds();
  const auto bytes = static_cast<std::uint64_t>(o.mbytes * 1e6);
  for (std::uint32_t g = 0; g < o.gpus; ++g) {
    network.send(2 * g, g, (g + 1) % o.gpus, bytes, 0);
    network.send(2 * g + 1, g, (g + 2) % o.gpus, bytes, 0);
  }
  for (ring::Ps now = 0; (now = network.advance(ring::kNeverPs)) != ring::kNeverPs;) {
    for (ring::Notice notice; network.pop(now, notice);) {
    }
  }
  seconds = cpu_seconds() - begin;
  grants = network.events();
  return network.packets();
}

}  // namespace

int sc_main(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string key = argv[i];
    if (key == "--network") {
      o.network = true;
      continue;
    }
    if (++i == argc) return 2;
    if (key == "--fabric") o.fabric = argv[i];
    if (key == "--schedule") o.schedule = argv[i];
    if (key == "--level") o.level = argv[i];
    if (key == "--gpus") o.gpus = static_cast<unsigned>(std::atoi(argv[i]));
    if (key == "--mbytes") o.mbytes = std::atof(argv[i]);
  }
  const double start = cpu_seconds();
  const ring::Fabric fabric = make_fabric(o);
  const ring::Routes routes = ring::Routes::make(fabric);
  ring::Hardware hardware;
  hardware.level = o.level == "packet" ? ring::Level::packet : ring::Level::train;
  double seconds = 0;
  std::uint64_t packets = 0, grants = 0, ops = 0, end = 0, solos = 0, jumps = 0;
  double built = 0;
  if (o.network) {
    built = cpu_seconds();
    packets = run_network(o, fabric, routes, hardware, seconds, grants);
  } else {
    const ring::Plan plan = make_layer(o);
    sim::Failure failure;
    ring::ClusterContext context{failure};
    ring::Cluster cluster("cluster", plan.graph, fabric, routes, hardware, context);
    built = cpu_seconds();
    sim::run(failure);
    seconds = cpu_seconds() - built;
    cluster.conclude(false);
    packets = cluster.execution().packets;
    grants = cluster.network().events();
    solos = cluster.network().solos();
    jumps = cluster.network().jumps();
    ops = cluster.total();
    end = cluster.execution().end;
  }
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  std::printf(
      "{\"run_s\": %.6f, \"build_s\": %.6f, \"packets\": %llu, \"grants\": %llu, \"operations\": %llu, "
      "\"end_ps\": %llu, \"undisturbed\": %llu, \"jumps\": %llu, \"max_rss_mib\": %ld}\n",
      seconds, built - start, static_cast<unsigned long long>(packets),
      static_cast<unsigned long long>(grants), static_cast<unsigned long long>(ops),
      static_cast<unsigned long long>(end), static_cast<unsigned long long>(solos),
      static_cast<unsigned long long>(jumps), use.ru_maxrss / 1024);
  return 0;
}
