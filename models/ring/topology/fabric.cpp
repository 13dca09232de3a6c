// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/fabric.h"

#include <algorithm>
#include <numeric>

#include "models/ring/function/refuse.h"

namespace ring {

std::string short_list(const std::vector<std::string>& names) {
  // A run is a common stem followed by consecutive numbers.
  const auto split = [](const std::string& name) {
    std::size_t digits = name.size();
    while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9') --digits;
    return digits;
  };
  const auto number = [&](const std::string& name) {
    const std::string digits = name.substr(split(name));
    return digits.empty() || digits.size() > 9 ? -1L : std::stol(digits);
  };
  std::string text;
  for (std::size_t i = 0; i < names.size();) {
    std::size_t end = i + 1;
    const std::string stem = names[i].substr(0, split(names[i]));
    while (end < names.size() && names[end].substr(0, split(names[end])) == stem && number(names[i]) >= 0 &&
           number(names[end]) == number(names[i]) + static_cast<long>(end - i)) {
      ++end;
    }
    text += (text.empty() ? "" : ", ") + names[i];
    if (end - i == 2) text += ", " + names[i + 1];
    if (end - i > 2) text += ".." + names[end - 1];
    i = end;
  }
  return text;
}

std::uint32_t LinkClass::credits_of_round_trip() const {
  constexpr std::uint64_t kSlack = 8, kMost = 1u << 24;
  const Picoseconds packet = std::max<Picoseconds>(1, service_ps(wire_bytes(payload_bytes), rate));
  return static_cast<std::uint32_t>(std::min(kMost, (2 * latency_ps + packet - 1) / packet + 2 + kSlack));
}

LinkId Fabric::find(NodeId from, NodeId to) const {
  if (from >= nodes()) return kNoLink;
  const auto begin = links.begin() + first_out[from], end = links.begin() + first_out[from + 1];
  const auto at = std::lower_bound(begin, end, to, [](const Link& l, NodeId n) { return l.to < n; });
  return at != end && at->to == to ? static_cast<LinkId>(at - links.begin()) : kNoLink;
}

std::string Fabric::link_name(LinkId link) const {
  return names.at(links.at(link).from) + "->" + names.at(links.at(link).to);
}

void Fabric::index() {
  const std::uint32_t n = nodes();
  for (const Link& link : links) {
    if (link.from >= n || link.to >= n || link.kind >= classes.size()) {
      refuse("a link of the fabric refers to a node or class that is not there");
    }
    if (link.from == link.to) refuse("a link leads from " + names[link.from] + " to itself; remove it");
  }
  const auto less = [](const Link& a, const Link& b) {
    return a.from != b.from ? a.from < b.from : a.to < b.to;
  };
  if (!std::is_sorted(links.begin(), links.end(), less)) std::stable_sort(links.begin(), links.end(), less);
  for (std::size_t i = 1; i < links.size(); ++i) {
    if (links[i].from == links[i - 1].from && links[i].to == links[i - 1].to) {
      refuse("there are two links from " + names[links[i].from] + " to " + names[links[i].to] +
             ", so it is not known which one a packet takes; make one of them with the lanes of both");
    }
  }
  first_out.assign(n + 1, 0);
  first_in.assign(n + 1, 0);
  for (const Link& link : links) {
    ++first_out[link.from + 1];
    ++first_in[link.to + 1];
  }
  std::partial_sum(first_out.begin(), first_out.end(), first_out.begin());
  std::partial_sum(first_in.begin(), first_in.end(), first_in.begin());
  in_links.resize(links.size());
  std::vector<std::uint32_t> at(first_in.begin(), first_in.end() - 1);
  for (LinkId l = 0; l < links.size(); ++l) in_links[at[links[l].to]++] = l;
}

std::vector<std::string> Fabric::parts() const {
  std::vector<NodeId> root(nodes());
  std::iota(root.begin(), root.end(), 0);
  const auto find_root = [&](NodeId n) {
    while (root[n] != n) n = root[n] = root[root[n]];
    return n;
  };
  for (const Link& link : links) {
    const NodeId a = find_root(link.from), b = find_root(link.to);
    if (a != b) root[std::max(a, b)] = std::min(a, b);  // so that a part is known by its first node
  }
  std::vector<std::vector<std::string>> members(nodes());
  for (NodeId gpu = 0; gpu < gpus; ++gpu) members[find_root(gpu)].push_back(names[gpu]);
  std::vector<std::string> result;
  for (const auto& part : members) {
    if (!part.empty()) result.push_back(short_list(part));
  }
  return result;
}

}  // namespace ring
