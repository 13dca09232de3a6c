// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/trace_replay.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "sim/core/error.h"
#include "traces/io/reader.h"
#include "traces/io/shape.h"
#include "traces/io/validate.h"

namespace allmod {
namespace {

[[noreturn]] void refuse(const std::string& text) { throw sim::Error(sim::Exit::input, text); }

mpz_class big_endian(const std::string& bytes, std::size_t begin, std::size_t size) {
  mpz_class value;
  mpz_import(value.get_mpz_t(), size, 1, 1, 0, 0, bytes.data() + begin);
  return value;
}

// What is kept of the records until the program can be made: all inputs come before the first operation.
struct Records {
  std::map<std::uint32_t, ::trace::Modulus> moduli;
  std::vector<::trace::ModMul> parts;
  std::uint64_t seen = 0;
};

Records collect(::trace::Reader& reader, std::uint64_t first, std::uint64_t parts) {
  Records found;
  ::trace::Validator validator(reader.header(), reader.name(),
                               [&](const std::string& problem) { reader.refuse(problem); });
  while (reader.next()) {
    validator.check(reader.record());
    if (reader.kind() == ::trace::Kind::modulus) {
      found.moduli[reader.record().modulus().id()] = reader.record().modulus();
    } else if (reader.kind() == ::trace::Kind::mod_mul) {
      const ::trace::ModMul& part = reader.record().mod_mul();
      const std::uint64_t number = found.seen++;
      if (number < first || number - first >= parts) continue;
      if (!found.parts.empty() && part.modulus_id() != found.parts.front().modulus_id()) {
        reader.refuse("ModMul " + std::to_string(number) +
                      " has another modulus than the ones before it; replay " +
                      "them apart, with workload.replay.first and workload.replay.parts");
      }
      found.parts.push_back(part);
    }
  }
  validator.finish(reader.footer(), reader.counts());
  return found;
}

/// prod_i c_i^|w_oi| over the weights of one sign.
mpz_class expected(const ::trace::ModMul& part, const ::trace::ModMulOutput& result,
                   const std::vector<mpz_class>& operands, const mpz_class& modulus) {
  mpz_class product = 1, power;
  for (std::uint32_t i = 0; i < part.inputs(); ++i) {
    const int weight = part.weights(static_cast<int>(result.output() * part.inputs() + i));
    if (weight == 0 || (weight < 0) != result.negative()) continue;
    mpz_powm_ui(power.get_mpz_t(), operands[i].get_mpz_t(), static_cast<unsigned long>(std::abs(weight)),
                modulus.get_mpz_t());
    product = product * power % modulus;
  }
  return product;
}

std::unique_ptr<ChainProgram> make_program(const Modulus& modulus,
                                           const std::vector<::trace::ModMul>& parts) {
  auto program = std::make_unique<ChainProgram>(modulus);
  const std::size_t bytes = (modulus.bits() + 7) / 8;
  std::vector<std::vector<mpz_class>> operands;
  std::vector<std::uint32_t> first_input;
  for (const ::trace::ModMul& part : parts) {
    first_input.push_back(static_cast<std::uint32_t>(program->inputs()));
    std::vector<mpz_class>& values = operands.emplace_back();
    for (std::uint32_t i = 0; i < part.inputs(); ++i) {
      values.push_back(big_endian(part.operands(), i * bytes, bytes));
      program->add_input(values.back());
    }
  }
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const ::trace::ModMul& part = parts[p];
    const auto first_result = static_cast<std::uint32_t>(program->inputs() + program->operations().size());
    // The record counts its own inputs and results only.
    const auto value = [&](std::uint32_t id) {
      return id < part.inputs() ? first_input[p] + id : first_result + (id - part.inputs());
    };
    for (int i = 0; i < part.operations_size(); i += 2) {
      program->multiply(value(part.operations(i)), value(part.operations(i + 1)));
    }
    for (const ::trace::ModMulOutput& result : part.results()) {
      program->add_output(value(result.value()), expected(part, result, operands[p], modulus.value()));
    }
  }
  return program;
}

}  // namespace

std::unique_ptr<ChainProgram> part_program(const Modulus& modulus, const tricycle::trace::ModMul& part) {
  return make_program(modulus, {part});
}

std::uint64_t TraceReplay::multiplications() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts) sum += part.multiplications;
  return sum;
}

std::uint64_t TraceReplay::layer_multiplications() const {
  std::uint64_t sum = 0;
  for (const Part& part : parts) sum += part.multiplications * part.population;
  return sum;
}

TraceReplay read_replay(const std::string& file, std::uint64_t first, std::uint64_t parts) {
  ::trace::Reader reader(file);
  const Records found = collect(reader, first, parts);
  if (found.seen == 0) {
    refuse(file +
           ": the trace has no mod_mul records (encrypted layers), which source trace executes; write one "
           "with `tricycle-workload run ... --encrypt paillier2048`");
  }
  if (found.parts.empty()) {
    refuse(file + ": the trace has " + std::to_string(found.seen) + " mod_mul records, none from number " +
           std::to_string(first) + " on; lower workload.replay.first");
  }
  const ::trace::Modulus& source = found.moduli.at(found.parts.front().modulus_id());
  const Modulus modulus(big_endian(source.value(), 0, source.value().size()), source.bits(),
                        source.kind() + " modulus of the trace");
  TraceReplay replay;
  replay.file = file;
  replay.digest = reader.digest();
  replay.modulus_name = ::trace::printable(source.source());
  replay.program = make_program(modulus, found.parts);
  replay.parts_in_trace = found.seen;
  for (const ::trace::ModMul& part : found.parts) {
    replay.parts.push_back({part.layer(), ::trace::matrix_name(part.matrix()), part.weight_bits(),
                            static_cast<std::uint64_t>(part.operations_size() / 2), part.population()});
  }
  if (replay.program->operations().empty()) {
    refuse(file + ": the mod_mul records multiply nothing: all their weights are 0 or single");
  }
  return replay;
}

}  // namespace allmod
