// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/levels.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>

#include <sys/wait.h>
#include <unistd.h>

#include "sim/app/run_folder.h"
#include "sim/app/run_platform.h"
#include "sim/core/error.h"

namespace sim::app {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

/// A folder that is gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "tricycle-levels-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw Error(Exit::input, "cannot make a folder like " + name);
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// The child process of one level; its exit status.
int run_level(const std::string& config, const std::vector<std::string>& overrides, const Registry& registry,
              const fs::path& folder) {
  std::string why;
  Exit code = Exit::internal;
  try {
    Loaded loaded = load(config, overrides, registry);
    RunFolder run = RunFolder::exactly(folder, false);
    Manifest manifest;
    manifest.command_line = {"tricycle", "check", "--levels"};
    manifest.config_file = config;
    const RunOutcome outcome = run_platform(loaded, run, std::move(manifest), true, Progress::Style::none);
    run.publish();
    code = outcome.exit_code;
    why = code == Exit::limit ? outcome.facts.why_partial : outcome.failure;
  } catch (const Error& e) {
    code = e.exit_code();
    why = e.what();
  } catch (const std::exception& e) {
    why = e.what();
  }
  if (code != Exit::done) {
    std::ofstream(folder.parent_path() / "why") << why;
  }
  return static_cast<int>(code);
}

Json summary_of(const std::string& config, std::vector<std::string> overrides, const Registry& registry,
                const std::string& assignment, const fs::path& folder) {
  overrides.push_back(assignment);
  std::cout.flush();
  std::cerr.flush();
  const pid_t child = ::fork();
  if (child < 0) throw Error(Exit::internal, "cannot start a process for " + assignment);
  if (child == 0) ::_exit(run_level(config, overrides, registry, folder));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(Exit::internal);
  if (code != 0) {
    std::ifstream why(folder.parent_path() / "why");
    std::string text{std::istreambuf_iterator<char>(why), {}};
    if (text.empty()) text = "the process died";
    throw Error(static_cast<Exit>(code), assignment + ": " + text);
  }
  std::ifstream in(folder / "summary.json");
  return Json::parse(in);
}

std::string level_text(const Json& value) {
  if (!value.is_number_float()) return value.is_null() ? "-" : value.dump();
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value.get<double>());
  return text;
}

/// Relative; absent for what has none.
std::string deviation(const Json& value, const Json& reference) {
  if (!value.is_number() || !reference.is_number()) return value == reference ? "" : "differs";
  const double v = value.get<double>(), r = reference.get<double>();
  if (v == r) return "=";
  if (r == 0) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%+.3g %%", 100 * (v / r - 1));
  return text;
}

class Table {
 public:
  Table(const Levels& levels, const std::vector<Json>& results) : levels_(levels), results_(results) {}

  /// Prints it; what is not exact although it must be.
  std::string write() {
    std::cout << std::left << std::setw(24) << levels_.setting << std::right << std::setw(18)
              << levels_.words.front();
    for (std::size_t i = 1; i < levels_.words.size(); ++i) {
      std::cout << std::setw(18) << levels_.words[i] << std::setw(12) << "deviation";
    }
    std::cout << "\n";
    for (const std::string& key : levels_.keys) {
      const Json& first = results_.front().at(key);
      if (!first.is_array()) {
        row(key, [&](std::size_t i) { return results_[i].at(key); });
        continue;
      }
      for (std::size_t e = 0; e < first.size(); ++e) {
        row(
            key + "[" + std::to_string(e) + "]",
            [&](std::size_t i) {
              const Json& list = results_[i].at(key);
              return e < list.size() ? list[e] : Json();
            },
            e < kShown);
      }
      if (first.size() > kShown) std::cout << "  ... " << first.size() - kShown << " more of " << key << "\n";
    }
    return wrong_;
  }

 private:
  static constexpr std::size_t kShown = 16;

  template <class Get>
  void row(const std::string& name, Get&& get, bool print = true) {
    const Json reference = get(0);
    if (print)
      std::cout << std::left << std::setw(24) << name << std::right << std::setw(18) << level_text(reference);
    for (std::size_t i = 1; i < results_.size(); ++i) {
      const Json value = get(i);
      if (print)
        std::cout << std::setw(18) << level_text(value) << std::setw(12) << deviation(value, reference);
      const bool exact = std::count(levels_.exact.begin(), levels_.exact.end(), levels_.words[i]) > 0;
      if (exact && value != reference && wrong_.empty()) {
        wrong_ = name + " is " + level_text(value) + " at level " + levels_.words[i] + ", but must be " +
                 level_text(reference);
      }
    }
    if (print) std::cout << "\n";
  }

  const Levels& levels_;
  const std::vector<Json>& results_;
  std::string wrong_;
};

}  // namespace

int check_levels(const std::string& config, const std::vector<std::string>& overrides,
                 const Registry& registry) {
  const Loaded loaded = load(config, overrides, registry);
  const Levels levels = loaded.settings.job->levels();
  if (levels.setting.empty()) {
    throw Error(Exit::usage,
                "model " + loaded.model->name() + " has one level of detail only; nothing to compare");
  }
  Scratch scratch;
  std::vector<Json> results;
  for (const std::string& word : levels.words) {
    results.push_back(
        summary_of(config, overrides, registry, levels.setting + "=" + word, scratch.path() / word));
  }
  const std::string wrong = Table(levels, results).write();
  if (!wrong.empty()) throw Error(Exit::check, wrong);
  return 0;
}

}  // namespace sim::app
