// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "sim/core/units.h"
#include "sim/log/log_config.h"

namespace spdlog {
class logger;
}

namespace sim::log {

class Log;

// A Log with the name of one unit and its level looked up once: for units that log often.
// Must not outlive its Log.
class Channel {
 public:
  Channel(Log& log, std::string name);

  template <class... Args>
  void trace(fmt::format_string<Args...> format, Args&&... args);
  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args);
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args);
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args);
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args);

  const std::string& name() const { return name_; }
  bool enabled(Level level) const { return level >= level_; }

 private:
  Log& log_;
  std::string name_;
  Level level_;  // of the configuration; what sinks there are is asked when a message passes
};

// The log of a run, for people: `[I 1234567 cyc] lane0: message`, on stderr and in files.
//
// Levels are checked before anything is formatted. Not thread-safe; any number of logs may exist.
class Log {
 public:
  // `to_stderr` false: quiet, only the files receive messages.
  explicit Log(LogConfig config = {}, bool to_stderr = true);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // The source of the cycle shown in each line; without one a dash is shown. Must stay callable until it is
  // replaced (pass {} before the clock dies).
  void set_clock(std::function<Cycle()> clock) { clock_ = std::move(clock); }

  // Further destinations. The file is truncated; throws sim::Error(Exit::input) if it cannot be opened.
  // The stream must outlive the log.
  void add_file(const std::filesystem::path& file);
  void add_stream(std::ostream& stream);

  // Arguments are those of fmt::format: log.info("lane0", "retired {} of {}", done, total);
  template <class... Args>
  void trace(std::string_view unit, fmt::format_string<Args...> format, Args&&... args) {
    if (Level::trace >= lowest_) vwrite(Level::trace, unit, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void debug(std::string_view unit, fmt::format_string<Args...> format, Args&&... args) {
    if (Level::debug >= lowest_) vwrite(Level::debug, unit, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void info(std::string_view unit, fmt::format_string<Args...> format, Args&&... args) {
    if (Level::info >= lowest_) vwrite(Level::info, unit, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void warn(std::string_view unit, fmt::format_string<Args...> format, Args&&... args) {
    ++warnings_;
    if (Level::warn >= lowest_) vwrite(Level::warn, unit, format, fmt::make_format_args(args...));
  }
  template <class... Args>
  void error(std::string_view unit, fmt::format_string<Args...> format, Args&&... args) {
    ++errors_;
    if (Level::error >= lowest_) vwrite(Level::error, unit, format, fmt::make_format_args(args...));
  }

  // A message that is already text (never taken as a format).
  void write(Level level, std::string_view unit, std::string_view message);

  // Whether a message of this level and unit would be written anywhere.
  bool enabled(Level level, std::string_view unit) const {
    return level >= lowest_ && level >= level_of(unit);
  }
  Level level_of(std::string_view unit) const;  // by configuration

  // How many were reported, whether or not they were shown.
  std::uint64_t warnings() const { return warnings_; }
  std::uint64_t errors() const { return errors_; }

  // Pushes everything to the files. Throws sim::Error(Exit::input) if something could not be written since
  // the last call.
  void flush();

 private:
  friend class Channel;
  void vwrite(Level level, std::string_view unit, fmt::string_view format, fmt::format_args args);
  void emit(Level level, std::string_view unit, std::string_view message);
  void sinks_changed();

  LogConfig config_;
  Level lowest_ = Level::off;  // the most talkative level of all rules; off without a destination
  std::function<Cycle()> clock_;
  std::unique_ptr<spdlog::logger> logger_;
  std::string failure_;  // first write error since the last flush()
  std::uint64_t warnings_ = 0;
  std::uint64_t errors_ = 0;
};

template <class... Args>
void Channel::trace(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::trace)) log_.trace(name_, format, std::forward<Args>(args)...);
}
template <class... Args>
void Channel::debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::debug)) log_.debug(name_, format, std::forward<Args>(args)...);
}
template <class... Args>
void Channel::info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) log_.info(name_, format, std::forward<Args>(args)...);
}
template <class... Args>
void Channel::warn(fmt::format_string<Args...> format, Args&&... args) {
  log_.warn(name_, format, std::forward<Args>(args)...);
}
template <class... Args>
void Channel::error(fmt::format_string<Args...> format, Args&&... args) {
  log_.error(name_, format, std::forward<Args>(args)...);
}

}  // namespace sim::log
