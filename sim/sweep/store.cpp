// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/store.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include "sim/core/error.h"
#include "sim/sweep/seconds.h"

namespace sim::sweep {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS points(id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, status INTEGER "
    "NOT NULL"
    " DEFAULT 0, labels TEXT, assignments TEXT, base TEXT, exit_code INTEGER, error TEXT, wall_s REAL, "
    "attempts INTEGER"
    " NOT NULL DEFAULT 0, objectives TEXT, accepted INTEGER NOT NULL DEFAULT 0, front INTEGER NOT NULL "
    "DEFAULT 0,"
    " config_digest TEXT, summary TEXT);"
    "CREATE TABLE IF NOT EXISTS view_points(view INTEGER NOT NULL, digest TEXT NOT NULL, grp TEXT NOT NULL,"
    " x REAL, y REAL, front INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS points_status ON points(status);";

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double v : values) list.push_back(std::isnan(v) ? Json() : Json(v));
  return list;
}

std::vector<double> numbers(const std::string& text) {
  std::vector<double> values;
  const Json list = Json::parse(text, nullptr, false);
  if (!list.is_array()) return values;
  for (const Json& v : list) {
    values.push_back(v.is_number() ? v.get<double>() : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

}  // namespace

struct Store::Statement {
  sqlite3_stmt* stmt = nullptr;
  ~Statement() { sqlite3_finalize(stmt); }
  Statement& text(int i, const std::string& s) {
    sqlite3_bind_text(stmt, i, s.data(), static_cast<int>(s.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement& integer(int i, std::int64_t v) {
    sqlite3_bind_int64(stmt, i, v);
    return *this;
  }
  Statement& real(int i, double v) {
    sqlite3_bind_double(stmt, i, v);
    return *this;
  }
  std::string column(int i) const {
    const auto* s = sqlite3_column_text(stmt, i);
    return s == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(s));
  }
};

Store::Store(const std::filesystem::path& file, Open how) : file_(file) {
  const int flags = how == Open::create  ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                    : how == Open::write ? SQLITE_OPEN_READWRITE
                                         : SQLITE_OPEN_READONLY;
  if (sqlite3_open_v2(file.c_str(), &db_, flags, nullptr) != SQLITE_OK) {
    const std::string why = db_ == nullptr ? "out of memory" : sqlite3_errmsg(db_);
    sqlite3_close(db_);
    throw Error(Exit::input, "cannot open " + file.string() + ": " + why);
  }
  sqlite3_busy_timeout(db_, 5000);
  if (how == Open::read) return;
  try {
    exec("PRAGMA journal_mode=WAL");
    exec("PRAGMA synchronous=NORMAL");
    exec(kSchema);
  } catch (...) {
    sqlite3_close(db_);
    throw;
  }
}

Store::~Store() {
  if (in_transaction_) sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
  statements_.clear();
  sqlite3_close(db_);
}

void Store::fail(const std::string& what) const {
  throw Error(Exit::input, "cannot " + what + " " + file_.string() + ": " + sqlite3_errmsg(db_) +
                               "; what was stored before is safe, go on with --resume");
}

void Store::exec(const char* sql) const {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail("write to");
}

Store::Statement& Store::prepared(const char* sql) const {
  auto& slot = statements_[sql];
  if (!slot) {
    slot = std::make_unique<Statement>();
    if (sqlite3_prepare_v2(db_, sql, -1, &slot->stmt, nullptr) != SQLITE_OK) fail("use");
  }
  sqlite3_reset(slot->stmt);
  sqlite3_clear_bindings(slot->stmt);
  return *slot;
}

void Store::begin() {
  if (in_transaction_) return;
  exec("BEGIN IMMEDIATE");
  in_transaction_ = true;
  began_ = seconds_now();
}

void Store::commit() {
  if (!in_transaction_) return;
  for (auto& s : statements_) sqlite3_reset(s.second->stmt);
  in_transaction_ = false;
  if (sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) {
    const std::string why = sqlite3_errmsg(db_);
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    throw Error(Exit::input, "cannot write to " + file_.string() + ": " + why +
                                 "; what was stored before is safe, go on with --resume");
  }
}

void Store::tick() {
  if (in_transaction_ && seconds_now() - began_ > 0.1) commit();
}

void Store::set(const std::string& key, const std::string& value) {
  Statement& s = prepared("INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)");
  if (sqlite3_step(s.text(1, key).text(2, value).stmt) != SQLITE_DONE) fail("write to");
}

std::optional<std::string> Store::get(const std::string& key) const {
  Statement& s = prepared("SELECT value FROM meta WHERE key = ?1");
  const int code = sqlite3_step(s.text(1, key).stmt);
  std::optional<std::string> value;
  if (code == SQLITE_ROW)
    value = s.column(0);
  else if (code != SQLITE_DONE)
    fail("read");
  sqlite3_reset(s.stmt);
  return value;
}

void Store::add(const std::vector<Point>& points) {
  if (points.empty()) return;
  begin();
  for (const Point& p : points) {
    Statement& s =
        prepared("INSERT OR IGNORE INTO points(digest, labels, assignments, base) VALUES(?1, ?2, ?3, ?4)");
    s.text(1, p.digest).text(2, Json(p.labels).dump()).text(3, Json(p.assignments).dump()).text(4, p.base);
    if (sqlite3_step(s.stmt) != SQLITE_DONE) fail("write to");
  }
  commit();
}

std::optional<Outcome> Store::find(const std::string& digest) const {
  Statement& s = prepared("SELECT status, exit_code, error, wall_s, summary FROM points WHERE digest = ?1");
  std::optional<Outcome> outcome;
  if (sqlite3_step(s.text(1, digest).stmt) == SQLITE_ROW) {
    outcome.emplace();
    outcome->status = static_cast<Status>(sqlite3_column_int(s.stmt, 0));
    outcome->exit_code = sqlite3_column_int(s.stmt, 1);
    outcome->error = s.column(2);
    outcome->wall_s = sqlite3_column_double(s.stmt, 3);
    outcome->summary = s.column(4);
  }
  sqlite3_reset(s.stmt);
  return outcome;
}

void Store::record(const std::string& digest, const Outcome& outcome, const Score& score) {
  begin();
  std::string config_digest;
  if (!outcome.summary.empty()) {
    const Json summary = Json::parse(outcome.summary, nullptr, false);
    if (summary.is_object() && summary.contains("config_digest") && summary["config_digest"].is_string()) {
      config_digest = summary["config_digest"].get<std::string>();
    }
  }
  Statement& s = prepared(
      "UPDATE points SET status = ?2, exit_code = ?3, error = ?4, wall_s = ?5, attempts = attempts + 1, "
      "objectives = ?6,"
      " accepted = ?7, config_digest = ?8, summary = ?9 WHERE digest = ?1");
  s.text(1, digest)
      .integer(2, static_cast<int>(outcome.status))
      .integer(3, outcome.exit_code)
      .text(4, outcome.error);
  s.real(5, outcome.wall_s).text(6, numbers(score.objectives).dump()).integer(7, score.accepted ? 1 : 0);
  s.text(8, config_digest).text(9, outcome.summary);
  if (sqlite3_step(s.stmt) != SQLITE_DONE) fail("write to");
  tick();
}

std::uint64_t Store::renew_failed() {
  commit();
  exec("UPDATE points SET status = 0, error = NULL, exit_code = NULL WHERE status = 2");
  return static_cast<std::uint64_t>(sqlite3_changes(db_));
}

Counts Store::counts() const {
  Counts counts;
  Statement& s = prepared("SELECT status, count(*) FROM points GROUP BY status");
  while (sqlite3_step(s.stmt) == SQLITE_ROW) {
    const auto n = static_cast<std::uint64_t>(sqlite3_column_int64(s.stmt, 1));
    switch (static_cast<Status>(sqlite3_column_int(s.stmt, 0))) {
      case Status::pending:
        counts.pending = n;
        break;
      case Status::done:
        counts.done = n;
        break;
      case Status::failed:
        counts.failed = n;
        break;
    }
  }
  sqlite3_reset(s.stmt);
  return counts;
}

std::uint64_t Store::highest_id() const {
  Statement& s = prepared("SELECT coalesce(max(id), 0) FROM points");
  sqlite3_step(s.stmt);
  const auto id = static_cast<std::uint64_t>(sqlite3_column_int64(s.stmt, 0));
  sqlite3_reset(s.stmt);
  return id;
}

void Store::each(const std::function<void(const Row&)>& f) const {
  Statement& s = prepared(
      "SELECT id, digest, labels, assignments, base, status, exit_code, error, wall_s, objectives, accepted, "
      "front,"
      " summary FROM points ORDER BY id");
  while (sqlite3_step(s.stmt) == SQLITE_ROW) {
    Row row;
    row.id = static_cast<std::uint64_t>(sqlite3_column_int64(s.stmt, 0));
    row.digest = s.column(1);
    row.labels = s.column(2);
    row.assignments = s.column(3);
    row.base = s.column(4);
    row.outcome.status = static_cast<Status>(sqlite3_column_int(s.stmt, 5));
    row.outcome.exit_code = sqlite3_column_int(s.stmt, 6);
    row.outcome.error = s.column(7);
    row.outcome.wall_s = sqlite3_column_double(s.stmt, 8);
    row.score.objectives = numbers(s.column(9));
    row.score.accepted = sqlite3_column_int(s.stmt, 10) != 0;
    row.front = sqlite3_column_int(s.stmt, 11) != 0;
    row.outcome.summary = s.column(12);
    f(row);
  }
  sqlite3_reset(s.stmt);
}

void Store::set_view(unsigned view, const std::vector<ViewPoint>& points) {
  begin();
  Statement& clear = prepared("DELETE FROM view_points WHERE view = ?1");
  if (sqlite3_step(clear.integer(1, view).stmt) != SQLITE_DONE) fail("write to");
  for (const ViewPoint& p : points) {
    Statement& s =
        prepared("INSERT INTO view_points(view, digest, grp, x, y, front) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
    s.integer(1, view).text(2, p.digest).text(3, p.group).real(4, p.x).real(5, p.y).integer(6, p.front);
    if (sqlite3_step(s.stmt) != SQLITE_DONE) fail("write to");
  }
  commit();
}

void Store::set_front(const std::vector<std::string>& digests) {
  begin();
  exec("UPDATE points SET front = 0 WHERE front != 0");
  for (const std::string& digest : digests) {
    Statement& s = prepared("UPDATE points SET front = 1 WHERE digest = ?1");
    if (sqlite3_step(s.text(1, digest).stmt) != SQLITE_DONE) fail("write to");
  }
  commit();
}

}  // namespace sim::sweep
