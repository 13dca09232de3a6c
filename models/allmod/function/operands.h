// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <istream>
#include <vector>

#include "models/allmod/function/tables.h"

namespace allmod {

// A numbered list of operands X < 2^(2n). Operand i is the same whenever and in whatever order it is asked
// for.
class Operands {
 public:
  virtual ~Operands() = default;

  // Writes operand `index` (x_limbs() limbs).
  virtual void get(std::uint64_t index, Limb* x) const = 0;

  // Writes `count` operands from `first` on, `stride` limbs apart.
  virtual void get_many(std::uint64_t first, std::size_t count, Limb* xs, std::size_t stride) const;

  // Number of operands; 0 = endless.
  virtual std::uint64_t size() const { return 0; }

  std::size_t x_limbs() const { return x_limbs_; }

 protected:
  explicit Operands(unsigned n);

  std::size_t x_limbs_;
  Limb top_mask_;  // of the top limb
};

// Uniform in [0, 2^(2n)), endless; operand i depends on n, seed and i alone.
class RandomOperands final : public Operands {
 public:
  RandomOperands(unsigned n, std::uint64_t seed);
  void get(std::uint64_t index, Limb* x) const override;
  void get_many(std::uint64_t first, std::size_t count, Limb* xs, std::size_t stride) const override;

 private:
  std::uint64_t key_;
};

// The operands at which reducers break: 0, 1, M-1, M, M+1, (M<<j)+{-1,0,1} for j = 0..n, 2^n, 2^(2n)-1,
// (M-1)^2, k*M and k*M-1 for random k, all-ones groups, every table at its largest entry (the sum at its
// bound), then random ones, endless.
class AdversarialOperands final : public Operands {
 public:
  AdversarialOperands(const Tables& tables, std::uint64_t seed);
  void get(std::uint64_t index, Limb* x) const override;
  std::uint64_t special() const { return count_; }  // how many come before the random ones

 private:
  std::vector<Limb> list_;
  std::uint64_t count_;
  RandomOperands random_;
};

// Operands of a file: one hexadecimal number a line ("0x" allowed; '#' starts a comment; empty lines are
// skipped), or CSV (a file whose first line has a comma): the column `x` of the header, or the first column.
// Throws sim::Error(Exit::input) "FILE:LINE:COLUMN: what is wrong; what to do".
class FileOperands final : public Operands {
 public:
  FileOperands(const std::filesystem::path& file, unsigned n);
  FileOperands(std::istream& text, const std::string& name, unsigned n);  // `name` stands for FILE
  void get(std::uint64_t index, Limb* x) const override;
  std::uint64_t size() const override { return list_.size() / x_limbs_; }

 private:
  std::vector<Limb> list_;
};

}  // namespace allmod
