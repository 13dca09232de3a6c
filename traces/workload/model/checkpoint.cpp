// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/checkpoint.h"

#include <cmath>

#include "sim/core/error.h"
#include "traces/workload/model/strict_json.h"

namespace workload {
namespace {

constexpr std::size_t kMostFiles = 1024;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw sim::Error(sim::Exit::input, file.string() + ": " + what);
}

std::string quoted(const std::string& name) { return "'" + name.substr(0, 100) + "'"; }

}  // namespace

Checkpoint::Checkpoint(const std::filesystem::path& directory) : directory_(directory) {
  const auto single = directory / "model.safetensors";
  const auto index = directory / "model.safetensors.index.json";
  std::error_code error;
  if (std::filesystem::exists(single, error)) {
    files_.emplace_back(single);
    for (const auto& [name, entry] : files_.back().tensors()) where_.emplace(name, 0);
  } else if (std::filesystem::exists(index, error)) {
    open_index(index);
  } else {
    refuse(directory, "has neither model.safetensors nor model.safetensors.index.json");
  }
}

void Checkpoint::open_index(const std::filesystem::path& index) {
  const nlohmann::json document = read_strict_json(index);
  if (!document.is_object() || !document.contains("weight_map") || !document["weight_map"].is_object()) {
    refuse(index, "has no weight_map");
  }
  std::map<std::string, std::size_t> numbers;
  for (const auto& [tensor, value] : document["weight_map"].items()) {
    const std::string name = value.is_string() ? value.get<std::string>() : "";
    if (name.empty() || name.find('/') != std::string::npos || name == "." || name == ".." ||
        name.find('\0') != std::string::npos) {
      refuse(index, "tensor " + quoted(tensor) + " is said to be in a file that is none of this directory");
    }
    auto found = numbers.find(name);
    if (found == numbers.end()) {
      if (files_.size() == kMostFiles) refuse(index, "names more than 1024 files");
      found = numbers.emplace(name, files_.size()).first;
      files_.emplace_back(directory_ / name);
    }
    if (files_[found->second].tensors().count(tensor) == 0) {
      refuse(index, "tensor " + quoted(tensor) + " is not in " + name + ", where the index says it is");
    }
    where_.emplace(tensor, found->second);
  }
  for (std::size_t i = 0; i < files_.size(); ++i) {
    for (const auto& [tensor, entry] : files_[i].tensors()) {
      const auto found = where_.find(tensor);
      if (found == where_.end() || found->second != i) {
        refuse(files_[i].file(), "holds tensor " + quoted(tensor) + ", which the index does not place there");
      }
    }
  }
}

std::vector<std::string> Checkpoint::tensors() const {
  std::vector<std::string> names;
  for (const auto& [name, unused] : where_) names.push_back(name);
  return names;
}

void Checkpoint::require(const std::string& tensor, const std::vector<std::uint64_t>& shape) const {
  if (!has(tensor)) refuse(directory_, "there is no tensor '" + tensor + "' of shape " + shape_text(shape));
  const auto& found = file(tensor).tensors().at(tensor).shape;
  if (found != shape) {
    refuse(file(tensor).file(), "tensor '" + tensor + "': shape " + shape_text(found) +
                                    ", config.json needs " + shape_text(shape));
  }
}

void Checkpoint::read(const std::string& tensor, float* out) const {
  const SafetensorsFile& from = file(tensor);
  from.read(tensor, out);
  const std::uint64_t elements = from.tensors().at(tensor).elements;
  for (std::uint64_t i = 0; i < elements; ++i) {
    if (!std::isfinite(out[i])) {
      refuse(from.file(), "tensor '" + tensor + "': element " + std::to_string(i) + " is not finite");
    }
  }
}

}  // namespace workload
