// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "traces/io/format.h"
#include "traces/io/reader.h"
#include "traces/io/records.h"

namespace trace {

/// Whether the records of a trace make sense beside each other: their order, sizes and ranges (FORMAT.md,
/// "Rules"). Memory is bounded by layers and moduli, not by the length of the trace.
class Validator {
 public:
  /// Called with what is wrong with the record given last. May throw to stop.
  using Report = std::function<void(const std::string& problem)>;

  /// Checks the header. Throws sim::Error(Exit::input) where it leaves nothing to check the rest against.
  Validator(const Header& header, std::string name, Report report);

  /// The next record, in the order of the file; neither header nor footer.
  void check(const Record& record);
  /// The footer, beside what the reader counted.
  void finish(const Footer& footer, const std::array<std::uint64_t, kKinds + 1>& counts);

 private:
  struct ModulusState {
    unsigned bits = 0;
    std::string value;
  };
  struct TokenState {
    std::uint32_t index = 0, id = 0, position = 0;
    std::string layer_bits;
  };

  void wrong(const std::string& text) { report_(text); }
  void check_header();
  bool check_place(const char* kind, std::uint32_t layer, int matrix);
  bool check_matrix(const char* kind, std::uint32_t layer, int matrix, std::uint64_t rows,
                    std::uint64_t cols);
  bool check_layer(const char* kind, std::uint32_t layer);
  void check_after_token(const char* kind);
  void check_before_token(const char* kind);
  void check(const Tensor& tensor);
  void check_codes(const Tensor& tensor);
  void check(const TileDigest& digest);
  void check(const Prefill& prefill);
  void check(const Token& token);
  void check(const Gemv& gemv);
  void check(const KvAppend& append);
  void check(const KvAttend& attend);
  void check(const Modulus& modulus);
  void check(const ModMul& part);
  void check_program(const ModMul& part);
  void check_operands(const ModMul& part, const ModulusState& modulus);
  void check_content();

  const Header& header_;
  std::string name_;
  Report report_;
  std::map<std::pair<std::uint32_t, int>, std::uint64_t> tensor_rows_;  // rows there are so far
  std::map<std::pair<std::uint32_t, int>, bool> digests_;
  std::map<std::uint32_t, ModulusState> moduli_;
  std::optional<TokenState> token_;
  bool prefill_ = false;
  bool weights_checked_ = false;
};

struct Validation {
  std::uint64_t problems = 0;
  bool complete = false;  ///< as the footer says
};

/// Reads a trace to its end and calls `report` with "FILE: record ...: what" for everything that breaks a
/// rule. Throws as Reader does where the file itself is damaged.
Validation validate(Reader& reader, const std::function<void(const std::string& line)>& report,
                    const std::function<void()>& progress = {});

}  // namespace trace
