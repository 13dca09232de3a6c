// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace workload {

enum class TensorType { f32, f16, bf16 };
const char* name(TensorType type);  // as in the file: F32, F16, BF16

struct TensorEntry {
  TensorType type = TensorType::f32;
  std::vector<std::uint64_t> shape;
  std::uint64_t elements = 0;
  std::uint64_t begin = 0;  // byte in the file
  std::uint64_t bytes = 0;
};

std::string shape_text(const std::vector<std::uint64_t>& shape);  // "[512, 256]"

// One *.safetensors file, read strictly: 8 bytes of header length (at most 100 MB, and inside the file), a
// JSON header without duplicate keys, tensors of known types whose bytes match their shapes and together fill
// the rest of the file with neither gap nor overlap. The header is checked when the file is opened; weights
// are read on demand, piece by piece, so that memory is the tensor's own. Every error is sim::Error (input)
// and names file, tensor and what is wrong.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(std::filesystem::path file);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&& other) noexcept;
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  const std::filesystem::path& file() const { return file_; }
  const std::map<std::string, TensorEntry>& tensors() const { return tensors_; }

  // The elements as f32, exact; `out` has room for all. The tensor must be there.
  void read(const std::string& tensor, float* out) const;

 private:
  void read_at(std::uint64_t offset, void* out, std::size_t bytes, const std::string& what) const;

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::map<std::string, TensorEntry> tensors_;
};

// The header alone: `text` is the JSON behind the length, `data_begin` the byte behind it, `file_bytes` the
// file's size. What SafetensorsFile checks, without a file; for tests that feed it hostile text.
std::map<std::string, TensorEntry> parse_safetensors_header(const std::string& text, std::uint64_t data_begin,
                                                            std::uint64_t file_bytes,
                                                            const std::string& where);

}  // namespace workload
