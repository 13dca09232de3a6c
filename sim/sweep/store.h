// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/outcome.h"
#include "sim/sweep/space.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sim::sweep {

struct Counts {
  std::uint64_t pending = 0, done = 0, failed = 0;
  std::uint64_t total() const { return pending + done + failed; }
};

// sweep.sqlite: one row a point, written by one process. What it holds can be gathered from the points'
// folders again but for points that failed without leaving one.
//
//   meta(key, value)         name, identity, axes, objectives, sweep (the file as resolved), ...; JSON where
//   structured points(id, digest, status, labels, assignments, base, exit_code, error, wall_s, attempts,
//   objectives, accepted,
//          front, config_digest, summary)
//   view_points(view, digest, grp, x, y, front)      views: their points; meta key views says what they are
//     status 0 pending, 1 done, 2 failed; labels, assignments, objectives: JSON lists; summary: summary.json
//
// Errors of SQLite and of the disk below it: sim::Error(Exit::input); what was committed before stays.
class Store {
 public:
  enum class Open { create, write, read };
  Store(const std::filesystem::path& file, Open how);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  void set(const std::string& key, const std::string& value);
  std::optional<std::string> get(const std::string& key) const;

  // Adds the points that are not there yet, as pending.
  void add(const std::vector<Point>& points);
  // The state of a point: absent when it is not there.
  std::optional<Outcome> find(const std::string& digest) const;

  struct Score {
    std::vector<double> objectives;  // NaN: none
    bool accepted = false;
  };
  // Written with others in one transaction: at the latest after a tenth of a second at the next call of
  // record() or tick(), and by commit().
  void record(const std::string& digest, const Outcome& outcome, const Score& score);
  void tick();
  void commit();
  // Failed points become pending again.
  std::uint64_t renew_failed();

  Counts counts() const;
  std::uint64_t highest_id() const;

  struct Row {
    std::uint64_t id = 0;
    std::string digest, labels, assignments, base, error, summary;
    Outcome outcome;
    Score score;
    bool front = false;
  };
  // Every row in the order of ids.
  void each(const std::function<void(const Row&)>& f) const;
  // The points of one chart (`views:`), in place of those that it had.
  struct ViewPoint {
    std::string digest, group;
    double x = 0, y = 0;
    bool front = false;
  };
  void set_view(unsigned view, const std::vector<ViewPoint>& points);
  // Marks the front: those digests, no others.
  void set_front(const std::vector<std::string>& digests);

 private:
  struct Statement;
  void exec(const char* sql) const;
  [[noreturn]] void fail(const std::string& what) const;
  Statement& prepared(const char* sql) const;
  void begin();

  std::filesystem::path file_;
  sqlite3* db_ = nullptr;
  mutable std::map<std::string, std::unique_ptr<Statement>> statements_;
  bool in_transaction_ = false;
  double began_ = 0;
};

}  // namespace sim::sweep
