// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include "sim/core/error.h"

namespace sim::app {

/// An Error whose text is complete as it stands: lines with their own positions and the word "error".
class Reported : public Error {
 public:
  using Error::Error;
};

/// What a verb accepts and what its --help says.
struct VerbSpec {
  std::string name;
  std::string arguments;  ///< "CONFIG.yaml", for the usage line
  std::string text;       ///< one line
  std::string details;    ///< paragraphs behind the options; may be empty
  std::size_t least = 0;  ///< number of arguments that are not options
  std::size_t most = 0;
  boost::program_options::options_description options;
};

struct Parsed {
  boost::program_options::variables_map options;
  std::vector<std::string> arguments;
  bool help = false;  ///< --help was given; nothing else was checked
};

/// Reads the words behind the verb. Adds --help to the options.
/// Throws Error(Exit::usage) for options there are not (with the nearest one there is: abbreviations are
/// errors, too) and for too few or too many arguments.
Parsed parse(VerbSpec& spec, const std::vector<std::string>& words);

std::string help_text(const VerbSpec& spec);

/// "a, b, c".
std::string listed(const std::vector<std::string>& words);

}  // namespace sim::app
