// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/store.h"

#include <cmath>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sim/core/error.h"
#include "sim/sweep/csv.h"
#include "tests/support/temp_folder.h"

namespace sim::sweep {
namespace {

Point point(const std::string& digest) { return {digest, "base.yaml", {"a.b=1"}, {"1", ""}}; }

Outcome done(const std::string& summary) {
  Outcome o;
  o.status = Status::done;
  o.summary = summary;
  o.wall_s = 0.5;
  return o;
}

TEST(Store, keeps_what_was_committed) {
  const test_support::TempFolder folder;
  const auto file = folder / "sweep.sqlite";
  {
    Store store(file, Store::Open::create);
    store.set("axes", R"(["x","y"])");
    store.set("objectives", R"(["area"])");
    store.add({point("aa"), point("bb"), point("cc")});
    store.add({point("aa")});  // there already
    store.record("bb",
                 done(R"({"area": 3, "energy_j": {"total": 0.5}, "list": [1,2], "config_digest": "dd"})"),
                 {{3}, true});
    Outcome failed;
    failed.status = Status::failed;
    failed.exit_code = 2;
    failed.error = "no, \"really\"\nno";
    store.record("cc", failed, {{std::nan("")}, false});
    store.commit();
    store.set_front({"bb"});
  }
  const Store store(file, Store::Open::read);
  const Counts counts = store.counts();
  EXPECT_EQ(counts.pending, 1U);
  EXPECT_EQ(counts.done, 1U);
  EXPECT_EQ(counts.failed, 1U);
  EXPECT_EQ(store.find("cc")->error, "no, \"really\"\nno");
  EXPECT_FALSE(store.find("zz"));
  std::ostringstream csv;
  write_csv(csv, store, false);
  EXPECT_EQ(
      csv.str(),
      "id,digest,folder,status,exit_code,point_wall_s,accepted,front,error,axis.x,axis.y,objective.area,area,"
      "energy_j.total,list,config_digest\n"
      "1,aa,points/aa/aa,pending,,,false,false,,1,,,,,,\n"
      "2,bb,points/bb/bb,done,0,0.5,true,true,,1,,3,3,0.5,\"[1,2]\",dd\n"
      "3,cc,points/cc/cc,failed,2,0,false,false,\"no, \"\"really\"\"\nno\",1,,,,,,\n");
}

TEST(Store, makes_failed_points_pending_again) {
  const test_support::TempFolder folder;
  Store store(folder / "s", Store::Open::create);
  store.add({point("aa")});
  Outcome failed;
  failed.status = Status::failed;
  store.record("aa", failed, {});
  EXPECT_EQ(store.renew_failed(), 1U);
  EXPECT_EQ(store.find("aa")->status, Status::pending);
}

TEST(Store, refuses_a_file_that_is_none) {
  const test_support::TempFolder folder;
  const auto file = folder / "text";
  { std::ofstream(file) << std::string(5000, 'x'); }
  EXPECT_THROW(Store(file, Store::Open::write), Error);
  EXPECT_THROW(Store(folder / "none", Store::Open::read), Error);
}

}  // namespace
}  // namespace sim::sweep
