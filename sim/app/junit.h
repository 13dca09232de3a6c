// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sim::app {

/// One test case of a JUnit XML file.
struct JunitCase {
  enum class Outcome { passed, failed, error };
  std::string name;
  Outcome outcome = Outcome::passed;
  std::string message;  ///< one line; of a case that did not pass
  std::string text;     ///< the details, whole lines; of a case that did not pass
};

/// The test report that CI systems read (GitLab's artifacts:reports:junit, Jenkins' junit step, GitHub
/// actions): one <testsuite> with one <testcase> each. `suite` names what was tested. Characters that XML 1.0
/// cannot hold become '?'. Throws Error(Exit::input) when the file cannot be written.
void write_junit(const std::filesystem::path& file, const std::string& suite,
                 const std::vector<JunitCase>& cases);

}  // namespace sim::app
