// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// From settings to a network, with every mistake reported at the setting that has it.
#include <algorithm>
#include <unordered_map>

#include "models/ring/topology/settings.h"
#include "sim/config/suggest.h"
#include "sim/core/error.h"

namespace ring {
namespace {

class Build {
 public:
  Build(const FabricSettings& s, const FabricSettings::Report& report) : s_(s), report_(report) {}

  std::shared_ptr<const Network> run() {
    auto network = std::make_shared<Network>();
    Fabric& fabric = network->fabric;
    if (!make(fabric) || wrong_) return nullptr;
    if (!s_.gpus_forward.is_auto()) fabric.gpus_forward = *s_.gpus_forward.value;
    for (NodeId n = 0; n < fabric.nodes(); ++n) {
      fabric.ports[n] = (n < fabric.gpus ? s_.gpu_port : s_.switch_port).make();
    }
    index_names(fabric.names);
    for (std::size_t i = 0; i < s_.nodes.size(); ++i) change_node(fabric, i);
    if (s_.topology != TopologyKind::graph) {
      for (std::size_t i = 0; i < s_.links.size(); ++i) change_link(fabric, i);
    }
    if (wrong_) return nullptr;
    const bool spread = s_.topology == TopologyKind::nvswitch || s_.topology == TopologyKind::leaf_spine;
    try {
      network->routes = std::make_unique<const Routes>(
          Routes::make(fabric, {s_.routing.kind, s_.routing.multipath.value_or(spread)}));
    } catch (const sim::Error& e) {
      const bool graph = s_.topology == TopologyKind::graph && fabric.parts().size() > 1;
      report(graph ? "links" : "routing.kind", e.what());
      return nullptr;
    }
    return network;
  }

 private:
  void report(const std::string& key, const std::string& what) {
    wrong_ = true;
    report_(key, what);
  }
  static std::string at(const char* list, std::size_t i, const char* key) {
    return std::string(list) + "[" + std::to_string(i) + "]" + (*key != '\0' ? std::string(".") + key : "");
  }

  bool make(Fabric& fabric) {
    std::string key = "topology";
    try {
      switch (s_.topology) {
        case TopologyKind::full_mesh:
        case TopologyKind::hccs_mesh:
          key = "gpus";
          fabric = full_mesh(s_.gpus, s_.link.make("link"));
          if (s_.topology == TopologyKind::hccs_mesh) fabric.kind = "hccs_mesh";
          break;
        case TopologyKind::nvswitch:
          key = "switches";
          fabric = nvswitch(s_.gpus, s_.switches, s_.link.make("link"));
          break;
        case TopologyKind::pcie_tree: {
          PcieTree tree = s_.pcie.tree;
          tree.gpus = s_.gpus;
          fabric =
              pcie_tree(tree, s_.link.make("link"), s_.uplink.make("uplink"), s_.host_link.make("host_link"));
          break;
        }
        case TopologyKind::torus:
          return make_torus(fabric);
        case TopologyKind::leaf_spine: {
          key = "leaf_spine";
          LeafSpine shape = s_.leaf_spine.shape;
          shape.gpus = s_.gpus;
          fabric = leaf_spine(shape, s_.link.make("link"), s_.uplink.make("uplink"),
                              s_.node_link.make("node_link"));
          break;
        }
        case TopologyKind::graph:
          return make_graph(fabric);
      }
    } catch (const sim::Error& e) {
      report(key, e.what());
      return false;
    }
    return true;
  }

  bool make_torus(Fabric& fabric) {
    const std::vector<std::uint32_t> dims = s_.torus.dims.empty() ? near_square(s_.gpus) : s_.torus.dims;
    std::uint64_t product = 1;
    std::string factors;
    for (const std::uint32_t extent : dims) {
      product = product > kMaxGpus ? product : product * extent;
      factors += (factors.empty() ? "" : " x ") + std::to_string(extent);
    }
    if (product != s_.gpus) {
      report("torus.dims", factors + " is not the number of GPUs, " + std::to_string(s_.gpus) +
                               "; set gpus to their product, or remove one of the two");
      return false;
    }
    fabric = torus(dims, s_.torus.wrap, s_.link.make("link"));
    return true;
  }

  bool make_graph(Fabric& fabric) {
    const GraphSettings& g = s_.graph;
    if (!g.gpus.empty() && g.gpus.size() != s_.gpus) {
      report("graph.gpus", std::to_string(g.gpus.size()) + " names for " + std::to_string(s_.gpus) +
                               " GPUs (gpus); make them as many");
      return false;
    }
    FabricBuilder b("graph", s_.gpus, static_cast<std::uint32_t>(g.switches.size()), true);
    std::vector<std::string> names;
    for (NodeId n = 0; n < s_.gpus; ++n)
      names.push_back(g.gpus.empty() ? "gpu" + std::to_string(n) : g.gpus[n]);
    names.insert(names.end(), g.switches.begin(), g.switches.end());
    for (NodeId n = 0; n < names.size(); ++n) b.name(n, names[n]);
    check_names(names);
    if (s_.links.empty())
      report("topology", "a graph needs its connections: links: [{from: gpu0, to: gpu1}, ...]");
    std::unordered_map<std::uint64_t, std::size_t> given;
    for (std::size_t i = 0; i < s_.links.size(); ++i) add_link(b, i, given);
    if (wrong_) return false;
    fabric = b.finish();
    return true;
  }

  void check_names(const std::vector<std::string>& names) {
    index_names(names);
    if (names_.size() == names.size() && names_.count("") == 0) return;
    for (NodeId n = 0; n < names.size(); ++n) {
      const bool sw = n >= s_.gpus;
      const std::string key = sw ? "graph.switches" : "graph.gpus";
      if (names[n].empty())
        report(key, "an empty name; every node needs one");
      else if (names_.at(names[n]) != n)
        report(key, "'" + names[n] + "' names two nodes; rename one of them");
    }
  }

  // One name -> the first node that has it.
  void index_names(const std::vector<std::string>& names) {
    all_names_ = &names;
    names_.clear();
    for (NodeId n = 0; n < names.size(); ++n) names_.emplace(names[n], n);
  }

  static std::string or_list(const std::string& written, const std::vector<std::string>& names) {
    const std::string hint = sim::config::did_you_mean(written, names);
    return hint.empty() ? "; there are: " + short_list(names).substr(0, 200) : hint;
  }

  bool node(const std::string& key, const std::string& name, NodeId& out) {
    const auto found = names_.find(name);
    if (found != names_.end()) {
      out = found->second;
      return true;
    }
    if (name.empty()) {
      report(key, "missing; name a GPU or switch");
    } else {
      report(key, "there is no GPU or switch '" + name + "'" + or_list(name, *all_names_));
    }
    return false;
  }

  bool ends(std::size_t i, NodeId& from, NodeId& to) {
    const ConnectionSettings& c = s_.links[i];
    const bool first = node(at("links", i, "from"), c.from, from),
               second = node(at("links", i, "to"), c.to, to);
    if (!first || !second) return false;
    if (from != to) return true;
    report(at("links", i, "to"), "'" + c.to + "' would be connected to itself; name another node");
    return false;
  }

  const LinkSettings* class_of(const std::string& name) const {
    if (name == "link") return &s_.link;
    if (name == "uplink") return &s_.uplink;
    if (name == "node_link") return &s_.node_link;
    return name == "host_link" ? &s_.host_link : nullptr;
  }

  void add_link(FabricBuilder& b, std::size_t i, std::unordered_map<std::uint64_t, std::size_t>& given) {
    const ConnectionSettings& c = s_.links[i];
    NodeId from = 0, to = 0;
    if (!ends(i, from, to)) return;
    const LinkSettings* like = class_of(c.like);
    if (like == nullptr) {
      report(at("links", i, "like"), "there is no class of links '" + c.like + "'" +
                                         or_list(c.like, {"link", "uplink", "node_link", "host_link"}));
      return;
    }
    const std::uint32_t kind = b.add(c.change(like->make(c.like), *like));
    bool told = false;
    const auto add = [&](NodeId x, NodeId y) {
      const auto [it, fresh] = given.emplace(std::uint64_t{x} << 32 | y, i);
      if (fresh) {
        b.one_way(x, y, kind);
      } else if (!told) {
        told = true;
        report(at("links", i, ""),
               "'" + (*all_names_)[x] + "' to '" + (*all_names_)[y] + "' is there already, as links[" +
                   std::to_string(it->second) +
                   "], so it is not known which one a packet takes; keep one, with the lanes "
                   "of both");
      }
    };
    add(from, to);
    if (c.both_ways) add(to, from);
  }

  void change_link(Fabric& fabric, std::size_t i) {
    const ConnectionSettings& c = s_.links[i];
    NodeId from = 0, to = 0;
    if (!ends(i, from, to)) return;
    bool told = false;
    const auto change = [&](NodeId x, NodeId y) {
      const LinkId id = fabric.find(x, y);
      if (id == kNoLink && told) return;
      if (id == kNoLink) {
        told = true;
        report(at("links", i, ""), "there is no link from '" + fabric.names[x] + "' to '" + fabric.names[y] +
                                       "' in this fabric; a link that it does not have needs topology graph");
        return;
      }
      const LinkClass changed = c.change(fabric.of(id), *class_of(fabric.of(id).name));
      fabric.links[id].kind = static_cast<std::uint32_t>(fabric.classes.size());
      fabric.classes.push_back(changed);
    };
    change(from, to);
    if (c.both_ways) change(to, from);
  }

  void change_node(Fabric& fabric, std::size_t i) {
    const NodeSettings& n = s_.nodes[i];
    NodeId id = 0;
    if (!node(at("nodes", i, "name"), n.name, id)) return;
    Port& port = fabric.ports[id];
    if (!n.egress_gbytes_per_s.is_auto()) port.egress = rate_of_gbytes_per_s(*n.egress_gbytes_per_s.value);
    if (!n.ingress_gbytes_per_s.is_auto()) port.ingress = rate_of_gbytes_per_s(*n.ingress_gbytes_per_s.value);
    if (!n.flow_gbytes_per_s.is_auto()) port.flow = rate_of_gbytes_per_s(*n.flow_gbytes_per_s.value);
    if (!n.latency_ns.is_auto()) port.latency_ps = picoseconds(*n.latency_ns.value * 1e-9);
    if (id < fabric.gpus && !n.latency_ns.is_auto()) {
      report(at("nodes", i, "latency_ns"),
             "'" + n.name + "' is a GPU; only switches have a latency of their own");
    }
    if (id >= fabric.gpus && !n.flow_gbytes_per_s.is_auto()) {
      report(at("nodes", i, "flow_gbytes_per_s"),
             "'" + n.name + "' is a switch; transfers start at GPUs only");
    }
  }

  const FabricSettings& s_;
  const FabricSettings::Report& report_;
  bool wrong_ = false;
  const std::vector<std::string>* all_names_ = nullptr;
  std::unordered_map<std::string, NodeId> names_;
};

}  // namespace

std::shared_ptr<const Network> FabricSettings::build(const Report& report) const {
  return Build(*this, report).run();
}

std::shared_ptr<const Network> FabricSettings::build(const std::string& path,
                                                     const sim::config::Resolved& resolved,
                                                     sim::config::Diagnostics& diagnostics) const {
  return build([&](const std::string& key, const std::string& what) {
    const std::string full = path + "." + key;
    diagnostics.error(resolved.mark(full), full + ": " + what);
  });
}

std::shared_ptr<const Network> FabricSettings::build() const {
  std::string all;
  auto network = build([&](const std::string& key, const std::string& what) {
    all += (all.empty() ? "" : "\n") + key + ": " + what;
  });
  if (!network) throw sim::Error(sim::Exit::usage, all);
  return network;
}

bool FabricSettings::rests_on(const std::string& key) const {
  const auto under = [&](const char* section) {
    const std::string prefix = std::string(section) + ".";
    return key.compare(0, prefix.size(), prefix) == 0;
  };
  const auto liked = [&](const char* name) {
    return topology == TopologyKind::graph &&
           std::any_of(links.begin(), links.end(),
                       [&](const ConnectionSettings& c) { return c.like == name; });
  };
  const bool tree = topology == TopologyKind::pcie_tree, leaves = topology == TopologyKind::leaf_spine;
  if (under("pcie")) return tree;
  if (under("torus")) return topology == TopologyKind::torus;
  if (under("leaf_spine")) return leaves;
  if (under("graph")) return topology == TopologyKind::graph;
  if (key == "switches") return topology == TopologyKind::nvswitch;
  const std::uint32_t pcie_switches = (gpus + pcie.tree.gpus_per_switch - 1) / pcie.tree.gpus_per_switch;
  if (under("link")) return topology != TopologyKind::graph || liked("link");
  if (under("uplink")) return (tree && pcie_switches > 1) || leaves || liked("uplink");
  if (under("node_link")) return (leaves && leaf_spine.shape.node != NodeFabric::none) || liked("node_link");
  if (under("host_link")) return (tree && pcie_switches > pcie.tree.switches_per_root) || liked("host_link");
  if (under("switch_port")) {
    return topology == TopologyKind::nvswitch || tree || leaves || !graph.switches.empty();
  }
  return true;
}

}  // namespace ring
