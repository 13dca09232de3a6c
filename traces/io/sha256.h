// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trace {

/// SHA-256 (FIPS 180-4) of bytes that come in pieces. Uses the processor's SHA instructions where it has
/// them; the trace library needs no cryptography library for one hash.
class Sha256 {
 public:
  enum class Path { automatic, portable };
  explicit Sha256(Path path = Path::automatic);

  void update(std::string_view bytes);
  /// The digest, 32 bytes. Nothing may follow.
  std::string finish();

 private:
  void blocks(const unsigned char* data, std::size_t count);

  std::array<std::uint32_t, 8> state_;
  std::array<unsigned char, 64> rest_{};
  std::size_t rest_size_ = 0;
  std::uint64_t bytes_ = 0;
  bool instructions_;
};

}  // namespace trace
