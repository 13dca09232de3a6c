// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Rules of encrypted layers. Whether the operations give what the weights say is checked where they are
// executed; here nothing is multiplied.
#include "traces/io/shape.h"
#include "traces/io/validate.h"
#include "traces/io/validate_text.h"

namespace trace {
namespace {

constexpr std::size_t kMostModuli = 4096;
constexpr std::uint32_t kMostBits = 1u << 16;

// Without leading zero bytes.
unsigned bit_length(const std::string& big_endian) {
  unsigned bits = 8 * static_cast<unsigned>(big_endian.size());
  for (unsigned top = static_cast<unsigned char>(big_endian[0]); top < 128; top <<= 1) --bits;
  return bits;
}

}  // namespace

void Validator::check(const Modulus& m) {
  if (!header_.content().encrypted())
    wrong("Modulus: the header's content.encrypted says that there is none");
  if (m.kind() != "paillier" && m.kind() != "prime") {
    wrong("Modulus: kind is '" + printable(m.kind()) + "', neither paillier nor prime");
  }
  if (m.value().empty() || m.value()[0] == '\0' || m.bits() > kMostBits ||
      bit_length(m.value()) != m.bits()) {
    wrong("Modulus: value is not a number of exactly " + n(m.bits()) + " bits without leading zero bytes");
    return;
  }
  if ((m.value().back() & 1) == 0) wrong("Modulus: value is even");
  if (moduli_.size() >= kMostModuli) {
    wrong("Modulus: more than " + n(kMostModuli) + " moduli");
    return;
  }
  if (!moduli_.emplace(m.id(), ModulusState{m.bits(), m.value()}).second) {
    wrong("Modulus: a second one with id " + n(m.id()));
  }
}

void Validator::check(const ModMul& part) {
  check_after_token("ModMul");
  const auto modulus = moduli_.find(part.modulus_id());
  if (modulus == moduli_.end()) {
    wrong("ModMul: no Modulus with id " + n(part.modulus_id()) + " came before");
    return;
  }
  if (!check_place("ModMul", part.layer(), part.matrix())) return;
  const MatrixShape shape = matrix_shape(header_.model(), part.matrix());
  if (part.inputs() == 0 || std::uint64_t{part.first_input()} + part.inputs() > shape.cols ||
      part.outputs() == 0 || std::uint64_t{part.first_output()} + part.outputs() > shape.rows) {
    wrong("ModMul: inputs " + n(part.first_input()) + " + " + n(part.inputs()) + ", outputs " +
          n(part.first_output()) + " + " + n(part.outputs()) + " of " + matrix_name(part.matrix()) +
          ", which has " + n(shape.cols) + " inputs and " + n(shape.rows) + " outputs");
    return;
  }
  if (part.population() == 0) wrong("ModMul: population is 0; the part itself counts");
  check_program(part);
  check_operands(part, modulus->second);
}

void Validator::check_program(const ModMul& part) {
  if (part.weight_bits() != 4 && part.weight_bits() != 8) {
    wrong("ModMul: " + n(part.weight_bits()) + " weight_bits, neither 4 nor 8");
    return;
  }
  const std::uint64_t weights = std::uint64_t{part.inputs()} * part.outputs();
  if (static_cast<std::uint64_t>(part.weights_size()) != weights) {
    wrong("ModMul: " + n(part.weights_size()) + " weights for " + n(part.outputs()) + " outputs x " +
          n(part.inputs()) + " inputs");
    return;
  }
  const int most = part.weight_bits() == 4 ? 7 : 127;
  for (const int weight : part.weights()) {
    if (weight >= -most && weight <= most) continue;
    wrong("ModMul: weight " + std::to_string(weight) + " does not fit " + n(part.weight_bits()) + " bits (-" +
          n(most) + " to " + n(most) + ")");
    return;
  }
  if (part.operations_size() % 2 != 0) {
    wrong("ModMul: operations come in pairs, and there are " + n(part.operations_size()) + " numbers");
    return;
  }
  for (int i = 0; i < part.operations_size(); ++i) {
    const std::uint64_t values = std::uint64_t{part.inputs()} + i / 2;
    if (part.operations(i) < values) continue;
    wrong("ModMul: operation " + n(i / 2) + " uses value " + n(part.operations(i)) + ", before it are only " +
          n(values));
    return;
  }
  // One accumulator for each output and sign that has weights: bit 0 positive, bit 1 negative.
  std::string expected(part.outputs(), '\0');
  for (std::uint32_t o = 0; o < part.outputs(); ++o) {
    for (std::uint32_t i = 0; i < part.inputs(); ++i) {
      const int weight = part.weights(static_cast<int>(o * part.inputs() + i));
      if (weight != 0) expected[o] = static_cast<char>(expected[o] | (weight < 0 ? 2 : 1));
    }
  }
  const std::uint64_t values = std::uint64_t{part.inputs()} + part.operations_size() / 2;
  for (const ModMulOutput& result : part.results()) {
    if (result.value() >= values) {
      wrong("ModMul: a result is value " + n(result.value()) + " of " + n(values));
      return;
    }
    const int bit = result.negative() ? 2 : 1;
    if (result.output() >= part.outputs() || (expected[result.output()] & bit) == 0) {
      wrong("ModMul: a result of output " + n(result.output()) +
            (result.negative() ? " (negative)" : " (positive)") +
            " comes twice, or has no weight of that sign, or is none of " + n(part.outputs()));
      return;
    }
    expected[result.output()] = static_cast<char>(expected[result.output()] & ~bit);
  }
  const std::size_t missing = expected.find_first_not_of('\0');
  if (missing != std::string::npos) {
    wrong("ModMul: output " + n(missing) + " has " +
          ((expected[missing] & 1) != 0 ? "positive" : "negative") + " weights and no such result");
  }
}

void Validator::check_operands(const ModMul& part, const ModulusState& modulus) {
  const std::size_t bytes = (modulus.bits + 7) / 8;
  if (part.operands().size() != part.inputs() * bytes) {
    wrong("ModMul: operands has " + n(part.operands().size()) + " bytes, " + n(part.inputs()) + " of " +
          n(bytes) + " are expected");
    return;
  }
  for (std::uint32_t i = 0; i < part.inputs(); ++i) {
    // Big-endian numbers of the same length compare like texts.
    if (part.operands().compare(i * bytes, bytes, modulus.value) < 0) continue;
    wrong("ModMul: operand " + n(i) + " is not below the modulus");
    return;
  }
}

}  // namespace trace
