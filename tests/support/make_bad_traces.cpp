// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// make_bad_traces TESTS_BAD: writes the traces of tests/bad that cannot be cut from a good one: whole files
// whose records break rules.
#include <cstdio>
#include <filesystem>

#include "tests/support/trace_samples.h"

namespace {

using trace::Record;

void write(const std::filesystem::path& file, const trace::Header& header, const std::vector<Record>& records,
           bool complete = true) {
  std::filesystem::create_directories(file.parent_path());
  trace::Writer writer(file, header);
  for (const Record& record : records) writer.write(record);
  writer.finish(complete);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_bad_traces TESTS_BAD\n", stderr);
    return 2;
  }
  const std::filesystem::path bad = argv[1];
  const trace::Header header = test_support::sample_header();
  {  // a token too many layers long, a gap between tokens, a gemv of another matrix's size
    auto records = test_support::sample_records();
    bool first = true;
    for (Record& record : records) {
      if (record.has_token() && record.token().index() == 1)
        record.mutable_token()->mutable_layer_bits()->push_back(8);
      if (record.has_token() && record.token().index() == 2) record.mutable_token()->set_index(7);
      if (record.has_gemv() && first) record.mutable_gemv()->set_rows(99);
      if (record.has_gemv()) first = false;
    }
    write(bad / "trace/validate_rules_bad/broken.tct", header, records);
  }
  {  // a model without layers
    trace::Header none = header;
    none.mutable_model()->set_layers(0);
    write(bad / "trace/validate_header_bad/header.tct", none, {});
  }
  {  // c0^3 made from c1: right by every rule, wrong by its weights
    auto records = test_support::sample_records();
    for (Record& record : records) {
      if (record.has_mod_mul()) record.mutable_mod_mul()->set_operations(3, 1);
    }
    write(bad / "allmod/trace_wrong_chain_bad/wrong.tct", header, records);
  }
  {  // no encrypted layers
    auto records = test_support::sample_records();
    std::vector<Record> plain;
    for (Record& record : records) {
      if (!record.has_mod_mul() && !record.has_modulus()) plain.push_back(record);
    }
    trace::Header without = header;
    without.mutable_content()->set_encrypted(false);
    write(bad / "allmod/trace_without_mod_mul_bad/plain.tct", without, plain);
  }
  {  // an operand that is not below the modulus
    auto records = test_support::sample_records();
    for (Record& record : records) {
      if (record.has_mod_mul()) record.mutable_mod_mul()->set_operands(std::string("\xff\xf1\x00\x01", 4));
    }
    write(bad / "allmod/trace_breaks_rule_bad/operand.tct", header, records);
  }
  return 0;
}
