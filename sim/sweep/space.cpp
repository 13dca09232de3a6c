// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/space.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "sim/app/build_info.h"
#include "sim/app/digest.h"
#include "sim/app/options.h"
#include "sim/app/results.h"
#include "sim/app/settings.h"
#include "sim/config/diagnostics.h"
#include "sim/config/document.h"
#include "sim/config/suggest.h"
#include "sim/core/error.h"

namespace sim::sweep {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> axis_numbers(const AxisConfig& axis) {
  std::vector<std::string> texts;
  if (!axis.range.empty()) {
    const double from = axis.range[0], to = axis.range[1], step = axis.range.size() == 3 ? axis.range[2] : 1;
    const auto count = static_cast<std::uint64_t>(std::floor((to - from) / step + 1e-9)) + 1;
    for (std::uint64_t i = 0; i < count; ++i)
      texts.push_back(number_text(from + static_cast<double>(i) * step));
  } else {
    const double from = axis.log_range[0], to = axis.log_range[1], factor = axis.log_range[2];
    for (double v = from; v <= to * (1 + 1e-9); v *= factor) texts.push_back(number_text(v));
  }
  return texts;
}

Axis make_axis(const AxisConfig& config) {
  Axis axis;
  axis.name = config.shown_name();
  if (!config.when.empty()) axis.when.emplace(config.when);
  for (const ChoiceConfig& choice : config.choices) axis.values.push_back({choice.name, choice.set});
  const auto& texts = config.values.empty() && config.choices.empty() ? axis_numbers(config) : config.values;
  for (const std::string& text : texts) axis.values.push_back({text, {config.path + "=" + text}});
  return axis;
}

std::pair<std::string, std::string> split(const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  return {assignment.substr(0, equals), assignment.substr(equals + 1)};
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in) throw Error(Exit::input, "cannot read " + file.string());
  return bytes.str();
}

}  // namespace

Space::Space(const LoadedSweep& sweep, const app::Registry& registry)
    : set_(sweep.config.set), base_(sweep.base.string()) {
  for (const AxisConfig& axis : sweep.config.axes) axes_.push_back(make_axis(axis));
  for (const DerivedConfig& d : sweep.config.derived) {
    derived_.push_back({d.path, Expression(d.expression), std::nullopt});
    if (!d.when.empty()) derived_.back().when.emplace(d.when);
  }
  for (const std::string& r : sweep.config.require) require_.emplace_back(r);
  for (Axis& axis : axes_) {  // configuration files are relative to the sweep's
    for (AxisValue& value : axis.values) {
      for (std::string& assignment : value.assignments) {
        const auto [path, text] = split(assignment);
        if (path == "base" && !fs::path(text).is_absolute()) {
          assignment = "base=" + (sweep.file.parent_path() / text).string();
        }
      }
    }
  }
  check_axes(sweep, registry);
  std::string all = std::string(app::version_text()) + "\n" + base_digest(base_);
  for (const std::string& s : set_) all += "\nset " + s;
  for (const Axis& axis : axes_) {
    all += "\naxis " + axis.name + (axis.when ? " when " + axis.when->text() : "");
    for (const AxisValue& value : axis.values) {
      all += "\n " + value.text;
      for (const std::string& a : value.assignments) all += " " + a;
    }
  }
  for (const Derived& d : derived_) {
    all += "\nderived " + d.path + "=" + d.expression.text() + (d.when ? " when " + d.when->text() : "");
  }
  for (const Expression& r : require_) all += "\nrequire " + r.text();
  identity_ = app::sha256(all);
}

std::uint64_t Space::combinations() const {
  std::uint64_t product = 1;
  for (const Axis& axis : axes_) {
    if (__builtin_mul_overflow(product, axis.values.size(), &product))
      return std::numeric_limits<std::uint64_t>::max();
  }
  return product;
}

bool Space::active(std::size_t axis, const Point& partial) const {
  if (!axes_[axis].when) return true;
  return axes_[axis].when->holds([&](const std::string& name) { return setting(partial, name); });
}

bool Space::fill(Coordinates& at, Point& point) const {
  point.base = base_;
  point.assignments = set_;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (!active(i, point)) {
      point.labels.emplace_back();
      at[i] = 0;
      continue;
    }
    const AxisValue& value = axes_[i].values.at(at[i]);
    point.labels.push_back(value.text);
    for (const std::string& assignment : value.assignments) {
      if (assignment.rfind("base=", 0) == 0) {
        point.base = assignment.substr(5);
      } else {
        point.assignments.push_back(assignment);
      }
    }
  }
  const auto lookup = [&](const std::string& name) { return setting(point, name); };
  for (const Derived& d : derived_) {
    if (d.when && !d.when->holds(lookup)) continue;
    const double value = d.expression.evaluate(lookup);
    if (std::isnan(value)) return false;
    point.assignments.push_back(d.path + "=" + number_text(value));
  }
  for (const Expression& r : require_) {
    if (!r.holds(lookup)) return false;
  }
  return true;
}

Coordinates Space::tidy(const Coordinates& at) const {
  Coordinates tidied = at;
  Point point;
  fill(tidied, point);
  return tidied;
}

std::optional<Point> Space::point(const Coordinates& at) const {
  Point point;
  Coordinates tidied = at;
  if (!fill(tidied, point)) return std::nullopt;
  std::string all = std::string(app::version_text()) + base_digest(point.base) + files_digest(point);
  for (const std::string& a : point.assignments) all += "\n" + a;
  point.digest = app::sha256(all).substr(0, 32);
  return point;
}

std::optional<std::string> Space::setting(const Point& point, const std::string& name) const {
  for (std::size_t i = 0; i < point.labels.size(); ++i) {
    if (axes_[i].name == name) return point.labels[i].empty() ? std::nullopt : std::optional(point.labels[i]);
  }
  for (auto a = point.assignments.rbegin(); a != point.assignments.rend(); ++a) {
    if (a->size() > name.size() && (*a)[name.size()] == '=' && a->compare(0, name.size(), name) == 0) {
      return a->substr(name.size() + 1);
    }
  }
  const auto base = settings_.find(point.base.empty() ? base_ : point.base);
  if (base == settings_.end()) return std::nullopt;
  const auto found = base->second.find(name);
  if (found == base->second.end()) return std::nullopt;
  return found->second;
}

std::string Space::base_digest(const std::string& file) const {
  std::string& digest = base_digests_[file];
  if (digest.empty()) {
    std::string lines;
    for (const auto& [path, value] : settings_.at(file)) lines += path + ": " + value + "\n";
    digest = app::sha256(lines);
  }
  return digest;
}

// Any setting that names a file is an input; what it holds counts, not where it lies.
std::string Space::files_digest(const Point& point) const {
  std::string all;
  const auto add = [&](const std::string& path, const std::string& value) {
    if (value.size() < 3 || value.find('.') == std::string::npos) return;
    const fs::path folder = fs::path(point.base).parent_path();
    for (const fs::path& file : {fs::path(value), folder / value}) {
      std::error_code none;
      if (!fs::is_regular_file(file, none)) continue;
      std::string& digest = file_digests_[file.string()];
      if (digest.empty()) digest = app::sha256(read_file(file));
      all += path + "@" + digest + "\n";
      return;
    }
  };
  for (const auto& [path, value] : settings_.at(point.base)) add(path, value);
  for (const std::string& assignment : point.assignments) {
    const auto [path, value] = split(assignment);
    add(path, value);
  }
  return all;
}

// 1. The bases must load; 2. every assigned path must be a setting of one of them; 3. every value must be
// accepted by it alone; 4. names in expressions must be known.
void Space::check_axes(const LoadedSweep& sweep, const app::Registry& registry) {
  config::Diagnostics diagnostics;
  std::vector<std::string> bases = {base_};
  for (const Axis& axis : axes_) {
    for (const AxisValue& value : axis.values) {
      for (const std::string& a : value.assignments) {
        if (a.rfind("base=", 0) == 0) bases.push_back(a.substr(5));
      }
    }
  }
  std::vector<std::string> known;
  std::vector<app::KeyText> keys;
  for (const std::string& base : bases) {
    if (settings_.count(base) != 0) continue;
    const app::Loaded loaded = app::load(base, set_, registry);  // says itself what is wrong
    if (!model_.empty() && model_ != loaded.model->name()) {
      throw Error(Exit::usage, "the bases of a sweep are of one model, " + base + " is of " +
                                   loaded.model->name() + ", " + base_ + " of " + model_);
    }
    model_ = loaded.model->name();
    keys = loaded.model->summary_keys();
    auto& settings = settings_[base];
    for (const auto& entry : loaded.resolved.entries()) {
      settings[entry.path] = entry.value;
      known.push_back(entry.path);
    }
  }
  for (const app::KeyText& k : app::generic_summary_keys()) keys.push_back(k);
  const auto is_setting = [&](const std::string& path) {
    for (const auto& base : settings_) {
      if (base.second.count(path) != 0) return true;
    }
    return false;
  };
  const auto check_path = [&](const std::string& path, const std::string& where) {
    if (path == "base" || is_setting(path)) return;
    diagnostics.error(sweep.resolved.mark(where), where + ": there is no setting '" + path + "' in " + base_ +
                                                      config::did_you_mean(path, known));
  };
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const std::string where = "axes[" + std::to_string(i) + "]";
    if (!sweep.config.axes[i].path.empty()) check_path(sweep.config.axes[i].path, where + ".path");
    for (std::size_t c = 0; c < sweep.config.axes[i].choices.size(); ++c) {
      const auto& set = sweep.config.axes[i].choices[c].set;
      for (std::size_t s = 0; s < set.size(); ++s) {
        check_path(split(set[s]).first,
                   where + ".choices[" + std::to_string(c) + "].set[" + std::to_string(s) + "]");
      }
    }
  }
  for (std::size_t i = 0; i < derived_.size(); ++i) {
    check_path(derived_[i].path, "derived[" + std::to_string(i) + "].path");
  }
  const auto check_names = [&](const Expression& e, const std::string& where, bool results) {
    for (const std::string& name : e.names()) {
      bool found = is_setting(name) || name.find('.') == std::string::npos;
      for (const Axis& axis : axes_) found = found || axis.name == name;
      std::vector<std::string> near = known;
      for (const app::KeyText& k : keys) {
        if (!results) break;
        found = found || k.key == name;
        near.push_back(k.key);
      }
      if (found && results && !is_setting(name) && e.text() == name) {  // a bare objective is no word
        found = false;
        for (const app::KeyText& k : keys) found = found || k.key == name;
      }
      if (!found) {
        diagnostics.error(sweep.resolved.mark(where), where + ": '" + name + "' is neither a setting" +
                                                          (results ? " nor a result key" : " nor an axis") +
                                                          " of model " + model_ +
                                                          config::did_you_mean(name, near));
      }
    }
  };
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (axes_[i].when) check_names(*axes_[i].when, "axes[" + std::to_string(i) + "].when", false);
  }
  for (std::size_t i = 0; i < derived_.size(); ++i) {
    check_names(derived_[i].expression, "derived[" + std::to_string(i) + "].expression", false);
  }
  for (std::size_t i = 0; i < require_.size(); ++i)
    check_names(require_[i], "require[" + std::to_string(i) + "]", false);
  for (std::size_t i = 0; i < sweep.config.accept.size(); ++i) {
    check_names(Expression(sweep.config.accept[i]), "accept[" + std::to_string(i) + "]", true);
  }
  for (std::size_t i = 0; i < sweep.config.objectives.size(); ++i) {
    check_names(Expression(sweep.config.objectives[i].expression()), "objectives[" + std::to_string(i) + "]",
                true);
  }
  for (std::size_t i = 0; i < sweep.config.views.size(); ++i) {
    const ViewConfig& view = sweep.config.views[i];
    const std::string where = "views[" + std::to_string(i) + "]";
    bool axis = view.group.empty();
    for (const Axis& a : axes_) axis = axis || a.name == view.group;
    if (!axis) check_path(view.group, where + ".group");
    for (std::size_t k = 0; k < view.accept.size(); ++k)
      check_names(Expression(view.accept[k]), where + ".accept[" + std::to_string(k) + "]", true);
    for (std::size_t k = 0; k < view.objectives.size(); ++k)
      check_names(Expression(view.objectives[k].expression()),
                  where + ".objectives[" + std::to_string(k) + "]", true);
  }
  if (!diagnostics.ok()) throw app::Reported(Exit::usage, diagnostics.text());
}

}  // namespace sim::sweep
