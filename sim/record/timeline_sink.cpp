// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/timeline_sink.h"

#include <algorithm>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace sim::record {
namespace {

constexpr std::size_t kMaxRows = 256;                           // per track
constexpr std::uint64_t kFirstThread = std::uint64_t{1} << 20;  // viewers treat tid == pid specially

// As it stands between the quotes of a JSON string; bytes that are not UTF-8 are replaced.
std::string escaped(const std::string& text) {
  using Json = nlohmann::json;
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

std::uint32_t small(std::size_t index) { return static_cast<std::uint32_t>(index); }

}  // namespace

TimelineSink::TimelineSink(const std::filesystem::path& file, Window window, Origin origin)
    : out_(file), window_(window), origin_(std::move(origin)) {}

void TimelineSink::set_period_ps(std::uint64_t period_ps) {
  if (started_) throw std::logic_error("recording: the period is set after the first event");
  origin_.period_ps = period_ps;
}

std::uint32_t TimelineSink::track(const std::string& path, std::uint64_t period_ps) {
  const auto [known, is_new] = track_ids_.emplace(path, tracks_.size());
  if (is_new) {
    const std::size_t slash = path.find('/');
    const std::string process = path.substr(0, slash);
    const auto [owner, is_new_process] = process_ids_.emplace(process, processes_.size());
    if (is_new_process) processes_.push_back({escaped(process)});
    Track track;
    track.path = path;
    track.thread = escaped(slash == std::string::npos ? path : path.substr(slash + 1));
    track.process = owner->second;
    track.period_ps = period_ps;
    tracks_.push_back(std::move(track));
  }
  return small(known->second);
}

std::uint32_t TimelineSink::name(const std::string& text) {
  const auto [known, is_new] = name_ids_.emplace(text, names_.size());
  if (is_new) names_.push_back(escaped(text));
  return small(known->second);
}

void TimelineSink::span(std::uint32_t track, std::uint32_t name, Cycle begin, Cycle end, std::uint64_t id) {
  Track& where = tracks_.at(track);
  if (end < begin) {
    throw std::logic_error("recording: " + where.path + ": a span from cycle " + std::to_string(begin) +
                           " ends at cycle " + std::to_string(end));
  }
  if (!within(where, begin, end)) return;
  // Before anything is written: an event that cannot be completed must not be begun.
  const std::uint64_t start = time_of(where, begin);
  const std::uint64_t duration = time_of(where, end) - start;
  where.last_row = row_of(where, begin, end);
  announce(where, where.last_row);
  open_event('X', where, where.last_row, names_.at(name));
  out_.put(",\"dur\":");
  put_microseconds(duration);
  out_.put(",\"ts\":");
  put_microseconds(start);
  out_.put(",\"args\":{\"cycle\":");
  out_.put_number(begin);
  put_field("cycles", end - begin);
  if (id != 0) put_field("id", id);
  out_.put("}}");
}

void TimelineSink::instant(std::uint32_t track, std::uint32_t name, Cycle at, std::uint64_t id) {
  Track& where = tracks_.at(track);
  if (!within(where, at, at)) return;
  const std::uint64_t time = time_of(where, at);
  announce(where, 0);
  open_event('i', where, 0, names_.at(name));
  out_.put(",\"s\":\"t\"");
  close_event(time, at, id);
}

void TimelineSink::counter(std::uint32_t track, std::uint32_t name, Cycle at, std::uint64_t value) {
  Track& where = tracks_.at(track);
  if (!within(where, at, at)) return;
  const std::uint64_t time = time_of(where, at);
  // Viewers identify counters by process and name alone, so the name carries the thread.
  announce(processes_[where.process]);
  open_event('C', where, 0, where.thread + "/" + names_.at(name));
  out_.put(",\"ts\":");
  put_microseconds(time);
  out_.put(",\"args\":{\"value\":");
  out_.put_number(value);
  out_.put("}}");
}

void TimelineSink::flow(std::uint32_t track, std::uint32_t name, Cycle at, std::uint64_t id, bool begin) {
  Track& where = tracks_.at(track);
  if (!within(where, at, at)) return;
  const std::uint64_t time = time_of(where, at);
  announce(where, where.last_row);
  open_event(begin ? 's' : 'f', where, where.last_row, names_.at(name));
  out_.put(",\"cat\":\"flow\"");
  put_field("id", id);
  if (!begin) out_.put(",\"bp\":\"e\"");  // binds to the span around it, not to the next one
  out_.put(",\"ts\":");
  put_microseconds(time);
  out_.put("}");  // no args: viewers complain of those that differ between both ends of an arrow
}

void TimelineSink::finish() {
  if (!started_) begin_event();
  out_.put("\n]}\n");
  out_.close();
}

std::vector<std::string> TimelineSink::crowded() const {
  std::vector<std::string> paths;
  for (const Track& track : tracks_) {
    if (track.crowded) paths.push_back(track.path);
  }
  return paths;
}

std::uint64_t TimelineSink::time_of(const Track& track, Cycle at) const {
  return time_ps(at, track.period_ps == 0 ? origin_.period_ps : track.period_ps);
}

__extension__ typedef unsigned __int128 Wide;

bool TimelineSink::within(const Track& track, Cycle begin, Cycle end) const {
  if (track.period_ps == 0) return window_.touches(begin, end);
  const auto from = static_cast<Wide>(window_.from) * origin_.period_ps;
  const auto to = static_cast<Wide>(window_.to) * origin_.period_ps;
  const auto first = static_cast<Wide>(begin) * track.period_ps;
  const auto last = static_cast<Wide>(end) * track.period_ps;
  return first < to && (last > from || first >= from);
}

std::size_t TimelineSink::row_of(Track& track, Cycle begin, Cycle end) {
  const auto row =
      std::find_if(track.free_at.begin(), track.free_at.end(), [begin](Cycle free) { return free <= begin; });
  if (row != track.free_at.end()) {
    *row = end;
    return static_cast<std::size_t>(row - track.free_at.begin());
  }
  if (track.free_at.size() == kMaxRows) {
    track.crowded = true;
    track.free_at.back() = std::max(track.free_at.back(), end);
    return kMaxRows - 1;
  }
  announce(track, track.free_at.size());
  track.free_at.back() = end;
  return track.free_at.size() - 1;
}

std::uint64_t TimelineSink::thread_id(const Track& track, std::size_t row) const {
  return kFirstThread + static_cast<std::uint64_t>(&track - tracks_.data()) * kMaxRows + row;
}

// Names the rows up to `row`, once each; tracks without events stay invisible.
void TimelineSink::announce(Track& track, std::size_t row) {
  while (track.free_at.size() <= row) {
    const std::size_t fresh = track.free_at.size();
    announce(processes_[track.process]);
    open_event('M', track, fresh, "thread_name");
    out_.put(",\"args\":{\"name\":\"");
    out_.put(track.thread);
    if (fresh > 0) out_.put(" +" + std::to_string(fresh));
    out_.put("\"}}");
    open_event('M', track, fresh, "thread_sort_index");
    out_.put(",\"args\":{\"sort_index\":");
    out_.put_number(thread_id(track, fresh) - kFirstThread);
    out_.put("}}");
    track.free_at.push_back(0);
  }
}

void TimelineSink::announce(Process& process) {
  if (process.announced) return;
  process.announced = true;
  const auto index = static_cast<std::uint64_t>(&process - processes_.data());
  const auto open = [&](const char* what) {
    begin_event();
    out_.put("{\"ph\":\"M\"");
    put_field("pid", index + 1);
    out_.put(",\"name\":\"");
    out_.put(what);
    out_.put("\",\"args\":{");
  };
  open("process_name");
  out_.put("\"name\":\"");
  out_.put(process.name);
  out_.put("\"}}");
  open("process_sort_index");
  out_.put("\"sort_index\":");
  out_.put_number(index);
  out_.put("}}");
}

void TimelineSink::open_event(char phase, const Track& track, std::size_t row, const std::string& name) {
  begin_event();
  out_.put("{\"ph\":\"");
  out_.put(phase);
  out_.put('"');
  put_field("pid", track.process + 1);
  if (phase != 'C') put_field("tid", thread_id(track, row));
  out_.put(",\"name\":\"");
  out_.put(name);
  out_.put('"');
}

void TimelineSink::close_event(std::uint64_t time, Cycle at, std::uint64_t id) {
  out_.put(",\"ts\":");
  put_microseconds(time);
  out_.put(",\"args\":{\"cycle\":");
  out_.put_number(at);
  if (id != 0) put_field("id", id);
  out_.put("}}");
}

void TimelineSink::put_field(const char* key, std::uint64_t value) {
  out_.put(",\"");
  out_.put(key);
  out_.put("\":");
  out_.put_number(value);
}

// Decimal, not binary, fractions: no picosecond is lost to rounding.
void TimelineSink::put_microseconds(std::uint64_t picoseconds) {
  constexpr std::uint64_t kPerMicrosecond = 1'000'000;
  out_.put_number(picoseconds / kPerMicrosecond);
  std::uint64_t rest = picoseconds % kPerMicrosecond;
  if (rest == 0) return;
  char digits[7] = {'.', '0', '0', '0', '0', '0', '0'};
  std::size_t length = 1;
  for (std::size_t i = 6; i >= 1; --i, rest /= 10) {
    digits[i] = static_cast<char>('0' + rest % 10);
    if (digits[i] != '0' && length == 1) length = i + 1;
  }
  out_.put(std::string_view(digits, length));
}

void TimelineSink::begin_event() {
  if (started_) {
    out_.put(",\n");
    return;
  }
  started_ = true;
  out_.put("{\"metadata\":{\"generator\":\"tricycle\",\"schema\":" + std::to_string(kSchema) +
           ",\"period_ps\":" + std::to_string(origin_.period_ps) + ",\"configuration\":\"");
  out_.put(escaped(origin_.configuration));
  out_.put("\"},\n\"displayTimeUnit\":\"ns\",\n\"traceEvents\":[\n");
}

}  // namespace sim::record
