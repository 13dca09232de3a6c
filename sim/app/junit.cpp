// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/junit.h"

#include <algorithm>
#include <sstream>

#include "sim/app/run_folder.h"

namespace sim::app {
namespace {

using Outcome = JunitCase::Outcome;

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
      case '\t':
        out += c;
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return out;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return escaped(text);
}

void write_case(std::ostream& out, const std::string& suite, const JunitCase& c) {
  out << "    <testcase classname=\"" << one_line(suite) << "\" name=\"" << one_line(c.name)
      << "\" time=\"0\"";
  if (c.outcome == Outcome::passed) {
    out << "/>\n";
    return;
  }
  const char* element = c.outcome == Outcome::failed ? "failure" : "error";
  out << ">\n      <" << element << " message=\"" << one_line(c.message) << "\">" << escaped(c.text) << "</"
      << element << ">\n    </testcase>\n";
}

}  // namespace

void write_junit(const std::filesystem::path& file, const std::string& suite,
                 const std::vector<JunitCase>& cases) {
  const auto count = [&](Outcome outcome) {
    return std::count_if(cases.begin(), cases.end(),
                         [&](const JunitCase& c) { return c.outcome == outcome; });
  };
  std::ostringstream counts;
  counts << "tests=\"" << cases.size() << "\" failures=\"" << count(Outcome::failed) << "\" errors=\""
         << count(Outcome::error) << "\"";
  std::ostringstream out;
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites " << counts.str()
      << ">\n  <testsuite name=\"" << one_line(suite) << "\" " << counts.str()
      << " skipped=\"0\" time=\"0\">\n";
  for (const JunitCase& c : cases) write_case(out, suite, c);
  out << "  </testsuite>\n</testsuites>\n";
  write_file(file, out.str());
}

}  // namespace sim::app
