// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_set>
#include <vector>

#include "sim/record/file_writer.h"
#include "sim/record/window.h"

namespace sim::record {

// Writes a Value Change Dump (IEEE 1364), time in picoseconds. Only real changes are written: what a signal
// goes through within one cycle is not, and neither is a value it already has.
class WaveSink {
 public:
  WaveSink(const std::filesystem::path& file, Window window, Origin origin, bool clock);

  void set_period_ps(std::uint64_t period_ps);  // before the first change
  // `recorded` false: the path is checked and taken, but the result is not to be used.
  std::uint32_t declare(const std::string& path, unsigned width, bool recorded);
  // `limbs` of nullptr: unknown. When `count` is less than the width needs, the rest is 0.
  static constexpr std::size_t kAllLimbs = ~std::size_t{0};
  void change(std::uint32_t signal, Cycle at, const std::uint64_t* limbs, std::size_t count);
  void finish(Cycle end);

 private:
  struct Signal {
    std::string path;
    std::string code;  // what stands for it in the file
    unsigned width = 1;
    std::size_t limbs = 1;
    std::size_t first = 0;  // of its limbs in next_ and written_
    bool next_unknown = true;
    bool written_unknown = true;
    bool dirty = false;
  };

  void check_fits(const Signal& signal, const std::uint64_t* limbs, std::size_t count) const;
  void write_cycle();           // the changes of cycle now_
  bool accept(Signal& signal);  // next becomes written; whether that changed anything
  void begin();                 // header and the values at the start of the window
  void write_header();
  void write_value(const Signal& signal);
  void write_time(std::uint64_t time);
  void clock_until(Cycle end);

  FileWriter out_;
  Window window_;
  Origin origin_;
  bool clock_;
  bool begun_ = false;
  bool declared_all_ = false;
  Cycle now_ = 0;
  Cycle clock_at_ = 0;      // cycle of the last rising edge written
  std::uint64_t time_ = 0;  // last time stamp written
  std::vector<Signal> signals_;
  std::vector<std::uint32_t> dirty_;
  std::vector<std::uint64_t> next_;     // values of cycle now_
  std::vector<std::uint64_t> written_;  // values in the file
  std::unordered_set<std::string> paths_;
};

}  // namespace sim::record
