// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "sim/config/auto.h"
#include "sim/config/diagnostics.h"
#include "sim/config/document.h"
#include "sim/config/dump.h"
#include "sim/config/reader.h"

// A configuration with every kind of setting.
namespace config_test {

using sim::config::Meta;

enum class Form { pipelined, serial, template_literal };

struct Stage {
  std::string name = "stage";
  unsigned latency = 1;
  std::vector<double> weights;
  void fields(sim::config::Visitor& v) {
    v.field("name", name, Meta("", "name in messages"));
    v.field("latency", latency, Meta("cycle", "from input to output").range(1, 100).assumed("no source yet"));
    v.field("weights", weights, Meta("", "of its inputs").range(0.0, 1.0));
  }
};

struct Design {
  Form form = Form::pipelined;
  unsigned w = 8;
  sim::config::Auto<unsigned> m;
  std::vector<std::int64_t> taps = {1, -2, 3};
  std::vector<Form> forms;
  std::vector<bool> mask = {true, false};
  void fields(sim::config::Visitor& v) {
    v.field("form", form, Meta("", "which circuit"));
    v.field("w", w, Meta("bit", "width of one group").range(1, 20).paper("ALLMod, table 2"));
    v.field("m", m, Meta("", "groups in one table").range(0, 64).word("balanced"));
    v.field("taps", taps, Meta("", "any integers").range(-10, 10));
    v.field("forms", forms, Meta("", "circuits to compare"));
    v.field("mask", mask, Meta("", "switches"));
  }
};

struct Machine {
  std::string model = "example";
  double clock_mhz = 1000;
  bool strict = false;
  int offset = -3;
  std::int64_t low = 0;
  std::uint64_t seed = 1;
  std::string trace;
  sim::config::Auto<double> ratio = 0.5;
  Design design;
  std::vector<Stage> stages = {{"first", 2, {}}, {"second", 3, {0.25, 1}}};
  void fields(sim::config::Visitor& v) {
    v.field("model", model, Meta("", "which model"));
    v.field("clock_mhz", clock_mhz,
            Meta("MHz", "clock of the pipeline").above(0).at_most(1e5).measured("bench"));
    v.field("strict", strict, Meta("", "refuse assumed values"));
    v.field("offset", offset, Meta("", "any int"));
    v.field("low", low, Meta("", "any 64-bit integer"));
    v.field("seed", seed, Meta("", "any unsigned 64-bit integer"));
    v.field("trace", trace, Meta("", "file to play"));
    v.field("ratio", ratio, Meta("", "share").range(0, 1).code("repository, file 3"));
    v.section("design", design, "the arithmetic");
    v.list("stages", stages, "one a stage");
  }
};

// What reading a text gives.
struct Result {
  Machine machine;
  sim::config::Diagnostics diagnostics;
  sim::config::Resolved resolved;
  std::string text;  // of the diagnostics
};

inline Result read_text(const std::string& yaml, const std::vector<std::string>& sets = {}) {
  Result r;
  auto document = sim::config::Document::parse(yaml, "f.yaml", r.diagnostics);
  for (const auto& s : sets) document.set(s, r.diagnostics);
  r.resolved = sim::config::read(document, r.machine, r.diagnostics);
  r.text = r.diagnostics.text();
  return r;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Files for one test, removed at its end.
class Folder {
 public:
  Folder() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(::testing::TempDir()) /
            ("config_test." + std::string(test->test_suite_name()) + "." + test->name() + "." +
             std::to_string(::testing::UnitTest::GetInstance()->random_seed()) + std::to_string(::getpid()));
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace config_test

template <>
struct sim::config::EnumNames<config_test::Form> {
  static const std::vector<std::pair<config_test::Form, std::string>>& get() {
    static const std::vector<std::pair<config_test::Form, std::string>> kNames = {
        {config_test::Form::pipelined, "pipelined"},
        {config_test::Form::serial, "serial"},
        {config_test::Form::template_literal, "template_literal"}};
    return kNames;
  }
};
