// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/manifest.h"

#include <ctime>
#include <filesystem>
#include <thread>

#include <sys/resource.h>
#include <sys/utsname.h>

#include "sim/app/build_info.h"

namespace sim::app {
namespace {

using Json = nlohmann::ordered_json;

std::string utc(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

Json host() {
  struct utsname name {};
  ::uname(&name);
  Json json;
  json["name"] = name.nodename;
  json["system"] = std::string(name.sysname) + " " + name.release + " " + name.machine;
  json["cores"] = std::thread::hardware_concurrency();
  return json;
}

std::uint64_t peak_memory_bytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace

Json to_json(const Manifest& manifest, const Loaded& loaded, const Job& job) {
  const BuildInfo build = build_info();
  Json json;
  json["schema"] = 1;
  json["outcome"] = manifest.outcome;
  json["partial"] = manifest.partial;
  json["exit_code"] = manifest.ended ? Json(manifest.exit_code) : Json();
  json["failure"] = manifest.failure.empty() ? Json() : Json(manifest.failure);
  json["model"] = loaded.model->name();
  json["version"] = build.version;
  json["git_commit"] = build.git_commit;
  json["compiler"] = build.compiler;
  json["build_type"] = build.build_type;
  json["systemc"] = systemc_version();
  json["command_line"] = manifest.command_line;
  std::error_code ignored;
  json["working_folder"] = std::filesystem::current_path(ignored).string();
  json["config_file"] = manifest.config_file;
  json["config_digest"] = loaded.digest;
  const std::string trace = job.trace_digest();
  json["trace_digest"] = trace.empty() ? Json() : Json(trace);
  const auto seed = job.seed();
  json["seed"] = seed ? Json(*seed) : Json();
  json["host"] = host();
  json["started"] = utc(manifest.started);
  json["ended"] = manifest.ended ? Json(utc(std::chrono::system_clock::now())) : Json();
  json["wall_s"] = manifest.wall_s;
  json["cpu_s"] = {{"set_up", manifest.set_up_cpu_s}, {"simulation", manifest.simulation_cpu_s}};
  json["peak_memory_bytes"] = peak_memory_bytes();
  Json& files = json["files"] = Json::array();
  for (const Artefact& file : manifest.files) files.push_back({{"file", file.file}, {"text", file.text}});
  return json;
}

}  // namespace sim::app
