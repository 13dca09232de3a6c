// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/log/log.h"

#include <algorithm>
#include <iterator>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "sim/core/error.h"

namespace sim::log {
namespace {

char letter(Level level) {
  switch (level) {
    case Level::trace:
      return 'T';
    case Level::debug:
      return 'D';
    case Level::info:
      return 'I';
    case Level::warn:
      return 'W';
    case Level::error:
      return 'E';
    case Level::off:
      break;
  }
  return '?';
}

// Whether `unit` is `part` or lies inside it.
bool inside(std::string_view unit, std::string_view part) {
  if (unit.substr(0, part.size()) != part) return false;
  if (part.empty() || unit.size() == part.size()) return true;
  const char next = unit[part.size()];
  return next == '.' || next == '/' || next == '[';
}

}  // namespace

Channel::Channel(Log& log, std::string name)
    : log_(log), name_(std::move(name)), level_(log.level_of(name_)) {}

Log::Log(LogConfig config, bool to_stderr)
    : config_(std::move(config)), logger_(std::make_unique<spdlog::logger>("")) {
  logger_->set_level(spdlog::level::trace);  // levels are ours: spdlog knows no hierarchy
  logger_->set_error_handler([this](const std::string& what) {
    if (failure_.empty()) failure_ = what;
  });
  if (to_stderr) logger_->sinks().push_back(std::make_shared<spdlog::sinks::stderr_sink_st>());
  sinks_changed();
}

Log::~Log() { logger_->flush(); }

void Log::add_file(const std::filesystem::path& file) {
  try {
    logger_->sinks().push_back(std::make_shared<spdlog::sinks::basic_file_sink_st>(file.string(), true));
  } catch (const spdlog::spdlog_ex& problem) {
    throw Error(Exit::input, "cannot open the log file " + file.string() + ": " + problem.what() +
                                 "; choose a folder that can be written");
  }
  sinks_changed();
}

void Log::add_stream(std::ostream& stream) {
  logger_->sinks().push_back(std::make_shared<spdlog::sinks::ostream_sink_st>(stream));
  sinks_changed();
}

void Log::sinks_changed() {
  // The line is made here, so that all destinations get the same one.
  logger_->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::local, "\n"));
  lowest_ = Level::off;
  if (logger_->sinks().empty()) return;
  lowest_ = config_.level;
  for (const LevelRule& rule : config_.levels) lowest_ = std::min(lowest_, rule.level);
}

Level Log::level_of(std::string_view unit) const {
  Level level = config_.level;
  std::size_t longest = 0;
  for (const LevelRule& rule : config_.levels) {
    if (rule.unit.size() < longest || !inside(unit, rule.unit)) continue;
    longest = rule.unit.size();
    level = rule.level;
  }
  return level;
}

void Log::write(Level level, std::string_view unit, std::string_view message) {
  if (level == Level::warn) ++warnings_;
  if (level == Level::error) ++errors_;
  if (level != Level::off && enabled(level, unit)) emit(level, unit, message);
}

void Log::vwrite(Level level, std::string_view unit, fmt::string_view format, fmt::format_args args) {
  if (level < level_of(unit)) return;
  fmt::memory_buffer message;
  try {
    fmt::vformat_to(std::back_inserter(message), format, args);
  } catch (const fmt::format_error& problem) {
    // A slip in a message must not end a long run; it is shown instead.
    fmt::format_to(std::back_inserter(message), "(bad message '{}': {})", format, problem.what());
  }
  emit(level, unit, {message.data(), message.size()});
}

void Log::emit(Level level, std::string_view unit, std::string_view message) {
  fmt::memory_buffer line;
  if (clock_) {
    fmt::format_to(std::back_inserter(line), "[{} {} cyc] {}: {}", letter(level), clock_(), unit, message);
  } else {
    fmt::format_to(std::back_inserter(line), "[{} - cyc] {}: {}", letter(level), unit, message);
  }
  logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void Log::flush() {
  logger_->flush();
  if (failure_.empty()) return;
  const std::string what = std::move(failure_);
  failure_.clear();
  throw Error(Exit::input, "the log is not complete: " + what + "; free space, or log less (log.level)");
}

}  // namespace sim::log
