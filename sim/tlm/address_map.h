// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sim::bus {

// Which target answers which addresses. Plain data, no SystemC.
class AddressMap {
 public:
  struct Window {
    std::string name;  // for messages
    std::uint64_t base;
    std::uint64_t size;    // bytes, at least 1
    unsigned target;       // number of the target
    std::uint64_t offset;  // address at the target that `base` becomes
  };

  // A window for target number `target` (default: a new target). Returns the number of the target.
  // Throws sim::Error(Exit::usage) when it is empty, wraps around, or overlaps another, naming both.
  unsigned add(std::string name, std::uint64_t base, std::uint64_t size);
  unsigned add(std::string name, std::uint64_t base, std::uint64_t size, unsigned target,
               std::uint64_t offset = 0);

  // The window that holds all of [address, address + bytes), or nullptr. bytes = 0 counts as 1.
  const Window* find(std::uint64_t address, std::uint64_t bytes) const;

  const std::vector<Window>& windows() const { return windows_; }  // by base
  unsigned targets() const { return targets_; }

 private:
  std::vector<Window> windows_;
  unsigned targets_ = 0;
};

}  // namespace sim::bus
