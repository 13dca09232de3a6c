// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "traces/workload/model/safetensors.h"

namespace workload {

// The tensors of a model directory: model.safetensors, or model.safetensors.index.json and the files it
// names. An index is read strictly: files lie in the directory, every tensor is where the index says, and no
// file holds tensors that the index does not name. Throws sim::Error (input).
class Checkpoint {
 public:
  explicit Checkpoint(const std::filesystem::path& directory);

  bool has(const std::string& tensor) const { return where_.count(tensor) != 0; }
  // Of a tensor that must be there: the file as a path, for messages.
  std::string file_of(const std::string& tensor) const { return file(tensor).file().string(); }
  std::vector<std::string> tensors() const;

  // Throws sim::Error (input) unless the tensor is there with that shape; the message has file, tensor and
  // both shapes.
  void require(const std::string& tensor, const std::vector<std::uint64_t>& shape) const;

  // The tensor, which must be there, as f32 into `out`. Throws sim::Error (input) for a value that is not
  // finite.
  void read(const std::string& tensor, float* out) const;

 private:
  void open_index(const std::filesystem::path& index);
  const SafetensorsFile& file(const std::string& tensor) const { return files_[where_.at(tensor)]; }

  std::filesystem::path directory_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, std::size_t> where_;  // tensor -> file
};

}  // namespace workload
