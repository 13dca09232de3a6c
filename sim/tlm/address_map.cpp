// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/address_map.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "sim/core/error.h"

namespace sim::bus {

namespace {

std::string range(const AddressMap::Window& window) {
  std::ostringstream text;
  text << "window '" << window.name << "' (0x" << std::hex << window.base << ", " << std::dec << window.size
       << " bytes)";
  return text.str();
}

bool below(const AddressMap::Window& window, std::uint64_t base) { return window.base < base; }

}  // namespace

unsigned AddressMap::add(std::string name, std::uint64_t base, std::uint64_t size) {
  return add(std::move(name), base, size, targets_);
}

unsigned AddressMap::add(std::string name, std::uint64_t base, std::uint64_t size, unsigned target,
                         std::uint64_t offset) {
  const Window window{std::move(name), base, size, target, offset};
  if (size == 0) throw Error(Exit::usage, range(window) + " is empty; give it at least 1 byte");
  const std::uint64_t last = size - 1;
  if (base + last < base || offset + last < offset) {
    throw Error(Exit::usage, range(window) + " ends beyond the last address; move or shrink it");
  }
  const auto next = std::lower_bound(windows_.begin(), windows_.end(), base, below);
  if (next != windows_.end() && next->base - base <= last) {
    throw Error(Exit::usage, range(window) + " overlaps " + range(*next) + "; move one of them");
  }
  if (next != windows_.begin() && base - std::prev(next)->base < std::prev(next)->size) {
    throw Error(Exit::usage, range(window) + " overlaps " + range(*std::prev(next)) + "; move one of them");
  }
  windows_.insert(next, window);
  targets_ = std::max(targets_, target + 1);
  return target;
}

const AddressMap::Window* AddressMap::find(std::uint64_t address, std::uint64_t bytes) const {
  auto next = std::upper_bound(windows_.begin(), windows_.end(), address,
                               [](std::uint64_t value, const Window& window) { return value < window.base; });
  if (next == windows_.begin()) return nullptr;
  const Window& window = *std::prev(next);
  const std::uint64_t at = address - window.base;
  const std::uint64_t wanted = std::max<std::uint64_t>(bytes, 1);
  return wanted <= window.size && at <= window.size - wanted ? &window : nullptr;
}

}  // namespace sim::bus
