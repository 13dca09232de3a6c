// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/sweep_config.h"

#include <cmath>
#include <functional>
#include <stdexcept>

#include "sim/app/options.h"
#include "sim/config/diagnostics.h"
#include "sim/config/document.h"
#include "sim/config/dump.h"
#include "sim/config/reader.h"
#include "sim/core/error.h"
#include "sim/sweep/expression.h"

namespace sim::config {

template <>
struct EnumNames<sweep::SamplerKind> {
  static const std::vector<std::pair<sweep::SamplerKind, std::string>>& get() {
    using K = sweep::SamplerKind;
    static const std::vector<std::pair<K, std::string>> kNames = {
        {K::grid, "grid"}, {K::random, "random"}, {K::lhs, "lhs"}, {K::nsga2, "nsga2"}, {K::moead, "moead"}};
    return kNames;
  }
};
template <>
struct EnumNames<sweep::EngineKind> {
  static const std::vector<std::pair<sweep::EngineKind, std::string>>& get() {
    static const std::vector<std::pair<sweep::EngineKind, std::string>> kNames = {
        {sweep::EngineKind::local, "local"}, {sweep::EngineKind::slurm, "slurm"}};
    return kNames;
  }
};
template <>
struct EnumNames<sweep::Keep> {
  static const std::vector<std::pair<sweep::Keep, std::string>>& get() {
    static const std::vector<std::pair<sweep::Keep, std::string>> kNames = {
        {sweep::Keep::all, "all"}, {sweep::Keep::summaries, "summaries"}};
    return kNames;
  }
};

}  // namespace sim::config

namespace sim::sweep {

using config::Meta;

void SamplerConfig::fields(config::Visitor& v) {
  v.field(
      "kind", kind,
      Meta("",
           "grid: every point; random, lhs (Latin hypercube): so many; nsga2, moead: evolution towards the "
           "objectives (Pagmo)"));
  v.field("points", points, Meta("point", "random, lhs: how many are drawn").at_least(1));
  v.field("seed", seed, Meta("", "of everything that is drawn"));
  v.field("population", population,
          Meta("point", "nsga2, moead: points of a generation; a multiple of 4 for nsga2").range(4, 100000));
  v.field("generations", generations, Meta("", "nsga2, moead: generations after the first").range(1, 100000));
  v.field("islands", islands,
          Meta("",
               "moead: populations side by side, each of population / islands; as many points are simulated "
               "at once")
              .range(1, 256));
  v.field("crossover", crossover, Meta("", "nsga2: probability of crossover").range(0.0, 0.999));
  v.field("mutation", mutation, Meta("", "nsga2: probability of mutation, a gene").range(0.0, 1.0));
}

void ChoiceConfig::fields(config::Visitor& v) {
  v.field("name", name,
          Meta("", "shown in tables and charts; what the axis's name stands for in expressions"));
  v.field("set", set, Meta("", "the settings, each PATH=VALUE"));
}

void AxisConfig::fields(config::Visitor& v) {
  v.field(
      "path", path,
      Meta("", "the setting, e.g. design.w; `base` for the configuration file itself; none with choices"));
  v.field("name", name,
          Meta("", "shown in tables and charts, and a name for expressions; default: the path"));
  v.field("when", when,
          Meta("", "the axis counts only where this holds, over settings and axes above; default: always"));
  v.field("values", values, Meta("", "the values, one by one"));
  v.field("range", range, Meta("", "[from, to] or [from, to, step]; both ends are in"));
  v.field("log_range", log_range, Meta("", "[from, to, factor]: from, from * factor, ... up to `to`"));
  v.list("choices", choices, "named groups of settings");
}

void DerivedConfig::fields(config::Visitor& v) {
  v.field("path", path, Meta("", "the setting"));
  v.field("expression", expression, Meta("", "its value, over settings and axes"));
  v.field("when", when, Meta("", "only where this holds; default: always"));
}

void ObjectiveConfig::fields(config::Visitor& v) {
  v.field("minimise", minimise, Meta("", "a key of summary.json, or an expression over keys and settings"));
  v.field("maximise", maximise, Meta("", "the same, the more the better; one of the two is given"));
  v.field("name", name, Meta("", "shown in charts; default: the expression"));
}

void PublishedConfig::fields(config::Visitor& v) {
  v.field("file", file, Meta("", "CSV file with a header, relative to this file; empty: nothing is drawn"));
  v.field("name", name, Meta("", "whose figures they are, for the legend"));
  v.field("where", where, Meta("", "COLUMN=VALUE; only rows that have it; empty: every row"));
  v.field("group", group, Meta("", "column with the value of the view's group; empty: one curve"));
  v.field("x", x, Meta("", "column of the first objective"));
  v.field("y", y, Meta("", "column of the second one"));
}

void ViewConfig::fields(config::Visitor& v) {
  v.field("name", name, Meta("", "heading of the chart"));
  v.field("group", group, Meta("", "a setting or an axis; each of its values has a front; empty: one front"));
  v.field("accept", accept, Meta("", "conditions on results; points that break one are not in this view"));
  v.list("objectives", objectives, "two: the axes of the chart");
  v.section("published", published, "curves of others to be drawn over ours");
}

void SlurmConfig::fields(config::Visitor& v) {
  v.field("partition", partition, Meta("", "sbatch --partition; empty: the cluster's default"));
  v.field("account", account, Meta("", "sbatch --account; empty: the user's default"));
  v.field("time", time, Meta("", "sbatch --time: limit of one task, of `chunk` points"));
  v.field("memory_mib", memory_mib, Meta("MiB", "sbatch --mem: limit of one task").at_least(64));
  v.field("chunk", chunk,
          Meta("point", "points that one task simulates one after the other").range(1, 100000));
  v.field("at_once", at_once, Meta("task", "most tasks at the same time; 0 = as many as the cluster gives"));
  v.field("attempts", attempts,
          Meta("", "how often a point is tried whose task died or hit a limit").range(1, 100));
  v.field("options", options, Meta("", "further options of sbatch, e.g. --exclude=node7"));
}

void SweepConfig::fields(config::Visitor& v) {
  v.field("sweep", sweep, Meta("", "name of the sweep; the default folder is runs/NAME"));
  v.field("base", base, Meta("", "the configuration that every point starts from, relative to this file"));
  v.field("set", set, Meta("", "settings of every point, each PATH=VALUE"));
  v.section("sampler", sampler, "which points of the space are simulated");
  v.list("axes", axes, "one entry an axis of the space");
  v.list("derived", derived, "settings that follow from others, in this order");
  v.field("require", require,
          Meta("", "conditions on settings and axes; points that break one are not simulated"));
  v.field("accept", accept,
          Meta("", "conditions on results (caps); points that break one are kept, but not on the front"));
  v.list("objectives", objectives,
         "what makes a point good; the front is of those that no other beats in all");
  v.list("views", views, "charts of the report with fronts of their own, beside the front of all points");
  v.field("engine", engine, Meta("", "local: processes on this machine; slurm: array jobs"));
  v.field("jobs", jobs,
          Meta("process", "local: simulations at the same time; auto: one a core").range(1, 4096));
  v.field("point_timeout_s", point_timeout_s,
          Meta("s", "a point that takes longer has failed; 0 = no limit").at_least(0.0));
  v.field("keep", keep,
          Meta("", "all: the run folder of every point; summaries: config.yaml and summary.json of it"));
  v.section("slurm", slurm, "how array jobs are submitted");
}

namespace {

void check_expression(const std::string& text, const std::string& path, const config::Resolved& resolved,
                      config::Diagnostics& diagnostics) {
  try {
    Expression parsed(text);
  } catch (const std::invalid_argument& e) {
    diagnostics.error(resolved.mark(path), path + ": " + e.what());
  }
}

void check_assignments(const std::vector<std::string>& set, const std::string& path,
                       const config::Resolved& resolved, config::Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (set[i].find('=') != std::string::npos && set[i].front() != '=') continue;
    const std::string item = path + "[" + std::to_string(i) + "]";
    diagnostics.error(resolved.mark(item),
                      item + ": '" + set[i] + "' is not PATH=VALUE, e.g. workload.count=100");
  }
}

void check_axis(const AxisConfig& axis, const std::string& path, const config::Resolved& resolved,
                config::Diagnostics& diagnostics) {
  const auto error = [&](const std::string& key, const std::string& what) {
    diagnostics.error(resolved.mark(path + "." + key), path + (key.empty() ? "" : "." + key) + ": " + what);
  };
  const int kinds =
      !axis.values.empty() + !axis.range.empty() + !axis.log_range.empty() + !axis.choices.empty();
  if (kinds != 1) {
    diagnostics.error(resolved.mark(path), path + ": one of values, range, log_range and choices is wanted" +
                                               (kinds == 0 ? ", none is given" : ""));
  }
  if (axis.choices.empty() && axis.path.empty())
    diagnostics.error(resolved.mark(path), path + ": path: missing");
  if (!axis.choices.empty()) {
    if (!axis.path.empty()) error("path", "choices name their settings themselves; take it away");
    if (axis.name.empty()) diagnostics.error(resolved.mark(path), path + ": an axis of choices needs a name");
    for (std::size_t i = 0; i < axis.choices.size(); ++i) {
      const std::string choice = path + ".choices[" + std::to_string(i) + "]";
      if (axis.choices[i].name.empty()) diagnostics.error(resolved.mark(choice), choice + ": name: missing");
      check_assignments(axis.choices[i].set, choice + ".set", resolved, diagnostics);
    }
  }
  const auto& r = axis.range;
  if (!r.empty()) {
    if (r.size() != 2 && r.size() != 3)
      error("range", "[from, to] or [from, to, step] is wanted");
    else if (r[1] < r[0])
      error("range", "empty: " + number_text(r[1]) + " is less than " + number_text(r[0]));
    else if (r.size() == 3 && !(r[2] > 0))
      error("range", "the step must be above 0");
    else if ((r[1] - r[0]) / (r.size() == 3 ? r[2] : 1) > 1e6)
      error("range", "more than a million values");
  }
  const auto& l = axis.log_range;
  if (!l.empty()) {
    if (l.size() != 3)
      error("log_range", "[from, to, factor] is wanted");
    else if (!(l[0] > 0) || l[1] < l[0])
      error("log_range", "0 < from <= to is wanted");
    else if (!(l[2] > 1))
      error("log_range", "the factor must be above 1");
    else if (std::log(l[1] / l[0]) / std::log(l[2]) > 1e6)
      error("log_range", "more than a million values");
  }
  if (!axis.when.empty()) check_expression(axis.when, path + ".when", resolved, diagnostics);
}

void check(const SweepConfig& c, const config::Resolved& resolved, config::Diagnostics& diagnostics) {
  if (c.base.empty()) {
    diagnostics.error(resolved.mark("base"),
                      "base: missing; it names the configuration that every point starts from");
  }
  if (c.axes.empty())
    diagnostics.error(resolved.mark("axes"), "axes: there are none, so there is nothing to sweep");
  check_assignments(c.set, "set", resolved, diagnostics);
  for (std::size_t i = 0; i < c.axes.size(); ++i) {
    const std::string path = "axes[" + std::to_string(i) + "]";
    check_axis(c.axes[i], path, resolved, diagnostics);
    for (std::size_t j = 0; j < i; ++j) {
      if (c.axes[j].shown_name() == c.axes[i].shown_name() && !c.axes[i].shown_name().empty()) {
        diagnostics.error(resolved.mark(path),
                          path + ": there is another axis '" + c.axes[i].shown_name() + "'");
      }
    }
  }
  for (std::size_t i = 0; i < c.derived.size(); ++i) {
    const std::string path = "derived[" + std::to_string(i) + "]";
    if (c.derived[i].path.empty()) diagnostics.error(resolved.mark(path), path + ": path: missing");
    check_expression(c.derived[i].expression, path + ".expression", resolved, diagnostics);
    if (!c.derived[i].when.empty())
      check_expression(c.derived[i].when, path + ".when", resolved, diagnostics);
  }
  for (const auto& [key, list] : {std::pair{"require", &c.require}, std::pair{"accept", &c.accept}}) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      check_expression((*list)[i], std::string(key) + "[" + std::to_string(i) + "]", resolved, diagnostics);
    }
  }
  for (std::size_t i = 0; i < c.objectives.size(); ++i) {
    const std::string path = "objectives[" + std::to_string(i) + "]";
    if (c.objectives[i].minimise.empty() == c.objectives[i].maximise.empty()) {
      diagnostics.error(resolved.mark(path), path + ": either minimise or maximise is wanted");
      continue;
    }
    check_expression(c.objectives[i].expression(), path, resolved, diagnostics);
  }
  for (std::size_t i = 0; i < c.views.size(); ++i) {
    const std::string path = "views[" + std::to_string(i) + "]";
    const ViewConfig& view = c.views[i];
    if (view.name.empty()) diagnostics.error(resolved.mark(path), path + ": name: missing");
    for (std::size_t k = 0; k < view.accept.size(); ++k)
      check_expression(view.accept[k], path + ".accept[" + std::to_string(k) + "]", resolved, diagnostics);
    if (view.objectives.size() != 2)
      diagnostics.error(resolved.mark(path), path + ": objectives: two are wanted, the axes of the chart");
    for (std::size_t k = 0; k < view.objectives.size(); ++k) {
      const std::string item = path + ".objectives[" + std::to_string(k) + "]";
      if (view.objectives[k].minimise.empty() == view.objectives[k].maximise.empty())
        diagnostics.error(resolved.mark(item), item + ": either minimise or maximise is wanted");
      else
        check_expression(view.objectives[k].expression(), item, resolved, diagnostics);
    }
    const PublishedConfig& p = view.published;
    if (!p.file.empty() && (p.x.empty() || p.y.empty()))
      diagnostics.error(resolved.mark(path + ".published"),
                        path + ".published: x and y are wanted, the columns of the two objectives");
  }
  const bool evolves = c.sampler.kind == SamplerKind::nsga2 || c.sampler.kind == SamplerKind::moead;
  if (evolves && c.objectives.empty()) {
    diagnostics.error(resolved.mark("sampler.kind"), "sampler.kind: evolution needs objectives");
  }
  if (c.sampler.kind == SamplerKind::moead && c.objectives.size() == 1) {
    diagnostics.error(resolved.mark("sampler.kind"),
                      "sampler.kind: moead needs two objectives or more; nsga2 takes one");
  }
  if (c.sampler.kind == SamplerKind::nsga2 && c.sampler.population % 4 != 0) {
    diagnostics.error(resolved.mark("sampler.population"), "sampler.population: nsga2 needs a multiple of 4");
  }
}

}  // namespace

LoadedSweep load_sweep(const std::string& file, const std::vector<std::string>& overrides) {
  config::Diagnostics diagnostics;
  config::Document document = config::Document::load(file, diagnostics);
  for (const std::string& assignment : overrides) document.set(assignment, diagnostics);
  LoadedSweep loaded;
  loaded.file = file;
  loaded.resolved = config::read(document, loaded.config, diagnostics);
  if (diagnostics.ok()) check(loaded.config, loaded.resolved, diagnostics);
  if (!diagnostics.ok()) throw app::Reported(Exit::usage, diagnostics.text());
  if (loaded.config.sweep.empty()) loaded.config.sweep = loaded.file.stem().string();
  const std::filesystem::path base = loaded.config.base;
  loaded.base = base.is_absolute() ? base : loaded.file.parent_path() / base;
  loaded.text = config::dump(loaded.config, &loaded.resolved);
  return loaded;
}

std::string describe_sweep() {
  SweepConfig defaults;
  return config::describe_text(defaults);
}

}  // namespace sim::sweep
