// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// slice and diff: what makes one trace of another, or looks at two.
#include <filesystem>
#include <iostream>

#include "sim/app/options.h"
#include "traces/io/diff.h"
#include "traces/io/slice.h"
#include "traces/verbs/file_progress.h"
#include "traces/verbs/trace_verb.h"

namespace trace::verbs {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using sim::Error;
using sim::Exit;
using sim::app::parse;
using sim::app::Parsed;
using sim::app::VerbSpec;

VerbSpec slice_spec() {
  VerbSpec verb{
      "trace slice",
      "FILE",
      "Copies a range of tokens into a trace of its own.",
      "The header, the weights and everything else before the first token are kept. Of a damaged file, what "
      "is\ngood of the range is kept and marked incomplete, and the exit code is 3.\n\n"
      "exit codes: 0 done; 2 wrong usage, or no such token; 3 a file cannot be read or written, or is "
      "damaged\n",
      1,
      1,
      po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("tokens", po::value<std::string>()->value_name("A:B"),
       "tokens A to B - 1 by their index; :B from the first, A: to the last; required")         //
      ("output,o", po::value<std::string>()->value_name("OUT.tct"), "the new trace; required")  //
      ("overwrite", "replace OUT.tct where it exists");
  return verb;
}

VerbSpec diff_spec() {
  VerbSpec verb{
      "trace diff",
      "A.tct B.tct",
      "Compares two traces of one run, e.g. of two builds of the generator.",
      "Token ids, bits per layer, integer results given equal codes, volumes and weights must be equal;\n"
      "activation codes and pple may differ within limits, since float arithmetic rounds differently. Times\n"
      "are not compared, nor are kinds of records that the header of one trace excludes.\n\n"
      "exit codes: 0 within the limits; 2 wrong usage; 3 a file cannot be read or is damaged; 4 different\n",
      2,
      2,
      po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("activation-codes", po::value<double>()->default_value(0.999, "0.999")->value_name("SHARE"),
       "least share of equal activation codes")  //
      ("pple", po::value<double>()->default_value(1e-3, "1e-3")->value_name("X"),
       "largest relative difference of pple")  //
      ("pq-digests", po::value<double>()->default_value(0, "0")->value_name("SHARE"),
       "least share of equal digests of PQ codes, each of which covers many codes; 0 = shown, not judged")  //
      ("exact", "every record but the footer must be equal byte for byte, times included");
  return verb;
}

std::uint64_t number(const std::string& text, std::uint64_t absent) {
  if (text.empty()) return absent;
  return whole_number(text, "--tokens: '" + text + "' is no token index; a range is A:B, :B or A:");
}

TokenRange range(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) {
    throw Error(Exit::usage, "--tokens: '" + text + "' is no range; it is A:B, :B or A:");
  }
  const TokenRange range{number(text.substr(0, colon), 0), number(text.substr(colon + 1), UINT64_MAX)};
  if (range.begin >= range.end) throw Error(Exit::usage, "--tokens: the range " + text + " is empty");
  return range;
}

double share(const po::variables_map& options, const char* name, double most) {
  const double value = options[name].as<double>();
  if (!(value >= 0 && value <= most)) {
    throw Error(Exit::usage, std::string("--") + name + " must be in [0, 1]");
  }
  return value;
}

}  // namespace

int slice(const std::vector<std::string>& words) {
  VerbSpec verb = slice_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  for (const char* required : {"tokens", "output"}) {
    if (parsed.options.count(required) == 0) {
      throw Error(Exit::usage,
                  std::string("--") + required + " is missing; `tricycle trace slice --help` explains it");
    }
  }
  const std::string& from = parsed.arguments.front();
  const std::string to = parsed.options["output"].as<std::string>();
  const TokenRange tokens = range(parsed.options["tokens"].as<std::string>());
  Reader reader(from);
  if (fs::exists(to)) {
    if (fs::equivalent(from, to)) throw Error(Exit::usage, "-o " + to + " is the trace that is read");
    if (parsed.options.count("overwrite") == 0) {
      throw Error(Exit::usage, to + " exists already; --overwrite replaces it");
    }
  }
  FileProgress progress(reader);
  const SliceResult result = trace::slice(reader, tokens, to, progress.callback());
  progress.clear();
  std::cout << to << ": " << result.tokens << " tokens, " << fs::file_size(to) << " bytes\n";
  if (result.left_out > 0) {
    std::cout << result.left_out << " records of kinds that this version does not know were left out\n";
  }
  return 0;
}

int diff(const std::vector<std::string>& words) {
  VerbSpec verb = diff_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  const DiffLimits limits{share(parsed.options, "activation-codes", 1), share(parsed.options, "pple", 1),
                          share(parsed.options, "pq-digests", 1)};
  Reader a(parsed.arguments[0]), b(parsed.arguments[1]);
  FileProgress progress(a);
  const bool exact = parsed.options.count("exact") != 0;
  const DiffReport report =
      exact ? diff_exactly(a, b, progress.callback()) : trace::diff(a, b, limits, progress.callback());
  progress.clear();
  report.text(std::cout);
  if (!report.within()) {
    std::cout.flush();
    throw Error(Exit::check, a.name() + " and " + b.name() +
                                 (exact ? " differ" : " differ by more than float arithmetic explains"));
  }
  return 0;
}

}  // namespace trace::verbs
