// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include <boost/program_options.hpp>

namespace workload {

// The options of a verb and what its --help says.
struct VerbSpec {
  std::string name;
  std::string usage;    // behind "tricycle-workload NAME "
  std::string text;     // one line
  std::string details;  // paragraphs behind the options
  boost::program_options::options_description options{110, 60};
};

// Reads the words behind a verb; adds --help. There are no positional arguments and no abbreviations.
// Throws sim::Error (usage), naming the option and the nearest one there is.
boost::program_options::variables_map parse(VerbSpec& spec, const std::vector<std::string>& words);

std::string help_text(const VerbSpec& spec);

}  // namespace workload
