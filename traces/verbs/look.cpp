// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// info, dump, validate: what looks at one trace.
#include <iostream>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "sim/app/options.h"
#include "sim/config/suggest.h"
#include "traces/io/info.h"
#include "traces/io/json.h"
#include "traces/io/validate.h"
#include "traces/verbs/file_progress.h"
#include "traces/verbs/trace_verb.h"

namespace trace::verbs {
namespace {

namespace po = boost::program_options;
using sim::Error;
using sim::Exit;
using sim::app::parse;
using sim::app::Parsed;
using sim::app::VerbSpec;

constexpr std::size_t kMostFiles = 1000;
constexpr std::uint64_t kProblemsShown = 20;
constexpr const char* kCodes =
    "exit codes: 0 done; 2 wrong usage; 3 a file cannot be read, is damaged or breaks a rule\n";

VerbSpec info_spec() {
  return {
      "trace info",
      "FILE...",
      "Prints what traces hold: model, settings, records by kind, tokens, bits per layer, sizes, digest.",
      std::string("The whole file is read and its digest checked. Of a damaged file the figures up to the "
                  "damage\nare printed.\n\n") +
          kCodes,
      1,
      kMostFiles,
      po::options_description("", 100, 50)};
}

VerbSpec dump_spec() {
  VerbSpec verb{
      "trace dump",
      "FILE",
      "Prints records as JSON, one line a record.",
      std::string("A line is {\"record\": NUMBER, \"KIND\": {...}} with the names of trace.proto. Bytes are "
                  "hexadecimal,\nlayer_bits a list of numbers, digests of 64 bits sixteen hexadecimal "
                  "digits.\n\nkinds: ") +
          sim::app::listed(kind_names()) + "\n\n" + kCodes,
      1,
      1,
      po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("records", po::value<std::string>()->value_name("KINDS"),
       "only these kinds, separated by commas; default all")  //
      ("first", po::value<std::string>()->default_value("0")->value_name("N"),
       "begin with record N; the header is 0")  //
      ("count", po::value<std::string>()->value_name("N"),
       "end after N printed records")  //
      ("short", "cut long lists and bytes after 16 entries");
  return verb;
}

VerbSpec validate_spec() {
  return {
      "trace validate",
      "FILE...",
      "Checks traces: every frame, record and digest, and whether the records make sense beside each other.",
      std::string(
          "The rules stand in traces/FORMAT.md. Each problem is named with its record and byte. A trace "
          "that says\nthat its writer was stopped early breaks no rule; the result says so.\n\n") +
          kCodes,
      1,
      kMostFiles,
      po::options_description("", 100, 50)};
}

std::set<unsigned> kinds(const std::string& text) {
  std::set<unsigned> chosen;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    const unsigned kind = kind_of_name(word);
    if (kind == 0) {
      throw Error(Exit::usage, "--records: there is no kind '" + word + "'" +
                                   sim::config::did_you_mean(word, kind_names()) +
                                   "; the kinds are: " + sim::app::listed(kind_names()));
    }
    chosen.insert(kind);
  }
  if (chosen.empty())
    throw Error(Exit::usage, "--records needs at least one kind: " + sim::app::listed(kind_names()));
  return chosen;
}

void print(std::uint64_t number, Kind kind, const google::protobuf::Message& message,
           const JsonOptions& how) {
  nlohmann::ordered_json line;
  line["record"] = number;
  line[kind_name(kind)] = to_json(message, how);
  std::cout << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
  if (!std::cout) throw Error(Exit::input, "cannot write to stdout; is the disk full?");
}

/// The message of the kind inside a record.
const google::protobuf::Message& content(const Record& record) {
  const auto& reflection = *record.GetReflection();
  const auto* field = record.GetDescriptor()->FindFieldByNumber(record.kind_case());
  return reflection.GetMessage(record, field);
}

}  // namespace

int info(const std::vector<std::string>& words) {
  VerbSpec verb = info_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  for (const std::string& file : parsed.arguments) {
    Reader reader(file);
    FileProgress progress(reader);
    Info info(reader);
    try {
      info.read(reader, progress.callback());
    } catch (const Error&) {
      progress.clear();
      info.text(std::cout);
      std::cout.flush();
      throw;
    }
    progress.clear();
    info.text(std::cout);
  }
  return 0;
}

int dump(const std::vector<std::string>& words) {
  VerbSpec verb = dump_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  std::set<unsigned> chosen;
  if (parsed.options.count("records") != 0) chosen = kinds(parsed.options["records"].as<std::string>());
  const auto whole = [&](const char* option) {
    const auto& text = parsed.options[option].as<std::string>();
    return whole_number(text, std::string("--") + option + ": '" + text + "' is no number of records");
  };
  const std::uint64_t first = whole("first");
  std::uint64_t left = parsed.options.count("count") != 0 ? whole("count") : UINT64_MAX;
  const JsonOptions how{parsed.options.count("short") != 0};
  const auto wanted = [&](std::uint64_t number, Kind kind) {
    return left > 0 && number >= first && (chosen.empty() || chosen.count(static_cast<unsigned>(kind)) != 0);
  };
  Reader reader(parsed.arguments.front());
  if (wanted(0, Kind::header)) {
    print(0, Kind::header, reader.header(), how);
    --left;
  }
  // Without the rest of the file there is no footer, and nothing can be said about the digest.
  while (left > 0 && reader.next()) {
    if (!wanted(reader.position().record, reader.kind())) continue;
    print(reader.position().record, reader.kind(), content(reader.record()), how);
    --left;
  }
  if (reader.at_end() && wanted(reader.position().record, Kind::footer)) {
    print(reader.position().record, Kind::footer, reader.footer(), how);
  }
  return 0;
}

int validate(const std::vector<std::string>& words) {
  VerbSpec verb = validate_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  std::uint64_t bad = 0;
  for (const std::string& file : parsed.arguments) {
    Reader reader(file);
    FileProgress progress(reader);
    std::uint64_t problems = 0;
    const auto report = [&](const std::string& line) {
      progress.clear();
      if (++problems <= kProblemsShown) std::cout << line << "\n";
    };
    const Validation result = trace::validate(reader, report, progress.callback());
    progress.clear();
    std::uint64_t records = 0;
    for (const std::uint64_t each : reader.counts()) records += each;
    if (problems > kProblemsShown) {
      std::cout << file << ": and " << problems - kProblemsShown << " further problems\n";
    }
    if (problems == 0) {
      std::cout << file << ": valid, " << records << " records, " << reader.footer().tokens() << " tokens, "
                << (result.complete ? "complete" : "INCOMPLETE: its writer was stopped early") << ", digest "
                << reader.digest() << "\n";
      if (reader.skipped() > 0) {
        std::cout << file << ": " << reader.skipped()
                  << " records of kinds that this version does not know\n";
      }
    } else {
      ++bad;
    }
  }
  if (bad > 0) {
    std::cout.flush();
    throw Error(Exit::input, std::to_string(bad) + " of " + std::to_string(parsed.arguments.size()) +
                                 (parsed.arguments.size() == 1 ? " trace breaks" : " traces break") +
                                 " rules of the format");
  }
  return 0;
}

}  // namespace trace::verbs
